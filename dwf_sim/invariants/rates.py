"""Rates: runs start, or are let in, no faster than throttle and rate limit say
(B53-B77, ALG1)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import RequestSent, RunScheduled
from dwf_sim.model.run import START
from dwf_sim.model.served import FunctionServed

_SECOND = 1000


@attrs.define
class _Bucket:
    """One after another, an interval apart, some in advance; instants times the limit, so that
    nothing is rounded. With `forgets`, for whole seconds only (B65)."""

    limit: int
    period: int
    advance: int
    forgets: bool = False
    due: int | None = None
    forgotten_at: int = 0

    def take(self, now: int) -> int:
        """Let one pass, and say how many milliseconds too early it is."""
        if self.forgets and self.forgotten_at <= now:
            self.due = None
        scaled = now * self.limit
        due = scaled if self.due is None else self.due
        early = due - self.advance * self.period - scaled
        self.due = max(scaled, due) + self.period
        seconds = (self.due - scaled) // (self.limit * _SECOND)
        self.forgotten_at = now + max(1, seconds) * _SECOND
        return -(-early // self.limit)


class ThrottleKept(Invariant):
    """From idle `limit + burst` runs start at once, then one each period / limit, for each key."""

    name = "throttle kept"
    says = "runs of a throttled function start no faster than its rate and burst"
    rules = ("B67", "B68", "B69", "B71")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return served.throttle is not None

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._buckets: dict[str, _Bucket] = {}
        self._started: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at first requests."""
        return {RequestSent: self._request}

    def _request(self, record: RequestSent, at: int, seq: int) -> None:
        served = self.facts.settings.get(record.run)
        if served is None or served.throttle is None or record.item != START:
            return
        if record.run in self._started:
            return  # Retries are free for a while (B76).
        self._started[record.run] = None
        name = f"throttle of {served.function}"
        for key in self.facts.runs[record.run].keys:
            if key == name or key.startswith(f"{name}: "):
                self._take(key, served, at, seq, record.run)

    def _take(self, key: str, served: FunctionServed, at: int, seq: int, run: str) -> None:
        assert served.throttle is not None, "the caller looked"
        limit, period, burst, _ = served.throttle
        limit = max(limit, 1)
        shape = limit, period // _SECOND * _SECOND, limit + burst - 1
        bucket = self._buckets.get(key)
        if bucket is None or (bucket.limit, bucket.period, bucket.advance) != shape:
            bucket = self._buckets[key] = _Bucket(*shape)
        early = bucket.take(at)
        if early > 0:
            self.broken(f"the run started {early} ms faster than the rate ({key})", seq, run)


class RateLimitKept(Invariant):
    """From idle a tenth of the limit and one more are let in, then one each period / limit.

    Of a debounced function or a batch the runs come later than they are let in, so it is silent.
    """

    name = "rate limit kept"
    says = "runs are let in no faster than the rate limit, and idempotency, of their function"
    rules = ("B53", "B54", "B55", "B60", "B65", "B66")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return served.rate_limit is not None

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def watches(self) -> Watches:
        """Look at runs that are scheduled."""
        return {RunScheduled: self._scheduled}

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        served = self.facts.settings.get(record.run)
        if served is None or served.rate_limit is None or record.is_batch:
            return
        if served.debounce is not None:
            return
        limit, period, key = served.rate_limit
        value = "" if key is None else self.facts.key(key, record.events[0], at)
        if value is None:
            return
        limit = max(limit, 1)
        shape = limit, period // _SECOND * _SECOND, limit // 10
        place = record.function, key or "", value
        bucket = self._buckets.get(place)
        if bucket is None or (bucket.limit, bucket.period, bucket.advance) != shape:
            bucket = self._buckets[place] = _Bucket(*shape, forgets=True)
        early = bucket.take(at)
        if early > 0:
            what = "no key" if key is None else f"{key} = {value!r}"
            self.broken(f"a run was let in {early} ms faster than the rate ({what})", seq)
