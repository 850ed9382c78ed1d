"""Cancellations: an event cancels the runs that match it, all of them and no others
(A150-A152)."""

from __future__ import annotations

import attrs

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import EventReceived, RunCancelling, RunFinished, RunScheduled
from dwf_sim.model.served import FunctionServed

_YEAR_MS = 365 * 24 * 3_600_000


@attrs.frozen
class _Readiness:
    run: RunScheduled
    condition: str | None
    until: int


class CancelsMatch(Awaiting):
    """Only runs that are older than the event, and not the one that it started (A151)."""

    name = "cancels match"
    says = "an event cancels just those older runs whose cancel entries match it"
    rules = ("A150", "A151", "A152")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return bool(served.cancel)

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._named: dict[str, dict[tuple[str, int], _Readiness]] = {}

    def watches(self) -> Watches:
        """Look at runs that can be cancelled, at events, and at cancellations."""
        return {
            RunScheduled: self._scheduled,
            EventReceived: self._event,
            RunCancelling: self._cancelling,
            RunFinished: self._finished,
        }

    def _scheduled(self, record: RunScheduled, at: int, _seq: int) -> None:
        served = self.facts.settings.get(record.run)
        if served is None or not served.cancel or record.is_batch:
            return
        for nth, (name, condition, timeout) in enumerate(served.cancel):
            until = at + (_YEAR_MS if timeout is None else timeout)
            ready = _Readiness(record, condition, until)
            self._named.setdefault(name, {})[record.run, nth] = ready

    def _event(self, record: EventReceived, at: int, seq: int) -> None:
        for ready in self._named.get(record.name, {}).values():
            if self._applies(ready, record, at):
                text = f"event {record.event} matched a cancel entry and did not cancel the run"
                self.expected.add(ready.run.run, at, text, seq, ready.run.run)

    def _applies(self, ready: _Readiness, event: EventReceived, at: int) -> bool | None:
        run = ready.run
        if event.event in run.events or event.event < run.run or ready.until < at:
            return False
        return self.facts.matches(ready.condition, run.run, event.event, at)

    def _cancelling(self, record: RunCancelling, at: int, seq: int) -> None:
        self.expected.meet(record.run)
        event = self.facts.events.get(record.event or "")
        if event is None:
            return
        entries = self._named.get(event.name, {}).items()
        mine = [ready for (run, _), ready in entries if run == record.run]
        if all(self._applies(ready, event, at) is False for ready in mine):
            text = f"event {event.event} cancelled a run that it does not match"
            self.broken(text, seq, record.run)

    def _finished(self, record: RunFinished, _at: int, _seq: int) -> None:
        self.expected.meet(record.run)
        served = self.facts.settings.get(record.run)
        if served is None:
            return
        for nth, (name, _, _) in enumerate(served.cancel):
            named = self._named.get(name)
            if named is not None:
                named.pop((record.run, nth), None)
                if not named:
                    del self._named[name]
