"""Flight: a step that is registered to happen later happens by one item (A29, A224).

Two requests that discover what comes next, as races make them, may meet at the same step, on the
real server too; so of requests without a target of a run with steps in parallel nothing is said. Of
any other run one request is under way at a time.
"""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    LeaseLost,
    RequestSent,
    ResponseReceived,
    RunFinished,
    StepReported,
)


class OneItemPerStep(Invariant):
    """A step is registered once, and no two requests for it are in flight together.

    Nor are any two of a run that has never reported several steps at once.
    """

    name = "one item per step"
    says = "a planned step, a sleep or a wait is queued once, and one request at a time is for it"
    rules = ("A29", "A35", "A224")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._reported: dict[str, dict[tuple[str, str], int]] = {}
        self._flying: dict[tuple[str, str], int] = {}  # By run and step: the request.
        self._open: dict[int, tuple[str, str]] = {}
        self._alone: dict[str, int] = {}  # By run without steps in parallel: the request.
        self._parallel: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at what is registered, and at requests for it."""
        return {
            StepReported: self._report,
            RequestSent: self._request,
            ResponseReceived: self._answered,
            LeaseLost: self._back,
            RunFinished: self._finished,
        }

    def _report(self, record: StepReported, _at: int, seq: int) -> None:
        steps = self._reported.setdefault(record.run, {})
        first = steps.setdefault((record.step, record.kind), seq)
        if first != seq:
            text = f"{record.kind} {record.step!r} was queued before, in #{first}"
            self.broken(text, seq, record.run)

    def _request(self, record: RequestSent, _at: int, seq: int) -> None:
        if record.run not in self._parallel:
            other = self._alone.setdefault(record.run, record.number)
            if other != record.number:
                text = f"request {record.number} was sent, and request {other} has no answer yet; "
                self.broken(f"{text}the run has no steps in parallel", seq, record.run)
        if record.step is None:
            return
        key = record.run, record.step
        first = self._flying.get(key)
        if first is not None:
            text = f"request {record.number} is for step {record.step!r}, and request {first} "
            self.broken(f"{text}for it has not been answered", seq, record.run)
        self._flying[key] = record.number
        self._open[record.number] = key

    def _answered(self, record: ResponseReceived, at: int, seq: int) -> None:
        if " + " in record.answer:
            self._parallel[record.run] = None
        self._back(record, at, seq)

    def _back(self, record: ResponseReceived | LeaseLost, _at: int, _seq: int) -> None:
        if self._alone.get(record.run) == record.number:
            del self._alone[record.run]
        key = self._open.pop(record.number, None)
        if key is not None and self._flying.get(key) == record.number:
            del self._flying[key]

    def _finished(self, record: RunFinished, _at: int, _seq: int) -> None:
        self._reported.pop(record.run, None)
        self._alone.pop(record.run, None)
        self._parallel.pop(record.run, None)
