"""How reports write instants and spans of time."""

from __future__ import annotations

from dwf_sim.dates import format_instant as clock
from dwf_sim.duration import format_duration

_DAY_MS = 24 * 3_600_000
__all__ = ["clock", "span"]


def span(ms: int) -> str:
    """Write a span of time with days as the largest unit: thirty days are not "4w2d" to people."""
    days, rest = divmod(ms, _DAY_MS)
    shown = format_duration(rest) if rest or not days else ""
    return (f"{days}d" if days else "") + shown
