"""Finality: an error that must not be retried is not (A67, A68, A75)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import ResponseReceived, RetryScheduled


class FinalErrorsStand(Invariant):
    """What a handler or a step must not be tried again after is its last attempt."""

    name = "final errors stand"
    says = "an attempt that ended with an error that must not be retried is the last one"
    rules = ("A67", "A68", "A75")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._final: dict[str, int] = {}  # By run: the record of its last answer, if it was final.

    def watches(self) -> Watches:
        """Look at answers and retries."""
        return {ResponseReceived: self._response, RetryScheduled: self._retry}

    def _response(self, record: ResponseReceived, _at: int, seq: int) -> None:
        if record.is_final:
            self._final[record.run] = seq
        elif self._final:
            self._final.pop(record.run, None)

    def _retry(self, record: RetryScheduled, _at: int, seq: int) -> None:
        first = self._final.get(record.run)
        if first is not None:
            text = f"attempt {record.attempt} is announced although the error of #{first} is final"
            self.broken(text, seq, record.run)
