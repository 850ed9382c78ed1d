"""Rate limit, and idempotency, which is one of a run a day: what is above it never runs
(B53-B66)."""

from __future__ import annotations

import attrs

from dwf_sim.dates import format_instant
from dwf_sim.duration import format_duration
from dwf_sim.errors import EvaluationError
from dwf_sim.expressions import compile_expression
from dwf_sim.flow.base import Admission
from dwf_sim.flow.gcra import Gcra, Rate, whole_seconds
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import RateLimit
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Skip, Verdict

FREE_MS = 5 * 60_000  # How long the same event costs nothing again (B22).
INVOKE_ERROR = "invoked function is rate limited"

_Key = tuple[str, str, str]  # The function, the text of its expression, the value.


@attrs.define
class _Bucket:
    gcra: Gcra
    expires_at: int
    granted: dict[str, int] = attrs.field(factory=dict)  # By what was let in, when; oldest first.

    def opens_at(self, now: int) -> int:
        """Say when the next one is let in: the bucket may be forgotten before it is due (B65)."""
        return min(self.gcra.opens_at(now), max(now, self.expires_at))

    def grant(self, now: int, key: str) -> None:
        """Let one in."""
        self.gcra.take(now)
        self.expires_at = _expiry(self.gcra, now)
        while self.granted and next(iter(self.granted.values())) + FREE_MS <= now:
            del self.granted[next(iter(self.granted))]
        self.granted[key] = now


class RateLimiting(Admission):
    """Counts per function and key, from the moment a run is let in (B54)."""

    name = "rate limit"

    def __init__(self, quirks: Quirks | None = None) -> None:  # noqa: ARG002  # The contract.
        self._buckets: dict[_Key, _Bucket] = {}
        self._sweep_at = 1000

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.rate_limit is not None

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Skip what is above the limit; a batch is never limited (B105)."""
        settings = arrival.function.rate_limit
        if settings is None or arrival.is_batch:
            return PASS
        value = ""
        if settings.key is not None:
            try:
                result = compile_expression(settings.key)
                if result.declines(arrival.event.view, now_ms=now):
                    return PASS
                value = result.key(arrival.event.view, now_ms=now)
            except EvaluationError as error:
                return Skip(f"its key has no value: {error}")
        return self._ask(now, arrival, settings, value)

    def _ask(self, now: int, arrival: Arrival, settings: RateLimit, value: str) -> Verdict:
        bucket = self._bucket(now, (arrival.function.id, settings.key or "", value), settings)
        granted_at = bucket.granted.get(arrival.key)
        if granted_at is not None and now < granted_at + FREE_MS:
            return PASS
        if (opens_at := bucket.opens_at(now)) > now:
            return Skip(_reason(arrival, settings, value, opens_at), INVOKE_ERROR)
        bucket.grant(now, arrival.key)
        return PASS

    def _bucket(self, now: int, key: _Key, settings: RateLimit) -> _Bucket:
        limit = max(settings.limit, 1)
        rate = Rate(limit, whole_seconds(settings.period), limit // 10)
        bucket = self._buckets.get(key)
        if bucket is None:
            self._sweep(now)
            bucket = self._buckets[key] = _Bucket(Gcra(rate), now)
        elif bucket.gcra.rate != rate:  # Registered anew: its past stays (B65).
            bucket.gcra = bucket.gcra.at_rate(rate)
        if bucket.expires_at <= now:
            bucket.gcra.due = None
        return bucket

    def _sweep(self, now: int) -> None:
        """Forget buckets that are as good as new, once there are twice as many."""
        if len(self._buckets) >= self._sweep_at:
            self._buckets = {
                key: bucket
                for key, bucket in self._buckets.items()
                if now < bucket.expires_at
                or any(now < at + FREE_MS for at in bucket.granted.values())
            }
            self._sweep_at = 2 * len(self._buckets) + 1000


def _expiry(gcra: Gcra, now: int) -> int:
    """The engine keeps a bucket for whole seconds, cut off, and at least for one (B65)."""
    assert gcra.due is not None, "one was just let in"
    seconds = (gcra.due - now * gcra.rate.limit) // (gcra.rate.limit * 1000)
    return now + max(1, seconds) * 1000


def _reason(arrival: Arrival, settings: RateLimit, value: str, opens_at: int) -> str:
    key = f"{settings.key} = {value!r}" if settings.key is not None else "no key"
    if arrival.function.idempotency is not None:
        return f"idempotency: a run with {key} was let in less than 24 hours ago"
    return (
        f"{settings.limit} in {format_duration(settings.period)}, of which "
        f"{settings.limit // 10 + 1} may come at once and the others evenly ({key}); "
        f"the next is let in at {format_instant(opens_at)}"
    )
