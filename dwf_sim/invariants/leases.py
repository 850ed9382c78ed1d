"""Leases: only who holds the lease of an item can write for it, and once (A223, A228)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    LeaseLost,
    RequestSent,
    ResponseIgnored,
    ResponseReceived,
    RunFinished,
    StepsCheckpointed,
)


class NoWriteWithoutLease(Invariant):
    """A lease begins with a request and ends with its answer, or when it is lost."""

    name = "no write without lease"
    says = "an answer counts once, while its request has its lease, and not after"
    rules = ("A207", "A223", "A228")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._leases: dict[int, str] = {}  # By request: its run.
        self._lost: dict[int, int] = {}
        self._ended: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at requests, at answers, and at leases that are lost."""
        return {
            RequestSent: self._request,
            ResponseReceived: self._response,
            ResponseIgnored: self._ignored,
            StepsCheckpointed: self._checkpointed,
            LeaseLost: self._lease_lost,
            RunFinished: self._finished,
        }

    def _request(self, record: RequestSent, _at: int, _seq: int) -> None:
        self._leases[record.number] = record.run

    def _response(self, record: ResponseReceived, _at: int, seq: int) -> None:
        if self._leases.pop(record.number, None) is None:
            self.broken(f"the answer to request {self._story(record.number)}", seq, record.run)

    def _checkpointed(self, record: StepsCheckpointed, _at: int, seq: int) -> None:
        if record.number not in self._leases:
            text = f"the steps reported by request {self._story(record.number)}"
            self.broken(text, seq, record.run)

    def _ignored(self, record: ResponseIgnored, _at: int, seq: int) -> None:
        run = self._leases.pop(record.number, None)
        if run is not None and run not in self._ended:
            text = f"the answer to request {record.number} was ignored, and it had its lease"
            self.broken(text, seq, run)

    def _lease_lost(self, record: LeaseLost, _at: int, seq: int) -> None:
        self._leases.pop(record.number, None)
        self._lost[record.number] = seq

    def _finished(self, record: RunFinished, _at: int, _seq: int) -> None:
        self._ended[record.run] = None

    def _story(self, number: int) -> str:
        lost = self._lost.get(number)
        why = "was answered before" if lost is None else f"lost its lease in #{lost}"
        return f"{number} counted, and that {why}"
