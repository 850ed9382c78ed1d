"""Debounce: of events that follow each other closely, the newest starts a run (B93-B103)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import EventHeld, RunScheduled, RunSkipped
from dwf_sim.model.served import FunctionServed

_POLICY = "debounce"
_SECOND = 1000
_LATE_MS = 1050  # By a quirk (B95).


@attrs.define
class _Window:
    key: str
    event: str
    opened_at: int
    until: int


class DebounceKeepsNewest(Invariant):
    """An older event never takes the place of a newer one, and nobody is let go before the time.

    The newest is that of the latest `ts`; of two with the same, the one that came later.
    """

    name = "debounce keeps newest"
    says = "a debounced run has one event, the newest of its key, once the period was quiet"
    rules = ("B93", "B94", "B96", "B97")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return served.debounce is not None

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._held: dict[tuple[str, str], _Window] = {}  # By function and event.
        self._replaced: dict[str, RunSkipped] = {}  # By function: the one just given up.

    def watches(self) -> Watches:
        """Look at what is held, given up and let go."""
        return {EventHeld: self._hold, RunSkipped: self._skip, RunScheduled: self._scheduled}

    def _skip(self, record: RunSkipped, _at: int, seq: int) -> None:
        if (record.function, record.event) in self._held:
            if record.policy == _POLICY:
                self._replaced[record.function] = record
            else:
                del self._held[record.function, record.event]  # Another policy refused it.
            return
        if record.policy == _POLICY and self._is_newest(record):
            text = f"event {record.event} was given up, and no later one is held in its place"
            self.broken(text, seq)

    def _is_newest(self, record: RunSkipped) -> bool:
        mine = self.facts.events.get(record.event)
        others = [self.facts.events.get(e) for f, e in self._held if f == record.function]
        return mine is not None and all(o is not None and o.ts <= mine.ts for o in others)

    def _hold(self, record: EventHeld, at: int, seq: int) -> None:
        if record.policy != _POLICY:
            return
        replaced = self._replaced.pop(record.function, None)
        key, opened_at = record.reason, at
        if replaced is not None:
            old = self._held.pop((record.function, replaced.event))
            opened_at = old.opened_at
            self._compare(replaced.event, record, seq)
            if old.key != key:
                self.broken(f"event {record.event} took the place of one of another key", seq)
        else:
            self._look_for_rival(record, at, seq)
        self._held[record.function, record.event] = _Window(
            key, record.event, opened_at, record.until
        )
        self._check_until(record, opened_at, at, seq)

    def _look_for_rival(self, record: EventHeld, at: int, seq: int) -> None:
        for (function, event), window in self._held.items():
            is_open = at < window.until - _LATE_MS
            if function == record.function and window.key == record.reason and is_open:
                self.broken(f"event {record.event} is held beside {event}, of the same key", seq)

    def _compare(self, old: str, record: EventHeld, seq: int) -> None:
        before, after = self.facts.events.get(old), self.facts.events.get(record.event)
        if before is not None and after is not None and after.ts < before.ts:
            text = f"event {after.event} took the place of {old}, which is {before.ts - after.ts} "
            self.broken(text + "ms newer by its ts", seq)

    def _check_until(self, record: EventHeld, opened_at: int, at: int, seq: int) -> None:
        served = self.facts.functions.get(record.function)
        if served is None or served.debounce is None:
            return
        period, _, timeout = served.debounce
        latest = at + max(period, _SECOND)
        if timeout is not None:
            latest = min(latest, max(opened_at + timeout, at) + _SECOND)
        if record.until > latest + _LATE_MS:
            text = f"event {record.event} is held {record.until - latest} ms longer than allowed"
            self.broken(text, seq)
        if timeout is None and record.until < at + period:
            text = f"event {record.event} is held for {record.until - at} ms, not {period}"
            self.broken(text, seq)

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        window = self._held.pop((record.function, record.events[0]), None)
        if window is None:
            return
        if len(record.events) != 1:
            self.broken(f"a debounced run has {len(record.events)} events", seq, record.run)
        if at < window.until:
            text = f"event {window.event} was let go {window.until - at} ms too early"
            self.broken(text, seq, record.run)
