"""Waits: each ends once, by the first event that matches, or when its time is over
(A102, A105, A107, A109)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import EventReceived, RunFinished, StepMemoized, StepReported

_KINDS = ("wait", "signal", "invoke", "sleep")


@attrs.frozen
class _Wait:
    run: str
    step: str
    kind: str
    since: int  # The number of its record.
    until: int
    awaits: str | None
    condition: str | None


class WaitsEndOnce(Awaiting):
    """At the very end of its time both are allowed (A109); a wait that is over has ended."""

    name = "waits end once"
    says = "a wait ends by the first event after it that matches, or when its time is over"
    rules = ("A90", "A102", "A105", "A107", "A109", "A123", "A135")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._waits: dict[str, dict[str, _Wait]] = {}  # By run, then by step.
        self._named: dict[str, dict[tuple[str, str], _Wait]] = {}  # By event name.
        self._due: dict[tuple[str, str], str] = {}  # Which event has to end a wait.

    def watches(self) -> Watches:
        """Look at waits, events and memos."""
        return {
            StepReported: self._reported,
            EventReceived: self._event,
            StepMemoized: self._memoized,
            RunFinished: self._finished,
        }

    def _reported(self, record: StepReported, _at: int, seq: int) -> None:
        if record.kind not in _KINDS or record.until is None:
            return
        wait = _Wait(
            record.run,
            record.step,
            record.kind,
            seq,
            record.until,
            record.awaits,
            record.condition,
        )
        self._waits.setdefault(record.run, {})[record.step] = wait
        if record.kind == "wait" and record.awaits is not None:
            self._named.setdefault(record.awaits, {})[record.run, record.step] = wait
        # Who wakes up may have to stand in a queue, and a fault may make the timer late.
        if record.kind != "sleep" and not self.facts.is_late(record.run, record.step):
            text = f"the time of {record.kind} {record.step!r} was over and it did not end"
            self.expected.add((record.run, record.step), wait.until, text, seq, record.run)

    def _event(self, record: EventReceived, at: int, seq: int) -> None:
        for key, wait in self._named.get(record.name, {}).items():
            is_match = at <= wait.until and self.facts.matches(
                wait.condition, wait.run, record.event, at
            )
            if is_match and key not in self._due:
                self._due[key] = record.event
                text = f"event {record.event} matched the wait {wait.step!r} and did not end it"
                self.expected.add((*key, "event"), at, text, seq, wait.run)

    def _memoized(self, record: StepMemoized, at: int, seq: int) -> None:
        wait = self._waits.get(record.run, {}).pop(record.step, None)
        if wait is None:
            return
        due = self._forget(wait)
        if record.kind in ("timeout", "sleep") and at < wait.until:
            early = wait.until - at
            text = f"{wait.kind} {wait.step!r} was over {early} ms before its time"
            self.broken(text, seq, record.run)
        if record.kind == "timeout" and due is not None:
            text = f"wait {wait.step!r} timed out although event {due} matched it"
            self.broken(text, seq, record.run)
        if record.kind == "event" and record.event is not None:
            self._check_event(wait, record.event, due, at, seq)

    def _check_event(self, wait: _Wait, event: str, due: str | None, at: int, seq: int) -> None:
        known = self.facts.events.get(event)
        if due is not None and due != event:
            text = f"wait {wait.step!r} ended by event {event}, and {due} matched it before"
        elif known is not None and known.name != wait.awaits:
            text = f"wait {wait.step!r} for {wait.awaits!r} ended by an event {known.name!r}"
        elif self.facts.matches(wait.condition, wait.run, event, at) is False:
            text = f"wait {wait.step!r} ended by an event that does not match: {wait.condition}"
        elif at > wait.until:
            text = f"wait {wait.step!r} ended by an event {at - wait.until} ms after its time"
        else:
            return
        self.broken(text, seq, wait.run)

    def _finished(self, record: RunFinished, _at: int, _seq: int) -> None:
        for wait in self._waits.pop(record.run, {}).values():
            self._forget(wait)

    def _forget(self, wait: _Wait) -> str | None:
        """Expect nothing of a wait any more; say which event should have ended it."""
        key = wait.run, wait.step
        self.expected.meet(key)
        self.expected.meet((*key, "event"))
        if wait.kind == "wait" and wait.awaits is not None:
            named = self._named[wait.awaits]
            named.pop(key, None)
            if not named:
                del self._named[wait.awaits]
        return self._due.pop(key, None)
