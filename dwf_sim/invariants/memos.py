"""Memos: what a step came to is kept once and for all (A5, A220)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import RequestSent, RunFinished, StepMemoized, StepStarted


class MemosStand(Invariant):
    """A step is remembered once. A request that was sent before may still run it, none after."""

    name = "memos stand"
    says = "a step is remembered once, and no request sent after that runs it again"
    rules = ("A5", "A220")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._memos: dict[str, dict[str, int]] = {}  # By run, then by step: the record's number.
        self._sent: dict[int, int] = {}

    def watches(self) -> Watches:
        """Look at memos, requests and executions."""
        return {
            StepMemoized: self._memoized,
            RequestSent: self._request,
            StepStarted: self._started,
            RunFinished: self._finished,
        }

    def _memoized(self, record: StepMemoized, _at: int, seq: int) -> None:
        memos = self._memos.setdefault(record.run, {})
        first = memos.setdefault(record.step, seq)
        if first != seq:
            text = f"step {record.step!r} was remembered before, in #{first}, and now once more"
            self.broken(text, seq, record.run)

    def _request(self, record: RequestSent, _at: int, seq: int) -> None:
        self._sent[record.number] = seq

    def _started(self, record: StepStarted, _at: int, seq: int) -> None:
        memos = self._memos.get(record.run)
        first = None if memos is None else memos.get(record.step)
        if first is not None and first < self._sent.get(record.number, 0):
            text = (
                f"step {record.step!r} ran again in request {record.number}, which was sent after "
                f"its outcome was remembered in #{first}"
            )
            self.broken(text, seq, record.run)

    def _finished(self, record: RunFinished, _at: int, _seq: int) -> None:
        self._memos.pop(record.run, None)  # Of requests that are sent later, others complain.
