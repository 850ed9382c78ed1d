"""Event-id dedupe: the same event id starts each function once in 24 hours (A4, B17, B18)."""

from __future__ import annotations

from collections import deque

from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Skip, Verdict

WINDOW_MS = 24 * 3_600_000


class EventId(Admission):
    """Remembers which event started which run, from the first schedule on; never refreshed."""

    name = "event id"

    def __init__(self, quirks: Quirks | None = None) -> None:  # noqa: ARG002  # The contract.
        self._runs: dict[str, dict[str, str]] = {}  # By function, then by event id.
        self._ages: deque[tuple[int, str, str]] = deque()

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Skip when this function has already taken an event of this id, or its like (B19)."""
        self._forget(now)
        first = self._runs.get(arrival.function.id, {}).get(arrival.key)
        if first is None:
            return PASS
        return Skip(f"event id {arrival.key!r} already started run {first}")

    def scheduled(self, now: int, arrival: Arrival) -> None:
        """Remember what started a run, from its first schedule on."""
        function, key = arrival.function.id, arrival.key
        self._runs.setdefault(function, {})[key] = arrival.run_id
        self._ages.append((now, function, key))

    def _forget(self, now: int) -> None:
        while self._ages and self._ages[0][0] + WINDOW_MS <= now:
            _, function, event = self._ages.popleft()
            del self._runs[function][event]
