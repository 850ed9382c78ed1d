"""Checking: what a simulation has that tells whether all is well, `check`, `heal` and the oracles.

A part of `Simulation`, in a file of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.given import shown
from dwf_sim.report.broken import Failure
from dwf_sim.world.oracles import Oracles
from dwf_sim.world.unused import Unstruck

if TYPE_CHECKING:
    from dwf_sim.faults import FaultPlan, Site
    from dwf_sim.invariants import Checker, Invariant, Violation
    from dwf_sim.sim.gateway import Gateway
    from dwf_sim.sim.plan_in_force import PlanInForce, Struck
    from dwf_sim.sim.runner import Runner
    from dwf_sim.sim.trace import Trace

Chosen = bool | Iterable["type[Invariant]"]


class Checkable:
    """What can be asked of a simulation besides what happened: whether that was right."""

    seed: int
    faults: FaultPlan
    trace: Trace
    _plan: PlanInForce
    _runner: Runner
    _gateway: Gateway

    def _prepare_checks(self, invariants: Chosen, given: Mapping[str, object]) -> None:
        """Nothing is loaded yet: most simulations are never checked.

        `given` is what the simulation was made with, for the line that repeats it.
        """
        self._chosen = invariants if isinstance(invariants, bool) else _checked(invariants)
        self._checker: Checker | None = None
        settings = {"seed": self.seed, **given}
        settings.update({"faults": self.faults, "invariants": self._chosen})
        self._failure = Failure(self.trace, partial(_how, settings, self.faults, self._plan))
        self._oracles = self._gateway.oracles = Oracles(self._runner, self._failure)

    @property
    def unstruck(self) -> Unstruck:
        """The faults that have not struck at all so far; it shows why, where that is known."""
        return Unstruck.of(self._runner)

    @property
    def faults_struck(self) -> tuple[Struck, ...]:
        """The faults that have struck so far, each with its site and time, in that order."""
        return tuple(self._plan.struck)

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites come to so far, in that order, of a simulation with `pilot=True`.

        `dwf_sim.faults.faults_at` says what can go wrong at each. Raises `UsageError` for a
        simulation that is no pilot.
        """
        return self._plan.listed()

    @property
    def handlers(self) -> dict[str, object]:
        """Your own functions that are served, by their full id."""
        drivers = self._runner.drivers.items()
        return {key: getattr(driver, "handler", None) for key, driver in drivers}

    def always(self, name: str, predicate: Callable[[], object]) -> None:
        """Demand that something is true from now on, after whatever happens.

        Looked at after each callback of the simulation; when it is not true, what lets time go on
        ends with `InvariantViolated`, at that instant.
        """
        self._oracles.always(name, predicate)

    def sometimes(self, name: str, predicate: Callable[[], object] | None = None) -> None:
        """Demand that something is true at least once before `check`, or the check is vacuous.

        Without a predicate, that `dwf_sim.sometimes(name)` is reached in a handler or a step.
        """
        self._oracles.sometimes(name, predicate)

    def eventually(
        self,
        name: str,
        predicate: Callable[[], object],
        *,
        within: int | str | datetime.timedelta | None = None,
    ) -> None:
        """Demand that something becomes true within a duration from now, or else before `check`.

        `within` is as "1h", a timedelta, or milliseconds; when it is over, what lets time go on
        ends with `InvariantViolated`.
        """
        self._oracles.eventually(name, predicate, within)

    def check(self) -> None:
        """Check all invariants, and that what should have happened has.

        Raises `InvariantViolated`: for a property that is broken, with the record it points at,
        the plan and the line that makes the same simulation; or because the check is vacuous: a
        `sometimes` or `eventually` has not happened, or a fault has not struck. Raises
        `UsageError` when a bounded trace has dropped records that were not checked yet.
        """
        if self._has_lost_records():
            raise UsageError(
                f"the trace keeps {self.trace.bound} records, and some were dropped before they "
                "were checked; leave trace_bound out, or give invariants=False"
            )
        self._check_invariants()
        faults = [f"fault never struck: {fault}" for fault in self._plan.unstruck]
        missing = [*self._oracles.missing, *faults]
        if missing:
            raise self._failure.vacuous(missing)

    def _check_promises(self) -> None:
        """Check that what was to happen eventually has; of more, a short play shows nothing."""
        unkept = self._oracles.unkept
        if unkept:
            raise self._failure.vacuous(unkept)

    def broken(self, *invariants: type[Invariant]) -> list[Violation]:
        """List how these invariants are broken so far, oldest first, whether checked or not.

        Raises `UsageError` when a bounded trace has dropped records.
        """
        from dwf_sim.invariants import Checker

        if self.trace.count > len(self.trace):
            raise UsageError(
                f"the trace keeps {self.trace.bound} records, and some were dropped, so it cannot "
                "be said what they broke; leave trace_bound out"
            )
        checker = Checker(_checked(invariants))
        checker.feed(self.trace.tuples_since(0))
        return checker.violations(self._over_until)

    @property
    def _over_until(self) -> int:
        """The instant before which all has happened that was to happen."""
        agenda = self._runner.agenda
        return agenda.now if agenda.is_busy else agenda.now + 1

    def heal(self) -> None:
        """Stop all faults, and let time go on until every run that lives now has ended.

        Raises `LivenessViolated`, with who waits for what, if one does not end although all that
        it waits for, its retries and its timeouts are over.
        """
        from dwf_sim.world.healing import live_to_the_end

        self._plan.heal()
        late_ms = max((fault.extra_ms for fault in self._plan.planned), default=0)
        story = live_to_the_end(self._runner, late_ms)
        if story is not None:
            raise self._failure.stuck(story)

    def _has_lost_records(self) -> bool:
        seen = 0 if self._checker is None else self._checker.count
        return self._chosen is not False and seen < self.trace.count - len(self.trace)

    def _check_invariants(self) -> None:
        """Check what holds by itself: asked for, or when a `with` block ends well."""
        if self._chosen is False or self._has_lost_records():
            return
        kinds = _checked(self._chosen)
        checker = self._checker
        if checker is None:
            from dwf_sim.invariants import Checker

            checker = self._checker = Checker(kinds)
        checker.feed(self.trace.tuples_since(checker.count))
        found = checker.violations(self._over_until)
        if found:
            first = found[0]
            says = next(kind.says for kind in kinds if kind.name == first.invariant)
            whose = f"{checker.facts.label(first.run)}: " if first.run else ""
            raise self._failure.broken(
                f"{first.invariant}: {says}\nbroken",
                whose + first.message,
                first.seq,
                len(found) - 1,
            )


def _how(settings: Mapping[str, object], plan: FaultPlan, in_force: PlanInForce) -> str:
    """Tell the plan and how to repeat a simulation, without holding on to it."""
    from dwf_sim.world.repeating import how_to_repeat

    later = in_force.added[len(plan.faults) :]
    return f"plan: {type(plan)(in_force.planned)}\n{how_to_repeat(settings, later)}"


def _checked(invariants: object) -> tuple[type[Invariant], ...]:
    """Take True for those that always hold, False for none, or classes."""
    from dwf_sim.invariants import INVARIANTS, Invariant

    if isinstance(invariants, bool):
        return INVARIANTS if invariants else ()
    given = tuple(invariants) if isinstance(invariants, Iterable) else (invariants,)
    for kind in given:
        if not (isinstance(kind, type) and issubclass(kind, Invariant)):
            raise ConfigError(
                f"invariants is {shown(invariants)}; it is True, False, or classes such as "
                "(*INVARIANTS, EffectsOncePerStep) of dwf_sim.invariants"
            )
    return given
