"""Recovery: whatever goes wrong, a simulation must come to what it comes to when nothing does.

Invariants look at one trace. That a run which was crashed and went on ends as one that nobody
crashed is a property of two, and the one that users ask of their functions: same output, same
status, and nothing done outside twice or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dwf_sim.errors import UsageError
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.given import shown
from dwf_sim.outcome import Outcome
from dwf_sim.views import RunView
from dwf_sim.world import Simulation

Play = Callable[[FaultPlan], Simulation]

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
    tried is not. `compare` says what to look at of a completed run instead of its output, for
    instance if that has times in it.

    Raises `InvariantViolated` at the first plan under which something differs, with what differs
    first, its record and the plan; or because a fault of a plan never struck, which proves
    nothing. Raises `UsageError` when `play` returns something else, or does not use the plan.
    """
    if not plans:
        raise UsageError(
            "no plan is given, so there is nothing to recover from; give faults, such as "
            "check_recovery(play, crash.after_effect('charge'))"
        )
    uninterrupted = Outcome.of(_played(play, FaultPlan()), compare)
    for given in plans:
        plan = given if isinstance(given, FaultPlan) else FaultPlan(given)
        simulation = _played(play, plan)
        check_same(simulation, uninterrupted, compare)


def check_same(
    simulation: Simulation,
    uninterrupted: Outcome,
    compare: Callable[[RunView], object] | None = None,
) -> None:
    """Check that a simulation has come to this; raises as `check_recovery` does."""
    unstruck = [f"fault never struck: {fault}" for fault in simulation.unstruck]
    if unstruck:
        raise simulation._failure.vacuous(unstruck)
    differences = [*uninterrupted.differences(Outcome.of(simulation, compare))]
    if differences:
        first = differences[0]
        raise simulation._failure.broken(
            f"{_SAYS}\nbroken", first.message, first.seq, len(differences) - 1
        )


def _played(play: Play, plan: FaultPlan) -> Simulation:
    simulation: object = play(plan)
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
