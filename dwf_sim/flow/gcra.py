"""GCRA, the generic cell rate algorithm: one after another, an interval apart, some in advance.

The engine reckons with doubles; here instants are multiplied by the limit, so that an interval of
period / limit is a whole number and nothing drifts (ALG1).
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Rate:
    """`limit` in `period` milliseconds, and so many intervals in advance."""

    limit: int
    period: int
    advance: int


@attrs.define
class Gcra:
    """One bucket. `due` is when the next one would come if they came evenly, times the limit."""

    rate: Rate
    due: int | None = None

    def opens_at(self, now: int) -> int:
        """Say when the next one may pass: now, or the first millisecond at which it may."""
        if self.due is None:
            return now
        earliest = self.due - self.rate.advance * self.rate.period
        return max(now, -(-earliest // self.rate.limit))

    def take(self, now: int) -> None:
        """Let one pass."""
        scaled = now * self.rate.limit
        self.due = (scaled if self.due is None else max(scaled, self.due)) + self.rate.period

    def at_rate(self, rate: Rate) -> Gcra:
        """Give the bucket for another rate; its past stays (B65)."""
        return Gcra(rate, None if self.due is None else self.due * rate.limit // self.rate.limit)

    def is_idle(self, now: int) -> bool:
        """Whether the bucket is as good as new."""
        return self.due is None or self.due <= now * self.rate.limit


def whole_seconds(period: int) -> int:
    """Cut a period in milliseconds to whole seconds, as the engine does (B62, B71)."""
    return period // 1000 * 1000
