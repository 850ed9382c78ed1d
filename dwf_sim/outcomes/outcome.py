"""The outcome: what a simulation has come to, so that two of the same play can be compared.

Plain data, so that it can be had from another process. Nothing is kept of how it came about, and
ids and instants are masked, since those differ between runs that are alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from typing import Any

import attrs

from dwf_sim.faults.acknowledgement import LoseAck
from dwf_sim.faults.events import DUPLICATE, EventFault
from dwf_sim.model.claims import EVENTUALLY
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.records import EffectCalled, RunFinished
from dwf_sim.model.run import COMPLETED, FAILED, Run
from dwf_sim.outcomes.masks import masked
from dwf_sim.outcomes.traffic import Traffic
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import RunView, error_of, error_text


@attrs.frozen
class Ending:
    """How a run of a function for these events ended. Ids and times are masked in what it says.

    `events` are sorted, since a batch in another order is to give the same. `text` is the output as
    JSON, or the error; `result` what is looked at in place of the output. `timeouts`, `overdue` and
    `missed` count its waits as `Waits` does. `seq` is the number of the record of the end.
    """

    function: str
    events: str
    label: str
    status: str
    text: str
    timeouts: int = 0
    overdue: int = 0
    missed: int = 0
    result: object = None
    ids: tuple[str, ...] = attrs.field(default=(), eq=False)  # That its events were given.
    seq: int = attrs.field(default=0, eq=False)

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
    label: str = attrs.field(default="", eq=False)  # Of the run.
    seq: int = attrs.field(default=0, eq=False)  # The number of its record.

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
    started, answered or cancelled one of the second. `last` is the number of the newest record.
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
    last: int

    @property
    def effects(self) -> dict[tuple[str, str, str], int]:
        """How often what happened outside, by function, ledger and operation."""
        counts: dict[tuple[str, str, str], int] = {}
        for effect, count in self.done.items():
            name = effect.function, effect.ledger, effect.operation
            counts[name] = counts.get(name, 0) + count
        return counts

    @property
    def by_cause(self) -> dict[tuple[str, str], list[Ending]]:
        """The ends of runs, by what is the same of those that should end alike."""
        found: dict[tuple[str, str], list[Ending]] = {}
        for ending in self.endings:
            found.setdefault(ending.cause, []).append(ending)
        return found


def outcome_of(
    stage: Simulation,
    trouble: Trouble | None = None,
    compare: Callable[[RunView], object] | None = None,
) -> Outcome:
    """Take from a simulation what came of it.

    `trouble` is what has ended its play; `compare` gives what is looked at of a run that completed,
    its output if left out.
    """
    runs, within = dict(stage._engine.state.runs.items()), (stage.start_ms, stage.now_ms)
    traffic = Traffic(runs)
    oldest, last = stage.trace.count - len(stage.trace), stage.trace.count - 1
    calls: list[tuple[int, EffectCalled]] = []
    ends: dict[str, int] = {}
    for number, (at, cause, record) in enumerate(stage.trace.tuples_since(0), oldest):
        traffic.take(number, at, cause, record)
        if type(record) is EffectCalled:
            calls.append((number, record))
        elif type(record) is RunFinished:
            ends[record.run] = number
    endings = {}
    for run in runs.values():
        ending = _ending(run, within, ends.get(run.id, last))
        endings[run.id] = attrs.evolve(ending, **attrs.asdict(traffic.waits_of(run.id)))
    if compare is not None:
        endings |= _compared(stage, endings, compare, within)
    done, repeats = _effects(calls, stage._gateway.repeatable, endings, within)
    return Outcome(
        endings=tuple(endings.values()),
        done=done,
        repeats=repeats,
        trouble=trouble or _unmet(stage),
        mistakes=tuple(traffic.mistakes.items()),
        choosy=tuple(traffic.choosy),
        flows=tuple(traffic.flows),
        is_late=any(_makes_late(each.fault) for each in stage.faults_struck),
        has_copies=any(_makes_copies(each.fault) for each in stage.faults_struck),
        last=last,
    )


def _compared(
    stage: Simulation,
    endings: Mapping[str, Ending],
    compare: Callable[[RunView], object],
    within: tuple[int, int],
) -> dict[str, Ending]:
    """Put what is looked at of a run that completed in the place of its output."""
    return {
        view.id: attrs.evolve(endings[view.id], text="", result=_masked(compare(view), within))
        for view in stage.runs
        if view.status == COMPLETED
    }


def _ending(run: Run, within: tuple[int, int], seq: int) -> Ending:
    events = json.dumps(sorted(_event(event, within) for event in run.events))
    text = masked(run.result, within) if run.result else ""
    if run.status == FAILED:
        error = error_of(run) or {}
        text = masked(error_text(error), within)
    ids = tuple(event.id for event in run.events if event.id != event.internal_id)
    return Ending(run.function.id, events, run.label, run.status, text, ids=ids, seq=seq)


def _masked(content: Any, within: tuple[int, int]) -> object:
    """Mask the texts in what a user looks at."""
    if isinstance(content, str):
        return masked(content, within)
    if isinstance(content, list | tuple):
        return [_masked(part, within) for part in content]
    if isinstance(content, dict):
        return {str(_masked(key, within)): _masked(part, within) for key, part in content.items()}
    return content


def _event(event: StoredEvent, within: tuple[int, int]) -> list[str]:
    """What a copy of an event shares with it: name and data, without ids that the engine made."""
    if event.name.startswith("inngest/function.invoked"):
        content = json.loads(event.data)
        content.pop("_inngest", None)
        return [event.name, masked(json.dumps(content), within)]
    if event.name.startswith("inngest/"):
        return [event.name]
    return [event.name, masked(event.data, within)]


def _effects(
    numbered: list[tuple[int, EffectCalled]],
    harmless: Container[tuple[str, str]],
    endings: Mapping[str, Ending],
    within: tuple[int, int],
) -> tuple[dict[Effect, int], tuple[Repeat, ...]]:
    """Count the effects that happened, and find those that a step made again."""
    counts: dict[Effect, int] = {}
    calls: dict[tuple[object, ...], list[EffectCalled]] = {}
    for seq, record in numbered:
        whose = endings.get(record.run or "")
        cause, label = (whose.cause, whose.label) if whose else (("", ""), "")
        key = None if record.key is None else masked(record.key, within)
        effect = Effect(record.ledger, record.operation, key, *cause, record.step, label, seq)
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
            counts[effect] = counts.pop(effect, 0) + 1  # What was last is told of.
    return counts, tuple(
        Repeat(
            endings[first.run or ""].label, first.step, first.ledger, first.operation, len(group)
        )
        for group in calls.values()
        if len(group) > 1 and (first := group[0])
    )


def _unmet(stage: Simulation) -> Trouble | None:
    """Find what should have happened by the end; what should sometimes happen need not now."""
    for text in stage._oracles.missing:
        if text.startswith(EVENTUALLY):
            return Trouble("broken", text.removesuffix(" never happened"), text)
    return None


def _makes_late(fault: object) -> bool:
    return isinstance(fault, EventFault) and fault.kind != DUPLICATE


def _makes_copies(fault: object) -> bool:
    return isinstance(fault, LoseAck) or (isinstance(fault, EventFault) and fault.kind == DUPLICATE)
