"""Recovery: whatever goes wrong, a simulation must come to what it comes to when nothing does.

Invariants look at one trace. That a run which was crashed and went on ends as one that nobody
crashed is a property of two, and the one that users ask of their functions: same output, same
status, and nothing done outside twice or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from dwf_sim.errors import UsageError
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.given import shown
from dwf_sim.model.run import FAILED
from dwf_sim.outcomes.outcome import Effect, Ending, Outcome, outcome_of
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import RunView

Play = Callable[[FaultPlan], Simulation]

_AGAIN = ", and {} when nothing goes wrong"
_SAYS = "recovery: runs that were struck by faults come to what they come to without them"


def check_recovery(
    play: Play,
    *plans: FaultPlan | Fault | Iterable[Fault],
    compare: Callable[[RunView], object] | None = None,
) -> None:
    """Check that a simulation comes to the same under each of these plans as under none.

    `play` is given a plan and returns a `Simulation(faults=plan)` that it has played to its end;
    it is called once without faults, and once for each plan. Compared are the runs, known by
    their function and events; the status, output and error of each; and the effects, known by
    idempotency key, or else by the step that made them. How long it took and how often it was
    tried is not, and ids and instants are masked. `compare` says what to look at of a completed run
    instead of its output, for instance if that has durations in it.

    Raises `InvariantViolated` at the first plan under which something differs, with what differs
    first, its record and the plan; or because a fault of a plan never struck, which proves
    nothing. Raises `UsageError` when `play` returns something else, or does not use the plan.
    """
    if not plans:
        raise UsageError(
            "no plan is given, so there is nothing to recover from; give faults, such as "
            "check_recovery(play, crash.after_effect('charge'))"
        )
    uninterrupted = came_to(_played(play, FaultPlan()), compare)
    for given in plans:
        plan = given if isinstance(given, FaultPlan) else FaultPlan(given)
        simulation = _played(play, plan)
        check_same(simulation, uninterrupted, compare)


def came_to(simulation: Simulation, compare: Callable[[RunView], object] | None = None) -> Outcome:
    """Read what a simulation has come to so far.

    Raises `UsageError` when a bounded trace has dropped records.
    """
    trace = simulation.trace
    if trace.count > len(trace):
        raise UsageError(
            f"the trace keeps {trace.bound} records, and some were dropped, so what was done "
            "outside is not known: leave trace_bound out"
        )
    return outcome_of(simulation, compare=compare)


def check_same(
    simulation: Simulation,
    uninterrupted: Outcome,
    compare: Callable[[RunView], object] | None = None,
) -> None:
    """Check that a simulation has come to this; raises as `check_recovery` does."""
    unstruck = [f"fault never struck: {fault}" for fault in simulation.unstruck]
    if unstruck:
        raise simulation._failure.vacuous(unstruck)
    differences = [*_differences(uninterrupted, came_to(simulation, compare))]
    if differences:
        first = differences[0]
        raise simulation._failure.broken(
            f"{_SAYS}\nbroken", first.message, first.seq, len(differences) - 1
        )


def _played(play: Play, plan: FaultPlan) -> Simulation:
    try:
        simulation: object = play(plan)
    except AttributeError as error:
        if error.obj is not plan:
            raise
        raise UsageError(
            f"play takes its argument for a simulation, of which it wants {error.name!r}: that is "
            "a play for certify and explore. check_recovery gives it a FaultPlan; it makes a "
            "Simulation(faults=plan), lets time go on, and returns that simulation"
        ) from error
    if not isinstance(simulation, Simulation):
        raise UsageError(
            f"play returned {shown(simulation)}; it takes a FaultPlan, makes a "
            "Simulation(faults=plan), lets time go on, and returns that simulation"
        )
    if simulation.faults != plan:
        raise UsageError(
            f"play was given the plan {str(plan)!r} and made a simulation with "
            f"{str(simulation.faults)!r}; give it on: Simulation(faults=plan)"
        )
    return simulation


@attrs.frozen
class _Difference:
    """In what one outcome differs from another, and the record that shows it."""

    message: str
    seq: int


def _differences(calm: Outcome, other: Outcome) -> Iterator[_Difference]:
    """Yield in what an outcome differs from that in which nothing went wrong."""
    usual, here = calm.by_cause, other.by_cause
    for cause in dict.fromkeys([*usual, *here]):
        yield from _of_runs(usual.get(cause, []), here.get(cause, []), other.last)
    effects, others = _by_identity(calm), _by_identity(other)
    for identity in dict.fromkeys([*effects, *others]):
        yield from _of_effects(effects.get(identity, []), others.get(identity, []), other.last)


def _of_runs(usual: list[Ending], here: list[Ending], last: int) -> Iterator[_Difference]:
    """Compare runs of one cause: each that ends as none does is compared with one that does not."""
    left, missing = list(here), []
    for run in usual:
        same = next((other for other in left if _end_of(other) == _end_of(run)), None)
        if same is None:
            missing.append(run)
        else:
            left.remove(same)
    for run, other in zip(missing, left, strict=False):
        yield _Difference(_told(run, other), other.seq)
    for run in missing[len(left) :]:
        yield _Difference(f"{run.label} was not started" + _AGAIN.format("is"), last)
    for other in left[len(missing) :]:
        told = f"{other.label} was started, and no such run when nothing goes wrong"
        yield _Difference(told, other.seq)


def _end_of(run: Ending) -> tuple[object, ...]:
    return run.status, run.text, run.result


def _told(run: Ending, other: Ending) -> str:
    if run.status != other.status:
        because = f" ({other.text})" if other.status == FAILED else ""
        return f"{other.label} is {other.status}{because}" + _AGAIN.format(run.status)
    if run.status == FAILED:
        return f"{other.label} failed with {other.text}" + _AGAIN.format(f"with {run.text}")
    before, now = (each.text or shown(each.result) for each in (run, other))
    return f"{other.label} gives {now}" + _AGAIN.format(before)


def _by_identity(outcome: Outcome) -> dict[tuple[object, ...], list[tuple[Effect, int]]]:
    """Group effects by key, or else by the step that made them."""
    found: dict[tuple[object, ...], list[tuple[Effect, int]]] = {}
    for effect, count in outcome.done.items():
        which = (effect.cause, effect.step) if effect.key is None else (effect.key,)
        identity = effect.ledger, effect.operation, *which
        found.setdefault(identity, []).append((effect, count))
    return found


def _of_effects(
    usual: list[tuple[Effect, int]], here: list[tuple[Effect, int]], last: int
) -> Iterator[_Difference]:
    before, now = (sum(count for _, count in effects) for effects in (usual, here))
    if before != now:
        effect = max((effect for effect, _ in here or usual), key=lambda each: each.seq)
        lacks_key = now > before > 0 and effect.key is None
        advice = "; give it an idempotency key" if lacks_key else ""
        told = f"{_named(effect)} was done {_times(now)}" + _AGAIN.format(_times(before)) + advice
        yield _Difference(told, effect.seq if here else last)


def _named(effect: Effect) -> str:
    what = f"{effect.ledger} {effect.operation}"
    if effect.key is not None:
        return f"{what} with key {effect.key!r}"
    where = f" in step {effect.step!r}" if effect.step else ""
    return f"{what}{where}{f' of {effect.label}' if effect.label else ''}"


def _times(count: int) -> str:
    return {0: "not at all", 1: "once"}.get(count, f"{count} times")
