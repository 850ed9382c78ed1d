"""Steps that take longer than they should.

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
from dwf_sim.faults.base import DURATION, Circumstances, Fault, span

__all__ = ["slow"]


@attrs.frozen(kw_only=True)
class SlowStep(Fault):
    """A step takes `by` milliseconds longer, before its body begins."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"steps.slow": {}}

    by: int = span(attrs.NOTHING)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.by < 1:
            raise ConfigError(f"by is {self.by} ms; a slow step takes 1 ms longer, or more")

    @property
    def phases(self) -> tuple[str, ...]:
        """It strikes where it is settled how long a step takes."""
        return (DURATION,)

    @property
    def extra_ms(self) -> int:
        """How much longer it takes."""
        return self.by

    def __str__(self) -> str:
        return f"let {self.where()} take {format_duration(self.by)} longer{self.circumstances()}"


def slow(
    step: str | None = None,
    *,
    by: int | str | datetime.timedelta,
    **circumstances: Unpack[Circumstances],
) -> SlowStep:
    """Let a step take longer `by` a duration of virtual time."""
    return SlowStep(step=step, by=to_ms(by), **circumstances)
