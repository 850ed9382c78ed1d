"""Singletons: of one key never two runs exist (B123-B128)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import ItemDropped, RunFinished, RunScheduled
from dwf_sim.model.served import FunctionServed


class NeverTwoSingletons(Invariant):
    """A run counts from its scheduling to its end."""

    name = "never two singletons"
    says = "of a singleton function, one run at most exists for each value of its key"
    rules = ("B123", "B124", "B126")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return served.singleton is not None

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._holders: dict[tuple[str, str], tuple[str, int]] = {}
        self._locks: dict[str, tuple[str, str]] = {}

    def watches(self) -> Watches:
        """Look at how runs begin and end."""
        return {
            RunScheduled: self._scheduled,
            RunFinished: self._ended,
            ItemDropped: self._ended,
        }

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        served = self.facts.settings.get(record.run)
        if served is None or served.singleton is None:
            return
        key = served.singleton[1]
        value = "" if key is None else self.facts.key(key, record.events[0], at)
        if value is None:
            return
        lock = record.function, value
        holder = self._holders.get(lock)
        if holder is not None:
            text = f"a run of the same key has not ended: {self.facts.label(holder[0])}, "
            self.broken(f"{text}scheduled in #{holder[1]}", seq, record.run)
        self._holders[lock] = record.run, seq
        self._locks[record.run] = lock

    def _ended(self, record: RunFinished | ItemDropped, _at: int, _seq: int) -> None:
        lock = self._locks.pop(record.run, None)
        if lock is not None and self._holders.get(lock, ("", 0))[0] == record.run:
            del self._holders[lock]
