"""Throttle: runs start at a rate, and the others wait (B67-B77)."""

from __future__ import annotations

import weakref

import attrs

from dwf_sim.dates import format_instant
from dwf_sim.duration import format_duration
from dwf_sim.flow.base import Dispatch
from dwf_sim.flow.gcra import Gcra, Rate, whole_seconds
from dwf_sim.flow.keys import evaluate_key
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import Throttle
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate
from dwf_sim.model.limits import Limits

FREE_MS = 5 * 60_000  # How long the same item may pass again without being counted (B76).


@attrs.define(eq=False)
class RateGate(Gate):
    """Lets a start pass when its time has come. `settings` say so for whoever waits."""

    key: str
    policy: str
    gcra: Gcra
    settings: Throttle
    counted: dict[str, RateGate] = attrs.field(repr=False)  # Gates whose past may still matter.
    granted: dict[int, int] = attrs.field(factory=dict)  # To which item, and when.
    is_for_starts: bool = True

    def opens_at(self, now: int, holder: int) -> int | None:
        """Now, or at the next beat; never when the period is less than a second (B71)."""
        if not self.gcra.rate.period:
            return None
        granted_at = self.granted.get(holder)
        if granted_at is not None and now < granted_at + FREE_MS:
            return now
        return self.gcra.opens_at(now)

    def knows(self, holder: int) -> bool:
        """Say whether an item was counted, and may pass again for a while."""
        return holder in self.granted

    def enter(self, now: int, holder: int) -> None:
        """Count a start; a retry of one that was counted is free for a while."""
        granted_at = self.granted.get(holder)
        if granted_at is not None and now < granted_at + FREE_MS:
            return
        self.gcra.take(now)
        self.counted[self.key] = self
        while self.granted and next(iter(self.granted.values())) + FREE_MS <= now:
            del self.granted[next(iter(self.granted))]
        self.granted.pop(holder, None)
        self.granted[holder] = now

    def is_idle(self, now: int) -> bool:
        """Whether the gate is as good as a new one."""
        last = next(reversed(self.granted.values()), None)
        return self.gcra.is_idle(now) and (last is None or last + FREE_MS <= now)

    def describe(self, now: int) -> str:
        """Say when the next start is."""
        given, opens_at = self.settings, self.gcra.opens_at(now)
        if not self.gcra.rate.period:
            return f"a period of {given.period} ms lets nothing start; give a second or more"
        return (
            f"{given.limit} in {format_duration(given.period)} with a burst of {given.burst} "
            f"({self.key}); the next start is at {format_instant(opens_at)}"
        )


class Throttles(Dispatch):
    """Gives a run the gate of its function and key, which only its first request passes."""

    name = "throttle"

    def __init__(self, limits: Limits | None = None) -> None:  # noqa: ARG002  # The contract.
        # Whoever is to pass a gate keeps it; once it was passed, `_counted` does.
        self._gates: weakref.WeakValueDictionary[str, RateGate] = weakref.WeakValueDictionary()
        self._counted: dict[str, RateGate] = {}
        self._sweep_at = 1000

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.throttle is not None

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        """Give the gate of a run."""
        settings = arrival.function.throttle
        if settings is None:
            return ()
        key = f"throttle of {arrival.function.id}"
        if settings.key is not None:
            key = f"{key}: {settings.key} = {evaluate_key(settings.key, now, arrival)}"
        gate = self._gates.get(key)
        if gate is None:
            self._sweep(now)
            gcra = Gcra(_rate(settings))
            gate = self._gates[key] = RateGate(key, self.name, gcra, settings, self._counted)
        elif gate.settings != settings:
            gate.gcra = gate.gcra.at_rate(_rate(settings))
            gate.settings = settings
        return (gate,)

    def _sweep(self, now: int) -> None:
        """Forget gates that are as good as new, once there are twice as many."""
        if len(self._counted) >= self._sweep_at:
            for key in [key for key, gate in self._counted.items() if gate.is_idle(now)]:
                del self._counted[key]
            self._sweep_at = 2 * len(self._counted) + 1000


def _rate(settings: Throttle) -> Rate:
    limit = max(settings.limit, 1)  # Nothing counts as one (B71).
    return Rate(limit, whole_seconds(settings.period), limit + settings.burst - 1)
