"""Event-id dedupe: the same event id starts each function once in 24 hours (A4, B17, B18)."""

from __future__ import annotations

from collections import deque

from dwf_sim.flow.base import Arrival
from dwf_sim.model.verdicts import PASS, Skip, Verdict

WINDOW_MS = 24 * 3_600_000


class EventId:
    """Remembers which event started which run, from the first schedule on; never refreshed."""

    name = "event id"

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], str] = {}
        self._ages: deque[tuple[int, tuple[str, str]]] = deque()

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Skip when this function has already taken an event of this id."""
        self._forget(now)
        key = (arrival.function.id, arrival.event.id)
        first = self._runs.get(key)
        if first is None:
            self._runs[key] = arrival.run_id
            self._ages.append((now, key))
        elif first != arrival.run_id:
            return Skip(f"event id {arrival.event.id!r} already started run {first}")
        return PASS

    def _forget(self, now: int) -> None:
        while self._ages and self._ages[0][0] + WINDOW_MS <= now:
            del self._runs[self._ages.popleft()[1]]
