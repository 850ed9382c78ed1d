"""Failures: a run that failed is told of once, and so is its failure handler (A165-A172)."""

from __future__ import annotations

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.event import FAILED as FAILED_EVENT
from dwf_sim.model.event import FINISHED as FINISHED_EVENT
from dwf_sim.model.records import EventReceived, FaultStruck, RunFinished, RunScheduled
from dwf_sim.model.run import FAILED

_SILENT_AFTER = (FAILED_EVENT, FINISHED_EVENT)


class FailureToldOnce(Awaiting):
    """The failed event comes in the instant in which the run fails; a fault may hit it there.

    A run that such an event started sends none, so that failure handlers do not recurse (A172).
    """

    name = "failure told once"
    says = "a failed run sends one failed event, which starts its on_failure once; no other does"
    rules = ("A165", "A168", "A169", "A172")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._failed: dict[str, None] = {}
        self._told: dict[str, int] = {}
        self._handled: dict[tuple[str, str], int] = {}  # Handler and failed run: the record.
        self._is_struck = False
        self._struck: dict[str | None, None] = {}  # Events that a fault has hit.
        self._excused: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at endings, at the events about them, and at what these start."""
        return {
            RunFinished: self._finished,
            EventReceived: self._event,
            RunScheduled: self._scheduled,
            FaultStruck: self._fault,
        }

    def settle(self, until: int) -> None:
        """Note failures that nobody was told of, unless a fault has hit such an event."""
        if self._is_struck:
            for _ in self.expected.overdue(until):
                pass
            self._is_struck = False
        super().settle(until)

    def _finished(self, record: RunFinished, at: int, seq: int) -> None:
        if record.status != FAILED:
            return
        self._failed[record.run] = None
        scheduled = self.facts.runs.get(record.run)
        if scheduled is None:
            return
        first = self.facts.events.get(scheduled.events[0])
        if first is None or first.name not in _SILENT_AFTER:
            text = f"the run failed and no {FAILED_EVENT} event came"
            self.expected.add(record.run, at, text, seq, record.run)

    def _event(self, record: EventReceived, _at: int, seq: int) -> None:
        if record.name != FAILED_EVENT or record.about is None:
            return
        run = record.about
        self.expected.meet(run)
        if run not in self._failed:
            self.broken("a failed event came for a run that has not failed", seq, run)
        if record.event in self._struck:
            self._excused[run] = None
        first = self._told.setdefault(run, seq)
        if first != seq and run not in self._excused:
            self.broken(f"a second failed event came; the first was #{first}", seq, run)

    def _scheduled(self, record: RunScheduled, _at: int, seq: int) -> None:
        event = self.facts.events.get(record.events[0])
        if event is None or event.name != FAILED_EVENT or event.about is None:
            return
        if record.by != "event":
            return
        first = self._handled.setdefault((record.function, event.about), seq)
        if first != seq:
            text = f"{record.function} started twice for one failure, before in #{first}"
            self.broken(text, seq, record.run)

    def _fault(self, record: FaultStruck, _at: int, _seq: int) -> None:
        if record.event is not None and FAILED_EVENT in record.site:
            self._is_struck = True
            self._struck[record.event] = None  # It may come again, and later.
