"""Memoization: a handler goes on from what is remembered, wherever it is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar, Unpack, overload

from dwf_sim.checks.proof import Break, Checked, Options, P, Proof, Property, checked_now_or_later
from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import StepMemoized
from dwf_sim.model.served import FunctionServed
from dwf_sim.strategies.trial import Played
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import RunView

__all__ = ["memoization"]

T = TypeVar("T")
MISTAKES = ("order", "input", "outside", "variable")


def _same(output: T) -> T:
    return output


@overload
def memoization(
    fn: None = None,
    events: Any = None,
    *,
    normalize: Callable[[Any], object] = ...,
    ignore: Collection[str] = (),
    **options: Unpack[Options],
) -> Callable[[Callable[P, object]], Callable[P, None]]: ...


@overload
def memoization(
    fn: object,
    events: Any = None,
    *,
    normalize: Callable[[Any], object] = ...,
    ignore: Collection[str] = (),
    **options: Unpack[Options],
) -> Checked: ...


def memoization(
    fn: Any = None,
    events: Any = None,
    *,
    normalize: Callable[[Any], object] = _same,
    ignore: Collection[str] = (),
    **options: Unpack[Options],
) -> Any:
    """Check that functions come to the same, wherever their workers and the engine die.

    No step that is remembered runs again, nothing that is remembered changes, the handler does the
    same at each entry (docs/mistakes.md), and what a run returns is what it returns without
    interruptions. `normalize` makes of an output what has to be the same, `ignore` are kinds of
    mistakes that do not count: "order", "input", "outside", "variable". `fn`, `events` and the
    options are as for `strategies.scenarios`; without `fn` it is a decorator of a function that
    makes it. Raises `InvariantViolated`, with the smallest plan that breaks it, and `ConfigError`
    for what cannot be checked so.
    """
    __tracebackhide__ = True
    for kind in ignore:
        if kind not in MISTAKES:
            raise ConfigError(
                f"ignore has {shown(kind)}; mistakes are of the kinds {', '.join(MISTAKES)}"
            )

    def check(given: Any) -> Checked:
        __tracebackhide__ = True
        return Proof(_Memoization(normalize, ignore), given, events, options).check()

    return checked_now_or_later(check, fn)


class _Memoization(Property):
    """Under faults that interrupt a run, and change nothing of what comes to it."""

    name = "memoization"
    says = "what is remembered stands, and a run that is interrupted comes to the same"
    kinds = ("crash", "worker", "server", "response")
    watch = True
    takes = ("normalize", "ignore")

    def __init__(self, normalize: Callable[[Any], object], ignore: Collection[str]) -> None:
        self._normalize = normalize
        self._ignore = ignore
        self._remembered = False

    def look(self, calm: Played, played: Played) -> Break | None:
        """Look for mistakes first, since they are why outputs differ."""
        return self._mistake(played.simulation) or self._other_outcome(calm, played)

    def note(self, simulation: Simulation) -> None:
        """Note whether there was anything to remember."""
        self._remembered = self._remembered or bool(simulation.trace.of(StepMemoized))

    def missing(self) -> list[str]:
        """Without a step, nothing is remembered."""
        return [] if self._remembered else ["no step was ever remembered"]

    def _mistake(self, world: Simulation) -> Break | None:
        for record in world.trace.of(MistakeFound):
            if record.kind not in self._ignore:
                label = next(run.label for run in world.runs if run.id == record.run)
                where = f" at {record.where}" if record.where else ""
                return Break(f"{label}{where}: {record.text}", (record.run,))
        return None

    def _other_outcome(self, calm: Played, played: Played) -> Break | None:
        for before, after in zip(calm.sent, played.sent, strict=False):
            for one, other in _pairs(before.runs, after.runs):
                message = self._difference(one, other, played.simulation)
                if message:
                    return Break(f"{other.label} {message}", (other.id,))
        return None

    def _difference(self, calm: RunView, run: RunView, world: Simulation) -> str:
        if calm.status != "completed":
            return ""
        if run.status == "completed":
            expected, found = self._normalize(calm.output), self._normalize(run.output)
            if expected == found:
                return ""
            if not world.faults:
                return (
                    f"returned {shown(found)}, and {shown(expected)} the time before, without any "
                    "faults: what remembers that outside of the simulation is reset by setup="
                )
            return f"returned {shown(found)}, and without interruption {shown(expected)}"
        served = {record.function: record for record in world.trace.of(FunctionServed)}
        if (
            run.status == "failed"
            and len(world.faults_struck) >= served[run.function_id].attempts_max
        ):
            return ""  # Its attempts may have been used up by interruptions alone.
        error = (run.error or {}).get("message", "")
        why = f" ({error})" if error else ""
        return f"is {run.status}{why}, and without interruption it completes"


def _pairs(before: list[RunView], after: list[RunView]) -> list[tuple[RunView, RunView]]:
    """Pair the runs of one send: the n-th of a function with the n-th of it."""
    found = []
    for one in before:
        nth = [run for run in before if run.function_id == one.function_id].index(one)
        others = [run for run in after if run.function_id == one.function_id]
        if nth < len(others):
            found.append((one, others[nth]))
    return found
