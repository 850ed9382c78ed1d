"""Clocks: the workers' wall clock is set, and differs from the engine's from then on.

Engine and workers are different machines. User code and the SDK see the workers' clock; timers,
crons and timestamps of runs are the engine's own. So a sleep, which the vendor's Python SDK sends
as the instant at which it ends (A93), lasts as much longer as the worker is ahead; so does the
time of a `RetryAfterError` (A66); and an event that user code sends bears the worker's time. A
wait's timeout is sent as a duration, and stays what it is. Clocks that only count, such as
`time.monotonic` and the event loop's, cannot be set. The local zone stays UTC.

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
from dwf_sim.faults.base import Chance, Levers, Site, TimedFault, span
from dwf_sim.given import shown

__all__ = ["jump", "skew"]

_BY_MS_MAX = 10 * 366 * 86_400_000


@attrs.frozen(kw_only=True)
class ClockSet(TimedFault):
    """The workers' clock is set forwards, or backwards where `by` is negative."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "clock.skew": {"at": 0},
        "clock.jump": {},
    }
    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {"clock.jump": ("at",)}

    by: int = span()

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not 0 < abs(self.by) <= _BY_MS_MAX:
            raise ConfigError(
                f"by is {shown(self.by)} ms; a clock is set forwards or backwards, by 3660 days "
                'at most: give a duration such as "5m" or "-1h"'
            )

    @property
    def instant(self) -> Site:
        """The clock."""
        return Site("", "", 0, "clock")

    def strike(self, levers: Levers, cause: int) -> None:  # noqa: ARG002  # Nothing under way is touched.
        """Set the clock."""
        levers.shift_clock(self.by)

    def end(self, levers: Levers) -> None:
        """Set the clock right again."""
        levers.shift_clock(-self.by)

    def __str__(self) -> str:
        way = "forwards" if self.by > 0 else "backwards"
        span = format_duration(abs(self.by))
        return f"set the workers' clock {way} by {span}{self.when()}"


def skew(*, by: int | str | datetime.timedelta, **chance: Unpack[Chance]) -> ClockSet:
    """Have the workers' clock ahead of the engine's `by` a duration, from the start on.

    By a negative one it is behind.
    """
    return ClockSet(by=to_ms(by), **chance)


def jump(
    *,
    by: int | str | datetime.timedelta,
    at: int | str | datetime.timedelta,
    **chance: Unpack[Chance],
) -> ClockSet:
    """Set the workers' clock `by` a duration, forwards or backwards, `at` a time from the start."""
    return ClockSet(by=to_ms(by), at=to_ms(at), **chance)
