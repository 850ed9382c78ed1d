"""Event ids: an event with the same id starts a function once in 24 hours (A4, B17, B18)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import RunScheduled

_DAY_MS = 24 * 3_600_000


class EventIdsStartOnce(Invariant):
    """Batches and debounced events go by other names (B19, B20); a re-run is meant."""

    name = "event ids start once"
    says = "events of one id start a function once in 24 hours"
    rules = ("A4", "B16", "B17", "B18", "B19")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._started: dict[tuple[str, str], tuple[int, int]] = {}

    def watches(self) -> Watches:
        """Look at runs that are scheduled."""
        return {RunScheduled: self._scheduled}

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        served = self.facts.settings.get(record.run)
        event = self.facts.events.get(record.events[0])
        if event is None or record.is_batch or record.by != "event":
            return
        if served is not None and served.debounce is not None:
            return
        before = self._started.get((record.function, event.id))
        if before is not None and at < before[0] + _DAY_MS:
            text = f"event id {event.id!r} starts {record.function} again, after #{before[1]}"
            self.broken(text, seq, record.run)
        self._started[record.function, event.id] = at, seq
