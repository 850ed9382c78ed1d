"""Storms: for a while, every request is answered by an error that is not from the worker."""

from __future__ import annotations

import datetime

import attrs

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import REQUEST, RESPONSE, Delayed, Fault
from dwf_sim.given import check_choice, shown
from dwf_sim.model.messages import CONNECTION_CLOSED, Response
from dwf_sim.model.wire import foreign_answer


@attrs.frozen(kw_only=True)
class Storm(Fault):
    """From `at` on, for `lasts` milliseconds, each request fails: on its way, or on its way back.

    `status` is what is answered, None a closed connection. `times` has no meaning here.
    """

    phase: str
    at: int
    lasts: int
    status: int | None = 503

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_choice("phase", self.phase, (REQUEST, RESPONSE))
        if self.at < 0:
            raise ConfigError(f"at is {self.at} ms; nothing happens before the beginning")
        if self.lasts < 1:
            raise ConfigError(f"lasts is {self.lasts} ms; a storm lasts 1 ms or longer")
        if self.status is not None:
            check_status(self.status)

    @property
    def phases(self) -> tuple[str, ...]:
        """Requests that reach their worker, or responses under way."""
        return (self.phase,)

    @property
    def is_lasting(self) -> bool:
        """It strikes everything while it is on."""
        return True

    def is_on(self, elapsed: int) -> bool:
        """It has its time."""
        return self.at <= elapsed < self.at + self.lasts

    def answer(self, response: Response) -> tuple[Delayed, ...]:  # noqa: ARG002  # Whatever it was.
        """The engine sees an error."""
        if self.status is None:
            return (Delayed(CONNECTION_CLOSED),)
        return (Delayed(foreign_answer(self.status)),)

    def __str__(self) -> str:
        what = "request" if self.phase == REQUEST else "response"
        how = "close the connection" if self.status is None else f"answer {self.status}"
        at, lasts = format_duration(self.at), format_duration(self.lasts)
        return f"{how} in place of every {what}, from {at} on for {lasts}"


def storm_of(
    phase: str,
    at: int | str | datetime.timedelta,
    lasts: int | str | datetime.timedelta,
    status: int | None,
) -> Storm:
    """Make a storm of what users give."""
    return Storm(phase=phase, at=to_ms(at), lasts=to_ms(lasts), status=status)


def check_status(given: object) -> None:
    """Refuse what no gateway answers for a worker that fails."""
    if not isinstance(given, int) or isinstance(given, bool) or not 500 <= given <= 599:
        raise ConfigError(f"status is {shown(given)}; a gateway answers with 500 to 599")
