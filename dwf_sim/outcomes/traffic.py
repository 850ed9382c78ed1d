"""Traffic: what was waited for, and which runs had to do with each other.

It says whether a run could do anything about how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import (
    EventHeld,
    EventReceived,
    RunCancelling,
    RunScheduled,
    RunSkipped,
    SignalReceived,
    StepMemoized,
    StepReported,
    StepStarted,
)
from dwf_sim.model.run import Run
from dwf_sim.outcomes.masks import masked


@attrs.define
class Waits:
    """What became of the waits of a run.

    `timeouts` counts those that timed out, `overdue` those that did before any such event had come,
    and `missed` those that the run began with, when such an event had come already.
    """

    timeouts: int = 0
    overdue: int = 0
    missed: int = 0


@attrs.define
class _Wait:
    """A wait under way: for what, until when, and whether it began too late for any function."""

    awaits: tuple[str, str]  # Whether it is for an event, a signal or an invoke, and its name.
    until: int
    is_behind: bool


@attrs.define
class Traffic:
    """What is counted in the records, which are taken one after the other.

    `choosy` has the functions whose flow control has kept, refused or replaced events, `flows` the
    pairs of functions of which a run of the first has started, answered or cancelled one of the
    second, `mistakes` what was noticed.
    """

    _runs: Mapping[str, Run]
    mistakes: dict[str, str] = attrs.field(factory=dict)
    choosy: dict[str, None] = attrs.field(factory=dict)
    flows: dict[tuple[str, str], None] = attrs.field(factory=dict)
    _whose: dict[int, str | None] = attrs.field(factory=dict)  # The run of a record, or its cause.
    _under_way: dict[tuple[str, str], _Wait] = attrs.field(factory=dict)
    _ended: dict[str, Waits] = attrs.field(factory=dict)
    _begun: set[str] = attrs.field(factory=set)  # Runs that have done anything. Never iterated.
    _received: dict[tuple[str, str], int] = attrs.field(factory=dict)  # When the first one came.

    def waits_of(self, run: str) -> Waits:
        """What became of the waits of a run."""
        return self._ended.get(run) or Waits()

    def take(self, number: int, at: int, cause: int | None, record: object) -> None:
        """Take the next record."""
        before = None if cause is None else self._whose.get(cause)
        self._whose[number] = getattr(record, "run", None) or before
        kind = type(record)
        if kind is StepReported:
            assert isinstance(record, StepReported)
            self._begin(at, record)
        elif kind is StepStarted:
            assert isinstance(record, StepStarted)
            self._begun.add(record.run)
        elif kind is StepMemoized:
            assert isinstance(record, StepMemoized)
            self._begun.add(record.run)
            self._flow(before, record.run)
            if record.kind == "timeout":
                self._end(at, record)
        elif kind is EventReceived:
            assert isinstance(record, EventReceived)
            self._received.setdefault(("wait", record.name), at)
        elif kind is SignalReceived:
            assert isinstance(record, SignalReceived)
            self._received.setdefault(("signal", record.signal), at)
        elif kind is RunScheduled:
            assert isinstance(record, RunScheduled)
            self._flow(before, record.run)
        elif kind is RunCancelling:
            assert isinstance(record, RunCancelling)
            self._flow(before, record.run)
            if record.reason.startswith("singleton"):
                self.choosy[self._runs[record.run].function.id] = None
        elif kind is EventHeld or kind is RunSkipped:
            assert isinstance(record, EventHeld | RunSkipped)
            self.choosy[record.function] = None
        elif kind is MistakeFound:
            assert isinstance(record, MistakeFound)
            self.mistakes.setdefault(f"{record.kind} {masked(record.subject)}", record.text)

    def _begin(self, at: int, wait: StepReported) -> None:
        if wait.awaits is None or wait.until is None:
            return
        awaits = wait.kind, wait.awaits
        is_behind = self._received.get(awaits, at + 1) <= at and wait.run not in self._begun
        self._under_way[wait.run, wait.step] = _Wait(awaits, wait.until, is_behind)

    def _end(self, at: int, memo: StepMemoized) -> None:
        wait = self._under_way.get((memo.run, memo.step))
        if wait is None:
            return
        counts = self._ended.setdefault(memo.run, Waits())
        counts.timeouts += 1
        counts.overdue += self._received.get(wait.awaits, at) >= wait.until
        counts.missed += wait.is_behind

    def _flow(self, source: str | None, run: str) -> None:
        """Note that one run has had to do with another, by an event or by its end."""
        if source is not None and source != run and source in self._runs:
            self.flows[self._runs[source].function.id, self._runs[run].function.id] = None
