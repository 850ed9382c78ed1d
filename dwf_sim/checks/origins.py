"""Origins: for which event, and for which step of whom, something is done in the end.

An event that is delivered twice starts two runs that are meant to be one; so does a step that is
executed twice and sends an event each time. Two such runs have the same origin.
"""

from __future__ import annotations

from collections.abc import Hashable

from dwf_sim.model.records import EventReceived, FaultStruck, RunScheduled
from dwf_sim.sim.trace import Entry, Trace

__all__ = ["Origins"]


class Origins:
    """The origins of a trace's runs: equal numbers for what is meant to be one."""

    def __init__(self, trace: Trace) -> None:
        self._entries = list(trace)
        self._numbers: dict[Hashable, int] = {}
        self._of_event: dict[str, int] = {}
        self._of_run: dict[str, int] = {}
        self._sent: dict[tuple[int, str], int] = {}  # By who sent it and its name: how many.
        for entry in self._entries:
            if isinstance(entry.record, EventReceived):
                self._receive(entry, entry.record)
            elif isinstance(entry.record, RunScheduled):
                events = tuple(self._of_event.get(event, -1) for event in entry.record.events)
                self._of_run[entry.record.run] = self._number((entry.record.function, events))

    def of_run(self, run: str) -> int:
        """Give the origin of a run."""
        return self._of_run[run]

    def _receive(self, entry: Entry, record: EventReceived) -> None:
        if record.event in self._of_event:
            return
        event, cause = record.event, entry.cause
        while cause is not None:
            struck = self._entries[cause].record
            if not isinstance(struck, FaultStruck) or struck.event is None:
                break
            event, cause = struck.event, self._entries[cause].cause
        if event not in self._of_event:
            self._of_event[event] = self._number(self._source(event, record.name, cause))
        self._of_event[record.event] = self._of_event[event]

    def _source(self, event: str, name: str, cause: int | None) -> Hashable:
        """Say who sent an event: the n-th of its name of one entry of a run, or nobody inside."""
        while cause is not None:
            entry = self._entries[cause]
            run = getattr(entry.record, "run", None)
            if run in self._of_run:
                nth = self._sent[cause, name] = self._sent.get((cause, name), 0) + 1
                kind, step = type(entry.record).__name__, getattr(entry.record, "step", None)
                return self._of_run[run], kind, step, name, nth
            cause = entry.cause
        return event

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))
