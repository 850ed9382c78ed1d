"""Responses that go astray: the worker has done its work and the engine learns of it wrongly.

Times are texts such as "5s", `timedelta`s or ints of milliseconds; what is none raises
`DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import RESPONSE, Chance, Circumstances, Delayed, Fault, reporting, span
from dwf_sim.faults.storm import Storm, check_status
from dwf_sim.model.messages import CONNECTION_CLOSED, Response
from dwf_sim.model.wire import foreign_answer

__all__ = ["delay", "gateway", "lose", "repeat", "storm"]

Duration = int | str | datetime.timedelta


@attrs.frozen(kw_only=True)
class ResponseFault(Fault):
    """What all faults of responses share: where they strike."""

    @property
    def phases(self) -> tuple[str, ...]:
        """Responses have one phase: they are under way."""
        return (RESPONSE,)

    def what(self) -> str:
        """Name the response for a sentence."""
        return reporting(self.step)


@attrs.frozen(kw_only=True)
class LoseResponse(ResponseFault):
    """The connection breaks before the response is through; that uses up an attempt (A221)."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"response.lose": {}}

    def answer(self, response: Response) -> tuple[Delayed, ...]:  # noqa: ARG002  # Whatever it was.
        """The engine sees the connection close."""
        return (Delayed(CONNECTION_CLOSED),)

    def __str__(self) -> str:
        return f"lose {self.what()}{self.circumstances()}"


@attrs.frozen(kw_only=True)
class RepeatResponse(ResponseFault):
    """The response arrives a second time, `after` milliseconds later, and is ignored (A228)."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"response.repeat": {}}

    after: int = span()

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _check_lateness("after", self.after)

    def answer(self, response: Response) -> tuple[Delayed, ...]:
        """It arrives twice."""
        return Delayed(response), Delayed(response, self.after)

    def __str__(self) -> str:
        after = f", the second time {format_duration(self.after)} later" if self.after else ""
        return f"deliver {self.what()} twice{after}{self.circumstances()}"


@attrs.frozen(kw_only=True)
class DelayResponse(ResponseFault):
    """The response arrives `by` milliseconds late; after two hours nobody waits for it (A194)."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"response.delay": {}}

    by: int = span(attrs.NOTHING)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        _check_lateness("by", self.by)

    def answer(self, response: Response) -> tuple[Delayed, ...]:
        """It arrives late."""
        return (Delayed(response, self.by),)

    def __str__(self) -> str:
        return f"deliver {self.what()} {format_duration(self.by)} late{self.circumstances()}"


@attrs.frozen(kw_only=True)
class ReplaceResponse(ResponseFault):
    """Something in front of the worker answers in its place; that uses up an attempt (A222)."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"response.gateway": {}}

    status: int = 502

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_status(self.status)

    def answer(self, response: Response) -> tuple[Delayed, ...]:  # noqa: ARG002  # Whatever it was.
        """The engine reads the gateway's answer."""
        return (Delayed(foreign_answer(self.status)),)

    def __str__(self) -> str:
        return f"answer {self.status} in place of {self.what()}{self.circumstances()}"


def lose(
    step: str | None = None,
    **circumstances: Unpack[Circumstances],
) -> LoseResponse:
    """Lose the response that reports a step, as when the connection closes (A221).

    Step "" is the response that ends the function.
    """
    return LoseResponse(step=step, **circumstances)


def repeat(
    step: str | None = None,
    *,
    after: Duration = 0,
    **circumstances: Unpack[Circumstances],
) -> RepeatResponse:
    """Deliver a response twice, the second time `after` a duration; it is ignored (A228)."""
    return RepeatResponse(step=step, after=to_ms(after), **circumstances)


def delay(
    step: str | None = None,
    *,
    by: Duration,
    **circumstances: Unpack[Circumstances],
) -> DelayResponse:
    """Deliver a response late `by` a duration; the engine waits two hours for it (A194)."""
    return DelayResponse(step=step, by=to_ms(by), **circumstances)


def gateway(
    step: str | None = None,
    *,
    status: int = 502,
    **circumstances: Unpack[Circumstances],
) -> ReplaceResponse:
    """Have a gateway answer with an error, 500 to 599, after the worker has done its work (A222).

    For one that does not let requests through to the worker, see `worker.storm`.
    """
    return ReplaceResponse(step=step, status=status, **circumstances)


def storm(
    *, at: Duration, lasts: Duration, status: int | None = 503, **chance: Unpack[Chance]
) -> Storm:
    """Answer every response with an error, from the instant `at` on, for as long as it `lasts`.

    `at` counts from the beginning of the simulation. Workers do their work, and the engine never
    learns of it: it sees `status`, 500 to 599 (A222), or with None a closed connection (A80).
    """
    return Storm(phase=RESPONSE, at=to_ms(at), lasts=to_ms(lasts), status=status, **chance)


def _check_lateness(name: str, ms: int) -> None:
    if ms < 0:
        raise ConfigError(f"{name} is {ms} ms; no response arrives before it is sent")
