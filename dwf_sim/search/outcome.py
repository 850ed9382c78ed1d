"""The outcome: what came of one run of a subject, as far as a verdict needs it.

Plain data, so that it can be had from another process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import attrs

from dwf_sim.faults.events import EventFault
from dwf_sim.model.claims import EVENTUALLY
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import (
    EffectCalled,
    EventHeld,
    EventReceived,
    RunCancelling,
    RunSkipped,
    StepMemoized,
    StepReported,
)
from dwf_sim.model.run import FAILED, Run
from dwf_sim.search.stage import Stage
from dwf_sim.views import error_of, error_text

_ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")


@attrs.frozen
class Ending:
    """How a run of a function for these events ended. Ids and times are masked in what it says.

    `events` are sorted, since a batch in another order is to give the same.
    """

    function: str
    events: str
    label: str
    status: str
    text: str

    @property
    def cause(self) -> tuple[str, str]:
        """What is the same of runs that should end alike."""
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

    `effects` counts those that happened, by function, ledger and operation. `timeouts` counts the
    waits that timed out, `overdue` those that did before any such event had come, `cancellations`
    the runs that were cancelled, and `choosy` names the functions whose flow control has kept or
    refused events.
    """

    endings: tuple[Ending, ...]
    effects: dict[tuple[str, str, str], int]
    repeats: tuple[Repeat, ...]
    trouble: Trouble | None
    mistakes: tuple[tuple[str, str], ...]
    timeouts: int
    overdue: int
    cancellations: int
    choosy: tuple[str, ...]
    is_late: bool  # An event came late, or not at all, by a fault.


def outcome_of(stage: Stage, trouble: Trouble | None) -> Outcome:
    """Take from a simulation what came of it."""
    runs = {run.id: run for run in stage._engine.state.runs.values()}
    effects, repeats = _effects(stage, runs)
    counts = _Counts()
    for at, _, record in stage.trace.tuples_since(0):
        counts.take(at, record)
    return Outcome(
        endings=tuple(map(_ending, runs.values())),
        effects=effects,
        repeats=repeats,
        trouble=trouble or _unmet(stage),
        mistakes=tuple(counts.mistakes.items()),
        timeouts=counts.timeouts,
        overdue=counts.overdue,
        cancellations=counts.cancellations,
        choosy=tuple(counts.choosy),
        is_late=any(_makes_late(struck.fault) for struck in stage.faults_struck),
    )


def masked(text: str) -> str:
    """Take ids and instants out of a text: those differ between runs that are alike."""
    return _INSTANT.sub("<time>", _UUID.sub("<id>", _ULID.sub("<id>", text)))


@attrs.define
class _Counts:
    """What is counted in the records."""

    mistakes: dict[str, str] = attrs.field(factory=dict)
    timeouts: int = 0
    overdue: int = 0
    cancellations: int = 0
    choosy: dict[str, None] = attrs.field(factory=dict)
    _waits: dict[tuple[str, str], tuple[str, int]] = attrs.field(factory=dict)
    _received: dict[str, int] = attrs.field(factory=dict)  # When the first one came.

    def take(self, at: int, record: object) -> None:
        kind = type(record)
        if kind is StepReported:
            assert isinstance(record, StepReported)
            if record.awaits is not None and record.until is not None:
                self._waits[record.run, record.step] = record.awaits, record.until
        elif kind is StepMemoized:
            assert isinstance(record, StepMemoized)
            awaited = self._waits.get((record.run, record.step))
            if record.kind == "timeout" and awaited is not None:
                self.timeouts += 1
                name, until = awaited
                self.overdue += self._received.get(name, at) >= until
        elif kind is EventReceived:
            assert isinstance(record, EventReceived)
            self._received.setdefault(record.name, at)
        elif kind is RunCancelling:
            assert isinstance(record, RunCancelling)
            self.cancellations += 1
        elif kind is EventHeld or kind is RunSkipped:
            assert isinstance(record, EventHeld | RunSkipped)
            self.choosy[record.function] = None
        elif kind is MistakeFound:
            assert isinstance(record, MistakeFound)
            self.mistakes.setdefault(f"{record.kind} {masked(record.subject)}", record.text)


def _ending(run: Run) -> Ending:
    events = json.dumps(sorted(_event(event) for event in run.events))
    text = masked(run.result) if run.result else ""
    if run.status == FAILED:
        error = error_of(run) or {}
        text = masked(error_text(error))
    return Ending(run.function.id, events, run.label, run.status, text)


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
    stage: Stage, runs: Mapping[str, Run]
) -> tuple[dict[tuple[str, str, str], int], tuple[Repeat, ...]]:
    """Count the effects that happened, and find those that a step made again."""
    harmless = stage._gateway.repeatable
    counts: dict[tuple[str, str, str], int] = {}
    calls: dict[tuple[object, ...], list[EffectCalled]] = {}
    for record in stage.trace.of(EffectCalled):
        whose = runs[record.run].function.id if record.run else ""
        name = whose, record.ledger, record.operation
        count = not record.is_repeat
        if record.key is None and record.run is not None:
            place = record.run, record.step, record.ledger, record.operation, record.nth
            before = calls.setdefault(place, [])
            if name[1:] not in harmless:
                before.append(record)
            elif before:
                count = False  # It may be done again, so it is one.
            else:
                calls[place] = [record]
        counts[name] = counts.get(name, 0) + count
    return counts, tuple(
        Repeat(runs[first.run or ""].label, first.step, first.ledger, first.operation, len(group))
        for group in calls.values()
        if len(group) > 1 and (first := group[0])
    )


def _unmet(stage: Stage) -> Trouble | None:
    """Find what should have happened by the end; what should sometimes happen need not now."""
    for text in stage._oracles.missing:
        if text.startswith(EVENTUALLY):
            return Trouble("broken", text.removesuffix(" never happened"), text)
    return None


def _makes_late(fault: object) -> bool:
    return isinstance(fault, EventFault) and fault.kind != "duplicate"
