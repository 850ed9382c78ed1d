"""Backoff: how long a retry waits (A64, A65)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import FunctionPaused, ItemDelayed, RequestSent, RetryScheduled

_SECOND = 1000
_TABLE_MS = (15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 2_400_000, 3_600_000)
_LAST_MS = 7_200_000
_JITTER_MS_MAX = 29_999
_DAY_MS = 86_400_000


class BackoffInBounds(Invariant):
    """By the table and its jitter, or when a Retry-After says, from a second to a day from now."""

    name = "backoff in bounds"
    says = "a retry waits as long as the table and its jitter say, or as its error asked for"
    rules = ("A64", "A65")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        # By run, step and attempt. Races make several items without a step.
        self._due: dict[tuple[str, str | None, int], list[tuple[int, int]]] = {}
        self._delayed: dict[str, None] = {}  # Runs that had to wait for a gate.
        self._was_paused: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at retries, and when they are sent."""
        return {
            RetryScheduled: self._retry,
            RequestSent: self._request,
            ItemDelayed: self._delay,
            FunctionPaused: self._pause,
        }

    def _retry(self, record: RetryScheduled, at: int, seq: int) -> None:
        due = self._due.setdefault((record.run, record.step, record.attempt), [])
        due.append((record.earliest, record.spread))
        failed = record.attempt - 1
        table = _TABLE_MS[failed] if failed < len(_TABLE_MS) else _LAST_MS
        wait = record.earliest - at
        second = at // _SECOND * _SECOND
        asked = record.spread == 0 and second + _SECOND <= record.earliest <= second + _DAY_MS
        if not asked and (wait, record.spread) != (table, _JITTER_MS_MAX):
            text = (
                f"attempt {record.attempt} waits {wait} ms and up to {record.spread} more; the "
                f"table says {table} and up to {_JITTER_MS_MAX} more, and no error asked for it"
            )
            self.broken(text, seq, record.run)

    def _request(self, record: RequestSent, at: int, seq: int) -> None:
        if record.attempt == 0:
            return
        key = record.run, record.step, record.attempt
        due = self._due.get(key)
        if due is None:
            return
        in_time = [(early, spread) for early, spread in due if early <= at <= early + spread]
        earliest, spread = min(in_time or due)
        due.remove((earliest, spread))
        if not due:
            del self._due[key]
        if at < earliest:
            text = f"attempt {record.attempt} was sent {earliest - at} ms too early"
            self.broken(text, seq, record.run)
        if at > earliest + spread and not self._has_excuse(record.run):
            late = at - earliest - spread
            text = f"attempt {record.attempt} was sent {late} ms too late, and no gate was closed"
            self.broken(text, seq, record.run)

    def _delay(self, record: ItemDelayed, _at: int, _seq: int) -> None:
        self._delayed[record.run] = None

    def _pause(self, record: FunctionPaused, _at: int, _seq: int) -> None:
        self._was_paused[record.function] = None

    def _has_excuse(self, run: str) -> bool:
        """Say whether a retry may be late: for a gate, a pause, or a fault of its timer."""
        if run in self._delayed or run in self.facts.late_runs:
            return True
        return self._function(run) in self._was_paused

    def _function(self, run: str) -> str:
        known = self.facts.runs.get(run)
        return "" if known is None else known.function
