"""Playing: a scenario is run, and what came of it is held against what was expected."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from dwf_sim.duration import format_duration
from dwf_sim.errors import ConfigError, InvariantViolated, UsageError
from dwf_sim.faults import FaultPlan
from dwf_sim.given import shown
from dwf_sim.invariants import EVERY_INVARIANT, INVARIANTS, Invariant
from dwf_sim.model.event import Event
from dwf_sim.model.records import EffectCalled, StepStarted
from dwf_sim.scenario.model import (
    Absent,
    InvariantsExpected,
    Moment,
    RunExpected,
    Scenario,
    StepExpected,
)
from dwf_sim.scenario.nodes import ScenarioError
from dwf_sim.scenario.reading import Sheet
from dwf_sim.world.serving import load
from dwf_sim.world.simulation import START, Simulation
from dwf_sim.world.views import RunView, error_text


@attrs.frozen
class Played:
    """A scenario that was played: its world, and in which ways it is not what was expected."""

    simulation: Simulation
    problems: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether all is as expected."""
        return not self.problems


def play(sheet: Sheet) -> Played:
    """Play a scenario. Raises `ScenarioError` at the place of what cannot be found or done."""
    scenario = sheet.scenario
    with _told_at(sheet, ""):
        simulation = Simulation(
            scenario.seed,
            start=_start(sheet),
            faults=FaultPlan(scenario.faults),
            interleave=scenario.interleave,
            invariants=_checked(scenario.expect.invariants),
        )
        try:
            problems = _played(simulation, sheet)
        except InvariantViolated as error:
            problems = (str(error),)
    return Played(simulation, problems)


def _played(simulation: Simulation, sheet: Sheet) -> tuple[str, ...]:
    scenario = sheet.scenario
    with simulation:
        for nth, place in enumerate(scenario.functions):
            with _told_at(sheet, f"functions[{nth}]"):
                simulation.serve(find(place))
        for nth, moment in sorted(enumerate(scenario.moments), key=lambda pair: pair[1].at):
            simulation.advance(max(0, moment.at - _elapsed(simulation)))
            with _told_at(sheet, f"moments[{nth}]"):
                _do(simulation, moment)
        if scenario.for_ is None:
            simulation.run_until_idle()
        else:
            simulation.advance(scenario.for_)
        return tuple(_problems(simulation, scenario))


def _checked(expected: InvariantsExpected) -> tuple[type[Invariant], ...]:
    """List the invariants that must hold: those that always do, but for some, and others."""
    but_for = (*expected.off, *expected.broken)
    return tuple(
        kind
        for kind in EVERY_INVARIANT
        if kind.name in expected.hold or (kind in INVARIANTS and kind.name not in but_for)
    )


def find(place: str) -> Any:
    """Import what `package.module:name` names. Raises `ConfigError` that says why it cannot."""
    try:
        return load(place)
    except ModuleNotFoundError as error:
        raise ConfigError(f"{place} cannot be imported: {error}{_where(place, error)}") from error
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{place} cannot be imported: {error}") from error


def _where(place: str, error: ModuleNotFoundError) -> str:
    """Say from where it is imported, if its very package is not found."""
    top = place.partition(":")[0].partition(".")[0]
    if error.name != top:
        return ""
    return (
        f"; functions are imported from the folder you are in, of pytest from its rootdir: be in "
        f"the one that holds {top}"
    )


@contextmanager
def _told_at(sheet: Sheet, path: str) -> Iterator[None]:
    """Say of a mistake where in the file it stands, as near as it is known."""
    try:
        yield
    except ScenarioError:
        raise
    except UsageError as error:
        raise ScenarioError(
            ": ".join(filter(None, (f"{sheet.place(path)}", path, str(error))))
        ) from error


def _start(sheet: Sheet) -> datetime.datetime:
    given = sheet.scenario.start
    if given is None:
        return START
    with contextlib.suppress(ValueError):
        start = datetime.datetime.fromisoformat(given)
        if start.tzinfo is not None:
            return start
    raise ScenarioError(
        f"{sheet.place('start')}: start is {given!r}; give an instant with its zone, such as "
        "2030-01-01T00:00:00Z"
    )


def _elapsed(simulation: Simulation) -> int:
    return simulation.now_ms - simulation.start_ms


def _do(simulation: Simulation, moment: Moment) -> None:
    if moment.send is not None:
        event = Event(moment.send, moment.data or {}, id=moment.id or "", ts=moment.ts or 0)
        simulation.send(event)
    elif moment.signal is not None:
        simulation.signal(moment.signal, moment.data)
    elif moment.cancel is not None:
        simulation.cancel(_run(simulation, moment.cancel))
    elif moment.rerun is not None:
        simulation.rerun(_run(simulation, moment.rerun))
    elif moment.pause is not None:
        simulation.pause(moment.pause)
    elif moment.resume is not None:
        simulation.resume(moment.resume)
    elif moment.deploy is not None:
        simulation.deploy(moment.deploy)


def _run(simulation: Simulation, label: str) -> RunView:
    run = _find_run(simulation, label)
    if run is None:
        raise ConfigError(f"there is no run {label}; {_runs_there(simulation)}")
    return run


def _find_run(simulation: Simulation, label: str) -> RunView | None:
    return next((run for run in simulation.runs if run.label == label), None)


def _runs_there(simulation: Simulation) -> str:
    labels = [run.label for run in simulation.runs]
    return f"the runs are {', '.join(labels)}" if labels else "there are no runs"


def _problems(simulation: Simulation, scenario: Scenario) -> Iterator[str]:
    expected = scenario.expect
    for run in expected.runs:
        yield from _of_run(simulation, run)
    if expected.run_count is not None and len(simulation.runs) != expected.run_count:
        yield f"there are {len(simulation.runs)} runs, not {expected.run_count}"
    effects = [record for record in simulation.trace.of(EffectCalled) if not record.is_repeat]
    for effect in expected.effects:
        count = sum(
            record.ledger == effect.ledger
            and effect.operation in (None, record.operation)
            and effect.key in (None, record.key)
            for record in effects
        )
        if count != effect.count:
            what = " ".join(filter(None, (effect.ledger, effect.operation, effect.key)))
            yield f"{what} happened {_times(count)}, not {_times(effect.count)}"
    for event in expected.events:
        count = sum(each.name == event.name for each in simulation.events)
        if count != event.count:
            yield f"there are {count} events {event.name}, not {event.count}"
    yield from _of_order(simulation, expected.order)
    for kind in EVERY_INVARIANT:
        if kind.name in expected.invariants.broken and not simulation.broken(kind):
            yield f"{kind.name}: {kind.says}, which was expected to be broken, and holds"
    if expected.all_faults_strike:
        for fault in simulation.unstruck:
            yield f"a fault never struck: {fault}"


def _of_run(simulation: Simulation, expected: RunExpected) -> Iterator[str]:
    run = _find_run(simulation, expected.run)
    if run is None:
        yield f"there is no run {expected.run}; {_runs_there(simulation)}"
        return
    name = expected.run
    if expected.status not in (None, run.status):
        why = f": {_brief(run.error)}" if run.error else ""
        yield f"{name} is {run.status}, not {expected.status}{why}"
    if not _is_output(expected.output, run.output):
        yield f"{name} has output {shown(run.output)}, not {shown(expected.output)}"
    if expected.error is not None and expected.error not in _brief(run.error):
        yield f"{name} has error {_brief(run.error)!r}, in which {expected.error!r} is not"
    for label, step in expected.steps.items():
        yield from _of_step(run, label, step)
    yield from _of_time(simulation, run, expected)


def _of_step(run: RunView, label: str, expected: StepExpected) -> Iterator[str]:
    name = f"step {label} of {run.label}"
    if label not in run.steps:
        there = ", ".join(run.steps) or "none"
        if expected.executions != 0:
            yield f"{name} never ran; its steps are {there}"
        return
    step = run.steps[label]
    if expected.executions not in (None, step.executions):
        yield f"{name} ran {_times(step.executions)}, not {_times(expected.executions or 0)}"
    if not _is_output(expected.output, step.output):
        yield f"{name} has output {shown(step.output)}, not {shown(expected.output)}"
    if expected.error is not None and expected.error not in _brief(step.error):
        yield f"{name} has error {_brief(step.error)!r}, in which {expected.error!r} is not"


def _is_output(expected: Any, found: Any) -> bool:
    """Whether an output is as expected, if it is looked at: as JSON has it, true is not 1."""
    return expected is Absent.ABSENT or _is_same(expected, found)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _of_time(simulation: Simulation, run: RunView, expected: RunExpected) -> Iterator[str]:
    if expected.after is None and expected.before is None:
        return
    if run.ended_at is None:
        yield f"{run.label} has not ended"
        return
    took = run.ended_at - simulation.start_ms
    ends = f"{run.label} ends at {format_duration(took)}"
    if expected.after is not None and took < expected.after:
        yield f"{ends}, before {format_duration(expected.after)}"
    if expected.before is not None and took > expected.before:
        yield f"{ends}, after {format_duration(expected.before)}"


def _brief(error: Mapping[str, Any] | None) -> str:
    return "none" if error is None else error_text(error)


def _of_order(simulation: Simulation, order: list[str]) -> Iterator[str]:
    began = [record.step for record in simulation.trace.of(StepStarted)]
    left = iter(began)
    for label in order:
        if label not in left:  # Goes on behind where the last one was found.
            yield f"the steps began in the order {', '.join(began)}, not {', '.join(order)}"
            return


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
