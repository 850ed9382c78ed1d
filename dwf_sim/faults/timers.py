"""Timers that go off late: the engine looks at its queue later than it should (A90, A223).

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
from dwf_sim.faults.base import TIMER, Circumstances, Fault, span

__all__ = ["late"]


@attrs.frozen(kw_only=True)
class LateTimer(Fault):
    """A timer goes off `by` milliseconds after its time."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"timers.late": {}}

    by: int = span(attrs.NOTHING)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.by < 1:
            raise ConfigError(f"by is {self.by} ms; a late timer is 1 ms late, or more")

    @property
    def phases(self) -> tuple[str, ...]:
        """It strikes where a timer is set."""
        return (TIMER,)

    @property
    def extra_ms(self) -> int:
        """How late it is."""
        return self.by

    def __str__(self) -> str:
        whose = "a timer" if self.step is None else f"the timer of {self.where()}"
        if self.step == "":
            whose = "a timer of no step"
        return f"let {whose} go off {format_duration(self.by)} late{self.circumstances()}"


def late(
    step: str | None = None,
    *,
    by: int | str | datetime.timedelta,
    **circumstances: Unpack[Circumstances],
) -> LateTimer:
    """Let a timer go off late `by` a duration: of a sleep, a wait's timeout, or a retry of a step.

    Step "" means those of no step: retries of the handler itself, timeouts of a run, events that
    lie in the future, windows of flow control, crons.
    """
    return LateTimer(step=step, by=to_ms(by), **circumstances)
