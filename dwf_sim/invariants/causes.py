"""Causes: nothing happens before what it follows from (A1, B24)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    HandlerEntered,
    RequestSent,
    RunScheduled,
    StepStarted,
)
from dwf_sim.model.run import START


class CausesFirst(Invariant):
    """Runs are scheduled before they start, requests are sent before they are worked on."""

    name = "causes first"
    says = "nothing happens before what it follows from, and no run starts before its time"
    rules = ("A1", "B24", "B119")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._sent: dict[int, str] = {}
        self._entered: dict[int, None] = {}

    def watches(self) -> Watches:
        """Look at what follows from something else."""
        return {
            RunScheduled: self._scheduled,
            RequestSent: self._request,
            HandlerEntered: self._handler,
            StepStarted: self._step,
        }

    def misplaced(self, record: object, cause: int, seq: int) -> None:
        """Nothing is before its cause."""
        what = type(record).__name__
        self.broken(f"{what} follows from #{cause}, which is not before it", seq)

    def _scheduled(self, record: RunScheduled, _at: int, seq: int) -> None:
        if record.by != "event":
            return  # The event of a tick comes behind the run it starts (B48).
        for event in record.events:
            if event not in self.facts.events:
                self.broken(f"a run was scheduled for {event}, which never came", seq, record.run)

    def _request(self, record: RequestSent, at: int, seq: int) -> None:
        self._sent[record.number] = record.run
        scheduled = self.facts.runs.get(record.run)
        if scheduled is None:
            self.broken("a request was sent for a run that was not scheduled", seq, record.run)
        elif record.item == START and at < scheduled.start_at:
            early = scheduled.start_at - at
            self.broken(f"the run started {early} ms before its time", seq, record.run)

    def _handler(self, record: HandlerEntered, _at: int, seq: int) -> None:
        if self._sent.get(record.number) != record.run:
            text = f"the handler was entered for request {record.number}, which was not sent"
            self.broken(text, seq, record.run)
        self._entered[record.number] = None

    def _step(self, record: StepStarted, _at: int, seq: int) -> None:
        if record.number not in self._entered:
            text = f"step {record.step!r} began before the handler was entered for it"
            self.broken(text, seq, record.run)
