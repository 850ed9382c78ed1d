"""Batches: not too large, not too late, and each event in one of them (B104-B114)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts, is_of_timer
from dwf_sim.model.records import EventHeld, FaultStruck, RunScheduled
from dwf_sim.model.served import FunctionServed

_POLICY = "batch"
_GATHERED_MS = 500  # How long events are gathered before they count, by a quirk (B110).
_SEEN_MS = 30 * 60_000  # How long an event cannot come into a batch again (B111).


class BatchesKept(Invariant):
    """A batch is closed when it is full, or when the first of its events has waited its time."""

    name = "batches kept"
    says = "a batch has at most its size of events, none too late, and no event of another batch"
    rules = ("B104", "B106", "B109", "B111")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return served.batch is not None

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._held: dict[tuple[str, str], int] = {}  # By function and event: until when.
        self._newest = "", ""
        self._batched: dict[tuple[str, str], tuple[int, int]] = {}  # When, and the record.

    def watches(self) -> Watches:
        """Look at what is held, and at batches."""
        return {
            EventHeld: self._hold,
            RunScheduled: self._scheduled,
            FaultStruck: self._fault,
        }

    def _fault(self, record: FaultStruck, _at: int, _seq: int) -> None:
        """The timer of what was held last is late."""
        if record.run is None and is_of_timer(record):
            self._held.pop(self._newest, None)

    def _hold(self, record: EventHeld, at: int, seq: int) -> None:
        if record.policy != _POLICY:
            return
        served = self.facts.functions.get(record.function)
        self._newest = record.function, record.event
        self._held[self._newest] = max(record.until, at)
        if served is not None and served.batch is not None:
            late = record.until - at - served.batch[1]
            if late > _GATHERED_MS:
                text = f"event {record.event} is held {late} ms longer than the batch's timeout"
                self.broken(text, seq)

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        served = self.facts.functions.get(record.function)
        if not record.is_batch or served is None or served.batch is None:
            return
        if len(record.events) > served.batch[0]:
            text = f"the batch has {len(record.events)} events, {served.batch[0]} may be"
            self.broken(text, seq, record.run)
        for event in record.events:
            until = self._held.pop((record.function, event), at)
            if at > until:
                self.broken(f"event {event} is {at - until} ms late", seq, record.run)
            before = self._batched.get((record.function, event))
            if before is not None and at < before[0] + _SEEN_MS:
                text = f"event {event} is in a second batch; the first is #{before[1]}"
                self.broken(text, seq, record.run)
            self._batched[record.function, event] = at, seq
