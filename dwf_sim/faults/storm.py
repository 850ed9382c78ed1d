"""Storms: for a while, every request is answered by an error that is not from the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from dwf_sim.duration import format_duration
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import REQUEST, RESPONSE, Delayed, Fault, check_instant, moment, span
from dwf_sim.given import check_choice, shown
from dwf_sim.model.messages import CONNECTION_CLOSED, Response
from dwf_sim.model.wire import foreign_answer


@attrs.frozen(kw_only=True)
class Storm(Fault):
    """From `at` on, for `lasts` milliseconds, each request fails: on its way, or on its way back.

    `status` is what is answered, None a closed connection.
    """

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "worker.storm": {"phase": REQUEST},
        "response.storm": {"phase": RESPONSE},
    }
    TAKES: ClassVar[tuple[str, ...]] = ()

    phase: str
    at: int = span(attrs.NOTHING)
    lasts: int = span(attrs.NOTHING)
    times: int | None = None
    status: int | None = 503

    def __attrs_post_init__(self) -> None:
        check_choice("phase", self.phase, (REQUEST, RESPONSE))
        super().__attrs_post_init__()
        if self.times is not None:
            raise ConfigError(
                f"times is {shown(self.times)}; a storm strikes all while it is on: leave it out, "
                "or give a shorter storm"
            )
        check_instant(self.at)
        if self.lasts < 1:
            raise ConfigError(f"lasts is {self.lasts} ms; a storm lasts 1 ms or longer")
        if self.status is not None:
            check_status(self.status)

    @property
    def phases(self) -> tuple[str, ...]:
        """Requests that reach their worker, or responses under way."""
        return (self.phase,)

    def is_on(self, elapsed: int) -> bool:
        """It has its time."""
        return self.at <= elapsed < self.at + self.lasts

    def answer(self, response: Response) -> tuple[Delayed, ...]:  # noqa: ARG002  # Whatever it was.
        """The engine sees an error."""
        if self.status is None:
            return (Delayed(CONNECTION_CLOSED),)
        return (Delayed(foreign_answer(self.status)),)

    def __str__(self) -> str:
        status = self.status
        if self.phase == REQUEST:
            how = "refuse every connection to a worker"
            how = how if status is None else f"answer {status} to every request before its worker"
        else:
            how = "close the connection" if status is None else f"answer {status}"
            how += " in place of every response"
        rarely = f", each with a chance of {self.chance * 100:.6g}%" if self.chance < 1 else ""
        return f"{how} for {format_duration(self.lasts)}, beginning {moment(self.at)}{rarely}"


def check_status(given: object) -> None:
    """Refuse what no gateway answers for a worker that fails."""
    if not isinstance(given, int) or isinstance(given, bool) or not 500 <= given <= 599:
        raise ConfigError(f"status is {shown(given)}; a gateway answers with 500 to 599")
