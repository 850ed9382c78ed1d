"""The outcome: what came of one run of a subject, as far as a verdict needs it.

Plain data, so that it can be had from another process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs

from dwf_sim.faults.acknowledgement import LoseAck
from dwf_sim.faults.events import DUPLICATE, EventFault
from dwf_sim.masks import masked
from dwf_sim.model.claims import EVENTUALLY
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import (
    EffectCalled,
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
from dwf_sim.model.run import FAILED, Run
from dwf_sim.search.stage import Stage
from dwf_sim.views import error_of, error_text


@attrs.frozen
class Ending:
    """How a run of a function for these events ended. Ids and times are masked in what it says.

    `events` are sorted, since a batch in another order is to give the same. `timeouts` counts the
    waits that timed out, `overdue` those that did before any such event had come, and `missed`
    those that the run began with, when such an event had come already.
    """

    function: str
    events: str
    label: str
    status: str
    text: str
    timeouts: int = 0
    overdue: int = 0
    missed: int = 0

    @property
    def cause(self) -> tuple[str, str]:
        """What is the same of runs that should end alike."""
        return self.function, self.events


@attrs.frozen
class Effect:
    """Something done outside, in a step of a run of a function, with this key if it has any."""

    ledger: str
    operation: str
    key: str | None
    function: str
    events: str
    step: str | None

    @property
    def cause(self) -> tuple[str, str]:
        """That of the run."""
        return self.function, self.events


@attrs.frozen
class Repeat:
    """An effect without a key that an execution of a step made again."""

    label: str
    step: str | None
    ledger: str
    operation: str
    count: int


@attrs.frozen
class Trouble:
    """What ended a play, or was not well at its end; `is_early` if the play was cut short."""

    kind: str
    what: str
    text: str
    is_early: bool = False


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a run: how its runs ended, what was done outside, what was found wrong.

    `done` counts what happened outside. `choosy` names the functions whose flow control has kept,
    refused or replaced events; `flows` are pairs of functions, of which a run of the first has
    started, answered or cancelled one of the second.
    """

    endings: tuple[Ending, ...]
    done: dict[Effect, int]
    repeats: tuple[Repeat, ...]
    trouble: Trouble | None
    mistakes: tuple[tuple[str, str], ...]
    choosy: tuple[str, ...]
    flows: tuple[tuple[str, str], ...]
    is_late: bool  # An event came late, or not at all, by a fault.
    has_copies: bool  # An event came once more by a fault.

    @property
    def effects(self) -> dict[tuple[str, str, str], int]:
        """How often what happened outside, by function, ledger and operation."""
        counts: dict[tuple[str, str, str], int] = {}
        for effect, count in self.done.items():
            name = effect.function, effect.ledger, effect.operation
            counts[name] = counts.get(name, 0) + count
        return counts


def outcome_of(stage: Stage, trouble: Trouble | None) -> Outcome:
    """Take from a simulation what came of it."""
    runs = {run.id: run for run in stage._engine.state.runs.values()}
    within = stage.start_ms, stage.now_ms
    counts = _Counts(runs)
    oldest = stage.trace.count - len(stage.trace)
    for number, (at, cause, record) in enumerate(stage.trace.tuples_since(0), oldest):
        counts.take(number, at, cause, record)
    endings = {run.id: _ending(run, within, counts.waits_of(run.id)) for run in runs.values()}
    done, repeats = _effects(stage, endings)
    struck = [each.fault for each in stage.faults_struck]
    return Outcome(
        endings=tuple(endings.values()),
        done=done,
        repeats=repeats,
        trouble=trouble or _unmet(stage),
        mistakes=tuple(counts.mistakes.items()),
        choosy=tuple(counts.choosy),
        flows=tuple(counts.flows),
        is_late=any(isinstance(fault, EventFault) and fault.kind != DUPLICATE for fault in struck),
        has_copies=any(_makes_copies(fault) for fault in struck),
    )


@attrs.define
class _Waits:
    """What became of the waits of a run."""

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
class _Counts:
    """What is counted in the records."""

    _runs: Mapping[str, Run]
    mistakes: dict[str, str] = attrs.field(factory=dict)
    choosy: dict[str, None] = attrs.field(factory=dict)
    flows: dict[tuple[str, str], None] = attrs.field(factory=dict)
    _whose: dict[int, str | None] = attrs.field(factory=dict)  # The run of a record, or its cause.
    _under_way: dict[tuple[str, str], _Wait] = attrs.field(factory=dict)
    _ended: dict[str, _Waits] = attrs.field(factory=dict)
    _begun: set[str] = attrs.field(factory=set)  # Runs that have done anything. Never iterated.
    _received: dict[tuple[str, str], int] = attrs.field(factory=dict)  # When the first one came.

    def waits_of(self, run: str) -> _Waits:
        return self._ended.get(run) or _Waits()

    def take(self, number: int, at: int, cause: int | None, record: object) -> None:
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
        counts = self._ended.setdefault(memo.run, _Waits())
        counts.timeouts += 1
        counts.overdue += self._received.get(wait.awaits, at) >= wait.until
        counts.missed += wait.is_behind

    def _flow(self, source: str | None, run: str) -> None:
        """Note that one run has had to do with another, by an event or by its end."""
        if source is not None and source != run and source in self._runs:
            self.flows[self._runs[source].function.id, self._runs[run].function.id] = None


def _ending(run: Run, within: tuple[int, int], waits: _Waits) -> Ending:
    events = json.dumps(sorted(_event(event) for event in run.events))
    text = masked(run.result, within) if run.result else ""
    if run.status == FAILED:
        error = error_of(run) or {}
        text = masked(error_text(error), within)
    counts = waits.timeouts, waits.overdue, waits.missed
    return Ending(run.function.id, events, run.label, run.status, text, *counts)


def _event(event: StoredEvent) -> list[str]:
    """What a copy of an event shares with it: name and data, without ids that the engine made."""
    if event.name.startswith("inngest/function.invoked"):
        content = json.loads(event.data)
        content.pop("_inngest", None)
        return [event.name, masked(json.dumps(content))]
    if event.name.startswith("inngest/"):
        return [event.name]
    return [event.name, masked(event.data)]


def _effects(
    stage: Stage, endings: Mapping[str, Ending]
) -> tuple[dict[Effect, int], tuple[Repeat, ...]]:
    """Count the effects that happened, and find those that a step made again."""
    harmless = stage._gateway.repeatable
    within = stage.start_ms, stage.now_ms
    counts: dict[Effect, int] = {}
    calls: dict[tuple[object, ...], list[EffectCalled]] = {}
    for record in stage.trace.of(EffectCalled):
        whose = endings[record.run].cause if record.run else ("", "")
        key = None if record.key is None else masked(record.key, within)
        effect = Effect(record.ledger, record.operation, key, *whose, record.step)
        count = not record.is_repeat
        if record.key is None and record.run is not None:
            place = record.run, record.step, record.ledger, record.operation, record.nth
            before = calls.setdefault(place, [])
            if (record.ledger, record.operation) not in harmless:
                before.append(record)
            elif before:
                count = False  # It may be done again, so it is one.
            else:
                calls[place] = [record]
        if count:
            counts[effect] = counts.get(effect, 0) + 1
    return counts, tuple(
        Repeat(
            endings[first.run or ""].label, first.step, first.ledger, first.operation, len(group)
        )
        for group in calls.values()
        if len(group) > 1 and (first := group[0])
    )


def _unmet(stage: Stage) -> Trouble | None:
    """Find what should have happened by the end; what should sometimes happen need not now."""
    for text in stage._oracles.missing:
        if text.startswith(EVENTUALLY):
            return Trouble("broken", text.removesuffix(" never happened"), text)
    return None


def _makes_copies(fault: object) -> bool:
    return isinstance(fault, LoseAck) or (isinstance(fault, EventFault) and fault.kind == DUPLICATE)
