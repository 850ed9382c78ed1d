"""Crons: a schedule ticks at each of its instants, once (B38-B52)."""

from __future__ import annotations

import attrs

from dwf_sim.cron import jitter_ms, parse_cron
from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.served import CronTicked, FunctionServed


@attrs.define
class _Loop:
    cron: str
    jitter: int
    next: int | None
    seq: int  # Where it was served, or where it ticked last.
    at: int  # And when: a long jitter can put a tick off beyond the next one.


class CronsTickOnce(Invariant):
    """Neither skipped nor repeated, be it that a clock of the zone is set meanwhile."""

    name = "crons tick once"
    says = "a schedule ticks once at each instant it names, no earlier and no later"
    rules = ("B38", "B44", "B45", "B47", "B52")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return bool(served.crons)

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._loops: dict[str, list[_Loop]] = {}

    def watches(self) -> Watches:
        """Look at schedules and ticks."""
        return {
            FunctionServed: self._served,
            CronTicked: self._ticked,
        }

    def _served(self, record: FunctionServed, at: int, seq: int) -> None:
        self._loops[record.function] = [
            _Loop(cron, jitter, parse_cron(cron).next(at), seq, at) for cron, jitter in record.crons
        ]
        if not record.crons:
            del self._loops[record.function]

    def _ticked(self, record: CronTicked, at: int, seq: int) -> None:
        mine = [loop for loop in self._loops.get(record.function, ()) if loop.cron == record.cron]
        loop = next((loop for loop in mine if loop.next == record.tick), None)
        if loop is None:
            due = ", ".join(str(loop.next) for loop in mine) or "never"
            text = f"{record.cron!r} of {record.function} ticked for {record.tick}; next was {due}"
            self.broken(text, seq)
            return
        due_at = self._due_at(record.function, loop)
        if at < due_at:  # One that is late was missed at its time.
            text = f"{record.cron!r} of {record.function} ticked {due_at - at} ms too early"
            self.broken(text, seq)
        loop.next, loop.seq, loop.at = parse_cron(loop.cron).next(record.tick), seq, at

    def _due_at(self, function: str, loop: _Loop) -> int:
        assert loop.next is not None, "a schedule that never ticks is not asked"
        put_off = jitter_ms(loop.next, loop.cron, function, loop.jitter)
        return max(loop.at, loop.next + put_off)

    def settle(self, until: int) -> None:
        """Note ticks that should have come by now."""
        if self.facts.is_other_late:
            return  # It may be that of any schedule.
        for function, loops in self._loops.items():
            for loop in loops:
                if loop.next is not None and self._due_at(function, loop) < until:
                    text = f"{loop.cron!r} of {function} did not tick for {loop.next}"
                    self.broken(text, loop.seq)
                    loop.next = parse_cron(loop.cron).next(until)
