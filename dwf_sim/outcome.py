"""What a simulation has come to: how its runs ended, and what was done outside.

Two simulations of the same functions and events can be compared by it, whatever went wrong in one
of them. Nothing is kept of how it came about: times, attempts, requests, and calls that had no
effect since their key was known. An outcome holds on to no simulation.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from dwf_sim.errors import UsageError
from dwf_sim.given import shown
from dwf_sim.model.records import EffectCalled, RunFinished
from dwf_sim.views import EventView, RunView, error_text
from dwf_sim.world import Simulation

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# What is left of an event of the engine's own: its other fields tell of times and stacks.
_TELLING = ("function_id", "run_id", "cron")
_AGAIN = ", and {} when nothing goes wrong"

Identity = tuple[str | None, ...]


@attrs.frozen
class RunOutcome:
    """How one run ended; `result` is what is compared of a run that completed."""

    label: str
    status: str
    result: object
    error: str | None
    seq: int


@attrs.frozen
class EffectOutcome:
    """How often something happened outside, and the record of the last time."""

    what: str
    has_key: bool
    count: int
    seq: int


@attrs.frozen
class Difference:
    """In what one outcome differs from another, and the record that shows it."""

    message: str
    seq: int


@attrs.frozen
class Outcome:
    """Runs by the events that started them, effects by key, or else by the step that made them."""

    runs: dict[str, RunOutcome]
    effects: dict[Identity, EffectOutcome]
    last: int  # The number of its newest record.

    @classmethod
    def of(
        cls, simulation: Simulation, compare: Callable[[RunView], object] | None = None
    ) -> Outcome:
        """Read what a simulation has come to so far.

        `compare` gives what is looked at of a run that completed, its output if left out. Raises
        `UsageError` when a bounded trace has dropped records.
        """
        trace = simulation.trace
        if trace.count > len(trace):
            raise UsageError(
                f"the trace keeps {trace.bound} records, and some were dropped, so what was done "
                "outside is not known: leave trace_bound out"
            )
        return _Reading(simulation, compare or _output).outcome()

    def differences(self, other: Outcome) -> Iterator[Difference]:
        """Yield in what another outcome differs from this one, in which nothing went wrong."""
        for name, run in self.runs.items():
            yield from _of_runs(run, other.runs.get(name), other.last)
        for name, run in other.runs.items():
            if name not in self.runs:
                told = f"{run.label} was started, and no such run when nothing goes wrong"
                yield Difference(told, run.seq)
        for place in dict.fromkeys([*self.effects, *other.effects]):
            yield from _of_effects(self.effects.get(place), other.effects.get(place), other.last)


def _output(run: RunView) -> object:
    return run.output


def _of_runs(run: RunOutcome, other: RunOutcome | None, last: int) -> Iterator[Difference]:
    if other is None:
        yield Difference(f"{run.label} was not started" + _AGAIN.format("is"), last)
    elif run.status != other.status:
        because = f" ({other.error})" if other.error else ""
        told = f"{other.label} is {other.status}{because}" + _AGAIN.format(run.status)
        yield Difference(told, other.seq)
    elif run.error != other.error:
        told = f"{other.label} failed with {other.error}" + _AGAIN.format(f"with {run.error}")
        yield Difference(told, other.seq)
    elif run.result != other.result:
        told = f"{other.label} gives {shown(other.result)}" + _AGAIN.format(shown(run.result))
        yield Difference(told, other.seq)


def _of_effects(
    effect: EffectOutcome | None, other: EffectOutcome | None, last: int
) -> Iterator[Difference]:
    count, others = effect.count if effect else 0, other.count if other else 0
    if count == others:
        return
    found = other or effect
    assert found is not None, "one of them has it"
    advice = "; give it an idempotency key" if others > count > 0 and not found.has_key else ""
    told = f"{found.what} was done {_times(others)}" + _AGAIN.format(_times(count)) + advice
    yield Difference(told, other.seq if other else last)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once"}.get(count, f"{count} times")


class _Reading:
    """Reads a simulation, and names its runs by what is the same in every other."""

    def __init__(self, simulation: Simulation, compare: Callable[[RunView], object]) -> None:
        self._simulation = simulation
        self._compare = compare
        self._events = {event.internal_id: event for event in simulation.events}
        self._names: dict[str, str] = {}  # By the ids of runs.
        self._labels: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def outcome(self) -> Outcome:
        """Read all there is."""
        trace = self._simulation.trace
        ends = {e.record.run: e.seq for e in trace if isinstance(e.record, RunFinished)}
        last, runs = trace.count - 1, {}
        for run in self._simulation.runs:  # In the order of their creation: parents come first.
            self._names[run.id] = self._name(run)
            self._labels[run.id] = run.label
        for run in self._simulation.runs:
            error = run.error
            runs[self._names[run.id]] = RunOutcome(
                run.label,
                run.status,
                self._same(self._compare(run)) if run.status == "completed" else None,
                str(self._same(error_text(error))) if error else None,
                ends.get(run.id, last),
            )
        return Outcome(runs, self._effects(), last)

    def _name(self, run: RunView) -> str:
        """Name a run by its function, its events, and its number among those that share them."""
        events = [self._events[each] for each in run.event_ids if each in self._events]
        told = json.dumps([run.function_id, [self._told(each) for each in events]], sort_keys=True)
        nth = self._counts[told] = self._counts.get(told, 0) + 1
        return f"run-{hashlib.sha256(f'{nth} {told}'.encode()).hexdigest()[:20]}"

    def _told(self, event: EventView) -> list[object]:
        data = event.data
        meta = data.get("_inngest") if isinstance(data, dict) else None
        if isinstance(meta, dict):  # An invoke: who called, and with what.
            rest = {key: part for key, part in data.items() if key != "_inngest"}
            return [event.name, self._same(rest), self._same(meta.get("correlation_id"))]
        if event.name.startswith("inngest/"):
            data = {key: data[key] for key in _TELLING if key in data}
        return [event.name, self._same(data)]

    def _same(self, content: Any) -> object:
        """Write the names of runs for their ids, which follow from when they were created."""
        if isinstance(content, str):
            return _ULID.sub(lambda found: self._names.get(found[0], found[0]), content)
        if isinstance(content, list):
            return [self._same(part) for part in content]
        if isinstance(content, dict):
            return {str(self._same(key)): self._same(part) for key, part in content.items()}
        return content

    def _effects(self) -> dict[Identity, EffectOutcome]:
        found: dict[Identity, EffectOutcome] = {}
        for entry in self._simulation.trace:
            record = entry.record
            if isinstance(record, EffectCalled) and not record.is_repeat:
                place = self._place(record)
                before = found.get(place)
                count = 1 + (before.count if before else 0)
                what = self._what(record)
                found[place] = EffectOutcome(what, record.key is not None, count, entry.seq)
        return found

    def _place(self, effect: EffectCalled) -> Identity:
        what = effect.ledger, effect.operation
        if effect.key is not None:
            return (*what, str(self._same(effect.key)))
        return (*what, None, self._names.get(effect.run or ""), effect.step)

    def _what(self, effect: EffectCalled) -> str:
        what = f"{effect.ledger} {effect.operation}"
        if effect.key is not None:
            return f"{what} with key {effect.key!r}"
        where = f" in step {effect.step!r}" if effect.step else ""
        return f"{what}{where}{f' of {self._labels[effect.run]}' if effect.run else ''}"
