"""Attempts: each item is tried as often as its function allows, not more and not less (A60-A63)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    LeaseLost,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    RunFinished,
    StepMemoized,
    StepsCheckpointed,
)
from dwf_sim.model.run import FAILED, START

_STEP_ERROR = "StepErrored:"
_START_ATTEMPTS_MAX = 21  # For answers the engine can make nothing of (A25).


@attrs.define
class _Sent:
    item: str
    step: str | None
    attempt: int
    answered_at: int = -1
    is_retriable: bool = False
    failed: str | None = None  # The step, if that is all it said, and may be tried again.


class AttemptsInBudget(Invariant):
    """Attempts count from 0, one by one; an item that lost its lease keeps its attempt (A223)."""

    name = "attempts in budget"
    says = "an item is tried once and `retries` times more, counted one by one, before it fails"
    rules = ("A60", "A61", "A62", "A63", "A223")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._open: dict[int, _Sent] = {}
        self._last: dict[str, _Sent] = {}  # By run: what was answered last.
        self._announced: dict[tuple[str, str | None, int], int] = {}

    def watches(self) -> Watches:
        """Look at requests, at what became of them, and at retries."""
        return {
            RequestSent: self._request,
            StepsCheckpointed: self._checkpointed,
            ResponseReceived: self._response,
            RetryScheduled: self._retry,
            LeaseLost: self._lease_lost,
            StepMemoized: self._memoized,
            RunFinished: self._finished,
        }

    def _request(self, record: RequestSent, _at: int, seq: int) -> None:
        self._open[record.number] = _Sent(record.item, record.step, record.attempt)
        key = record.run, record.step, record.attempt
        if key in self._announced:
            self._announced[key] -= 1
            if not self._announced[key]:
                del self._announced[key]
        elif record.attempt > 0:
            text = f"attempt {record.attempt} was sent, which no retry had announced"
            self.broken(text, seq, record.run)

    def _checkpointed(self, record: StepsCheckpointed, _at: int, _seq: int) -> None:
        if record.number in self._open:
            self._open[record.number].attempt = 0  # What follows has its own (A205).

    def _response(self, record: ResponseReceived, at: int, _seq: int) -> None:
        sent = self._open.pop(record.number, None)
        if sent is not None:
            sent.answered_at = at
            sent.is_retriable = record.answer.startswith("error ") and not record.is_final
            if record.answer.startswith(_STEP_ERROR) and not record.is_final:
                sent.failed = record.answer.removeprefix(_STEP_ERROR)
            self._last[record.run] = sent

    def _memoized(self, record: StepMemoized, at: int, seq: int) -> None:
        last, served = self._last.get(record.run), self.facts.settings.get(record.run)
        if record.kind != "error" or last is None or served is None:
            return
        left = served.attempts_max - last.attempt - 1
        if last.failed == record.step and last.answered_at == at and left > 0:
            text = f"step {record.step!r} failed for good with attempt {last.attempt}"
            self.broken(f"{text}, and {left} more were left", seq, record.run)

    def _retry(self, record: RetryScheduled, _at: int, seq: int) -> None:
        served, last = self.facts.settings.get(record.run), self._last.get(record.run)
        if last is not None:
            last.is_retriable = False  # It has been seen to.
        if last is not None and record.attempt != last.attempt + 1:
            text = f"attempt {last.attempt} is followed by attempt {record.attempt}"
            self.broken(text, seq, record.run)
        self._announce(record.run, record.step, record.attempt)
        if served is None:
            return
        is_lenient = record.is_unusable and last is not None and last.item == START
        attempts_max = _START_ATTEMPTS_MAX if is_lenient else served.attempts_max
        if record.attempt >= attempts_max:
            text = f"attempt {record.attempt} is announced, and {attempts_max} is all there may be"
            self.broken(text, seq, record.run)

    def _lease_lost(self, record: LeaseLost, _at: int, _seq: int) -> None:
        sent = self._open.pop(record.number, None)
        if sent is not None and sent.attempt > 0:
            self._announce(record.run, sent.step, sent.attempt)

    def _announce(self, run: str, step: str | None, attempt: int) -> None:
        key = run, step, attempt
        self._announced[key] = self._announced.get(key, 0) + 1

    def _finished(self, record: RunFinished, at: int, seq: int) -> None:
        last, served = self._last.pop(record.run, None), self.facts.settings.get(record.run)
        if record.status != FAILED or last is None or served is None:
            return
        left = served.attempts_max - last.attempt - 1
        if last.is_retriable and last.answered_at == at and left > 0:
            text = f"the run failed with attempt {last.attempt}, and {left} more were left"
            self.broken(text, seq, record.run)
