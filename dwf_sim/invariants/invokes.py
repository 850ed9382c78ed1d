"""Invokes: the outcome of an invoked run reaches who waits for it, once (A130-A138)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.deliveries import correlation, invoked_function
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.event import INVOKED
from dwf_sim.model.records import (
    EventReceived,
    FaultStruck,
    RunFinished,
    RunScheduled,
    RunSkipped,
    StepMemoized,
    StepReported,
)


@attrs.define
class _Call:
    id: str
    run: str
    step: str
    until: int
    has_outcome: bool = False


class InvokesDeliveredOnce(Awaiting):
    """The invoked function is called once, and its caller goes on with its outcome at once."""

    name = "invokes delivered once"
    says = "an invoke calls its function once, and its caller gets the outcome if it still waits"
    rules = ("A130", "A131", "A136", "A138")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._calls: dict[str, _Call] = {}  # Those that wait, by correlation id.
        self._steps: dict[str, dict[str, _Call]] = {}  # The same, by run and step.
        self._by_event: dict[str, str] = {}
        self._received: dict[str, int] = {}
        self._is_struck = False
        self._struck: dict[str | None, None] = {}  # Events that a fault has hit.
        self._excused: dict[str, None] = {}

    def watches(self) -> Watches:
        """Look at invokes, at the runs they start, and at how they end."""
        return {
            StepReported: self._reported,
            EventReceived: self._event,
            RunSkipped: self._skipped,
            RunFinished: self._finished,
            StepMemoized: self._memoized,
            FaultStruck: self._fault,
        }

    def settle(self, until: int) -> None:
        """Note calls that were never made, unless a fault has hit such an event."""
        if self._is_struck:
            for missed in self.expected.overdue(until):
                if missed.message.startswith("the outcome"):
                    self.broken(missed.message, missed.seq, missed.run)
            self._is_struck = False
        super().settle(until)

    def _reported(self, record: StepReported, at: int, seq: int) -> None:
        if record.kind != "invoke" or record.awaits is None or record.until is None:
            return
        call = _Call(record.awaits, record.run, record.step, record.until)
        self._calls[call.id] = call
        self._steps.setdefault(record.run, {})[record.step] = call
        text = f"the event of invoke {record.step!r} never came"
        self.expected.add((call.id, "sent"), at, text, seq, record.run)

    def _event(self, record: EventReceived, _at: int, seq: int) -> None:
        if record.name != INVOKED:
            return
        call_id = correlation(record)
        self._by_event[record.event] = call_id
        self.expected.meet((call_id, "sent"))
        call = self._calls.get(call_id)
        if record.event in self._struck:
            self._excused[call_id] = None
        first = self._received.setdefault(call_id, seq)
        if first != seq and call_id not in self._excused:
            text = f"an invoke was sent twice, before in #{first}"
            self.broken(text, seq, None if call is None else call.run)
        if call is not None and invoked_function(record) not in self.facts.functions:
            call.has_outcome = True  # There is nothing to wait for.

    def _skipped(self, record: RunSkipped, _at: int, _seq: int) -> None:
        call = self._calls.get(self._by_event.get(record.event, ""))
        if call is not None:
            call.has_outcome = True

    def _finished(self, record: RunFinished, at: int, seq: int) -> None:
        for call in self._steps.pop(record.run, {}).values():
            self._forget(call)
        scheduled: RunScheduled | None = self.facts.runs.get(record.run)
        for event in () if scheduled is None or not self._by_event else scheduled.events:
            waiting = self._calls.get(self._by_event.get(event, ""))
            if waiting is not None and at <= waiting.until:
                waiting.has_outcome = True
                label = self.facts.label(record.run)
                text = f"the outcome of {label} did not reach {waiting.step!r}"
                self.expected.add((waiting.id, "told"), at, text, seq, waiting.run)

    def _memoized(self, record: StepMemoized, _at: int, seq: int) -> None:
        call = self._steps.get(record.run, {}).pop(record.step, None)
        if call is None:
            return
        if record.kind == "invoke" and not call.has_outcome:
            text = f"invoke {record.step!r} has an outcome, and the run it called has not ended"
            self.broken(text, seq, record.run)
        self._forget(call)

    def _forget(self, call: _Call) -> None:
        self._calls.pop(call.id, None)
        self.expected.meet((call.id, "told"))

    def _fault(self, record: FaultStruck, _at: int, _seq: int) -> None:
        if record.event is not None and INVOKED in record.site:
            self._is_struck = True
            self._struck[record.event] = None  # It may come again, and later.
