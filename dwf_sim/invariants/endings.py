"""Endings: a run ends once, and then nothing of the engine's happens to it (A112, A152, A168)."""

from __future__ import annotations

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    ItemDelayed,
    ItemDropped,
    MemoRefused,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    RunCancelling,
    RunFinished,
    StepMemoized,
    StepReported,
    StepsCheckpointed,
)
from dwf_sim.model.run import CANCELLED, COMPLETED, FAILED

_NOT_AFTER = (
    ItemDelayed,
    ItemDropped,
    MemoRefused,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    RunCancelling,
    StepMemoized,
    StepReported,
    StepsCheckpointed,
)

_RETURNED = "return"  # The answer of a handler that reports no steps with it.


class OneEnding(Awaiting):
    """Workers may go on with what they have in hand; the engine does nothing more with the run.

    What it still waits for when its handler returns is forgotten, and holds nothing up.
    """

    name = "one ending"
    says = "a run ends once, at once when its handler returns, and nothing happens to it after that"
    rules = ("A112", "A152", "A168")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._ended: dict[str, tuple[str, int]] = {}

    def watches(self) -> Watches:
        """Look at all that the engine does with a run."""
        return {
            RunFinished: self._finished,
            **dict.fromkeys(_NOT_AFTER, self._anything),
            ResponseReceived: self._answered,
        }

    def _answered(self, record: ResponseReceived, at: int, seq: int) -> None:
        self._anything(record, at, seq)
        if record.answer == _RETURNED:
            message = "the handler returned, and the run did not end"
            self.expected.add(record.run, at, message, seq, record.run)

    def _finished(self, record: RunFinished, _at: int, seq: int) -> None:
        self.expected.meet(record.run)
        if record.status not in (COMPLETED, FAILED, CANCELLED):
            self.broken(f"{record.status!r} is no status a run can end with", seq, record.run)
        if record.run in self._ended:
            status, first = self._ended[record.run]
            text = f"the run was {status} in #{first} and is {record.status} now"
            self.broken(text, seq, record.run)
        self._ended[record.run] = record.status, seq

    def _anything(self, record: RequestSent | ResponseReceived, _at: int, seq: int) -> None:
        if record.run in self._ended:
            status, first = self._ended[record.run]
            what = type(record).__name__
            self.broken(f"{what} although the run was {status} in #{first}", seq, record.run)
