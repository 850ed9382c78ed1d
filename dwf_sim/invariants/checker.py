"""The checker: leads the records of a trace past invariants, each record once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dwf_sim.invariants.base import Invariant, Violation, Watch
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import EventReceived, FaultStruck, Record, RunScheduled
from dwf_sim.model.served import FunctionServed


class Checker:
    """Takes records in the order of the trace, as many at a time as there are."""

    def __init__(self, kinds: Iterable[type[Invariant]]) -> None:
        self.facts = Facts()
        self.invariants = [kind(self.facts) for kind in kinds]
        self.count = 0  # How many records it has seen.
        self._now = 0
        self._idle = list(self.invariants)  # Nobody of interest to them is served yet.
        self._watches: dict[type, list[Watch]] = {
            FunctionServed: [self._serve],
            EventReceived: [lambda record, _at, _seq: self.facts.receive(record)],
            RunScheduled: [lambda record, _at, _seq: self.facts.schedule(record)],
            FaultStruck: [lambda record, _at, _seq: self.facts.strike(record)],
        }
        # Only those that have something to settle: this is asked at every instant.
        self._settling = [
            each for each in self.invariants if type(each).settle is not Invariant.settle
        ]

    def _serve(self, record: FunctionServed, _at: int, _seq: int) -> None:
        self.facts.serve(record)
        for invariant in [each for each in self._idle if each.concerns(record)]:
            self._idle.remove(invariant)
            for kind, watch in invariant.watches().items():
                # If that is this kind of record, it still comes to look at this one.
                self._watches.setdefault(kind, []).append(watch)

    def feed(self, entries: Iterable[tuple[int, int | None, Record]]) -> None:
        """Take in the next entries of the trace: instant, cause and record of each."""
        facts, watches, seq, now = self.facts, self._watches, self.count, self._now
        nothing: Sequence[Watch] = ()
        for at, cause, record in entries:
            if at != now:
                now = facts.now = at
                facts.seq = seq
                for invariant in self._settling:
                    invariant.settle(at)
            if cause is not None and cause >= seq:
                for invariant in self.invariants:
                    invariant.misplaced(record, cause, seq)
            for watch in watches.get(type(record), nothing):
                watch(record, at, seq)
            seq += 1
        self.count, self._now = seq, now

    def violations(self, until: int) -> list[Violation]:
        """List what was broken so far, if all instants before this one are over; oldest first."""
        for invariant in self._settling:
            invariant.settle(until)
        found = [violation for each in self.invariants for violation in each.violations]
        return sorted(found, key=lambda violation: violation.seq)
