"""The proof of a property: trials are drawn, played and judged, until one breaks it or all pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial, wraps
from types import FunctionType
from typing import Any, ParamSpec, TypedDict

import attrs

from dwf_sim.checks.screen import screen
from dwf_sim.errors import InvariantViolated
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.given import check_count, check_int, check_keywords
from dwf_sim.strategies.scenarios import Pilots, sends_of, trials
from dwf_sim.strategies.searching import search
from dwf_sim.strategies.subject import Subject
from dwf_sim.strategies.trial import Played, Send, Trial
from dwf_sim.world.simulation import Simulation

P = ParamSpec("P")


class Options(TypedDict, total=False):
    """What every check takes besides its functions and events.

    `setup` resets what is outside of simulations, before each of them. `examples` are how many
    trials are drawn, `seed` which. `sends_max` and `faults_max` bound what one trial holds, `kinds`
    are the faults that may be drawn, and `faults` is the only plan that is tried. The others are
    those of `Simulation`.
    """

    setup: Callable[[], object] | None
    examples: int
    seed: int
    sends_max: int
    faults_max: int
    kinds: Collection[str] | None
    faults: FaultPlan | Iterable[Fault] | None
    start: Any
    latency: Any
    quirks: Any
    limits: Any
    budget: Any
    worker: Any
    interleave: str
    allow: Collection[str]


_OWN = {"setup": None, "seed": 0, "examples": 100, "sends_max": 3, "faults_max": 3}
# What of a fault may not matter, left out.
_LESS: tuple[Callable[[Fault], Fault], ...] = (
    lambda fault: attrs.evolve(fault, visit=None),
    lambda fault: attrs.evolve(fault, run=None),
    lambda fault: attrs.evolve(fault, attempt=None),
)


@attrs.frozen
class Checked:
    """What a check that passed has tried: how many trials, runs, faults that struck, and where."""

    trials: int
    runs: int
    faults_struck: int
    sites: int

    def __str__(self) -> str:
        return (
            f"{self.trials} trials, {self.runs} runs, {self.faults_struck} faults struck at "
            f"{self.sites} sites"
        )


@attrs.frozen
class Break:
    """What breaks a property: a text, and the runs it is about."""

    message: str
    runs: tuple[str, ...] = ()


class Property:
    """What is to hold in every trial. Each check has an instance of its own.

    `name` is that of the check, `says` the property in one sentence; `kinds` are the faults that
    it is asked under, None for all; with `watch`, handlers are watched for mistakes. `takes` names
    the options of this check alone.
    """

    name: str
    says: str
    kinds: Collection[str] | None = None
    watch = False
    takes: tuple[str, ...] = ()
    settings: dict[str, Any] = {}  # noqa: RUF012  # Of its simulations, unless others are given.

    def look(self, calm: Played, played: Played) -> Break | None:
        """Say what is broken in a trial, beside the same one without faults."""
        raise NotImplementedError

    def note(self, simulation: Simulation) -> None:
        """Note what has happened in a trial where no fault strikes."""

    def missing(self) -> list[str]:
        """Say what has never happened in any trial, so that the check shows nothing."""
        return []

    def sends(self, subject: Subject, events: Any, sends_max: int) -> Any:
        """Give a strategy of what is sent."""
        return sends_of(subject, events, sends_max)


class _Found(Exception):
    """A trial breaks the property."""


class Proof:
    """One check of one property: it counts what is tried, and tells of what breaks it."""

    def __init__(self, prop: Property, fn: Any, events: Any, options: Options) -> None:
        taken = ("fn", "events", *prop.takes, *Options.__annotations__)
        check_keywords(f"checks.{prop.name}", options, taken)
        given: dict[str, Any] = dict(options)
        own = {name: given.pop(name, default) for name, default in _OWN.items()}
        self._kinds = given.pop("kinds", None) or prop.kinds
        faults = given.pop("faults", None)
        self._only = None if faults is None else FaultPlan(faults)
        for name in ("examples", "sends_max"):
            check_count(f"{name} of checks.{prop.name}", own[name], 1)
        check_count(f"faults_max of checks.{prop.name}", own["faults_max"], 0)
        check_int(f"seed of checks.{prop.name}", own["seed"])
        self._property = prop
        self._own = own
        self._given = given
        self._subject = Subject(fn, own["setup"], own["seed"], {**prop.settings, **given})
        self._events = events
        self._pilots = Pilots(self._subject)
        self._counts = (0, 0, 0)
        self._sites: dict[str, None] = {}

    def check(self) -> Checked:
        """Try; raises `InvariantViolated` for what breaks the property, or when nothing shows."""
        __tracebackhide__ = True
        sends = self._property.sends(self._subject, self._events, self._own["sends_max"])
        drawn = (
            trials(self._pilots, sends, self._own["faults_max"], self._kinds)
            if self._only is None
            else sends.map(lambda sent: Trial(sent, self._only or FaultPlan()))
        )
        broken: list[Trial] = []

        def judge(trial: Trial) -> None:
            if self._look(trial)[0] is not None:
                broken.append(trial)
                raise _Found

        try:
            search(drawn, judge, examples=self._own["examples"], seed=self._own["seed"])
        except _Found:
            raise InvariantViolated(self._tell(self._plainer(broken[-1]))) from None
        missing = self._missing()
        if missing:
            lines = [f"checks.{self._property.name} proves nothing:", *missing, str(self._checked)]
            raise InvariantViolated("\n".join(lines))
        return self._checked

    @property
    def _checked(self) -> Checked:
        return Checked(*self._counts, len(self._sites))

    def _look(self, trial: Trial) -> tuple[Break | None, Simulation]:
        calm = self._pilots.played(trial.sends)
        world = self._subject.world(faults=trial.faults, watch=self._property.watch)
        try:
            played = Played(world, trial.play_in(world))
            found = self._property.look(calm, played)
        except InvariantViolated as error:
            found = Break("; ".join(str(error).splitlines()[:2]), _runs_at(world, error.seq))
        finally:
            world.close()
        self._count(world)
        self._property.note(calm.simulation)
        return found, world

    def _count(self, world: Simulation) -> None:
        struck = world.faults_struck
        count, runs, faults = self._counts
        self._counts = (count + 1, runs + len(world.runs), faults + len(struck))
        self._sites.update(dict.fromkeys(str(each.site) for each in struck))

    def _plainer(self, trial: Trial) -> Trial:
        """Leave out of its faults what does not matter: visit, run and attempt."""
        for nth in range(len(trial.faults.faults)):
            for less in _LESS:
                faults = [*trial.faults]
                faults[nth] = less(faults[nth])
                plainer = attrs.evolve(trial, faults=FaultPlan(faults))
                if plainer != trial and self._look(plainer)[0] is not None:
                    trial = plainer
        return trial

    def _tell(self, trial: Trial) -> str:
        found, world = self._look(trial)
        assert found is not None, "a trial that broke the property breaks it again"
        own = {name: self._own[name] for name in ("setup", "seed") if self._own[name]}
        call = f"checks.{self._property.name}({self._subject.name}"
        return screen(self._property, found, trial, world, call, {**own, **self._given})

    def _missing(self) -> list[str]:
        _, runs, struck = self._counts
        if not runs:
            return ["  no event has started a run; are these the events that the triggers name?"]
        if not struck and self._only is None and self._own["faults_max"]:
            return ["  no fault has struck"]
        return [f"  {text}" for text in self._property.missing()] if self._only is None else []


def checked_now_or_later(check: Callable[[Any], Checked], fn: Any) -> Any:
    """Check functions now; without any, or of a test that makes them, when that test is called.

    A test is known by its name, so that a decorator without parentheses does not check when the
    test's module is imported.
    """
    __tracebackhide__ = True
    if fn is None:
        return partial(_later, check)
    is_test = isinstance(fn, FunctionType) and fn.__name__.startswith("test")
    return _later(check, fn) if is_test else check(fn)


def _later(check: Callable[[Any], Checked], make: Callable[P, object]) -> Callable[P, None]:
    """Make a test of what makes anew what is checked."""

    @wraps(make)
    def test(*args: P.args, **kwargs: P.kwargs) -> None:
        __tracebackhide__ = True

        @wraps(make)
        def fresh() -> object:
            return make(*args, **kwargs)

        check(fresh)

    return test


def _runs_at(world: Simulation, seq: int | None) -> tuple[str, ...]:
    """Name the run that a record is about."""
    entries = [] if seq is None else world.trace.since(seq)[:1]
    runs = [getattr(entry.record, "run", None) for entry in entries]
    return tuple(run for run in runs if run is not None)


__all__ = ["Break", "Checked", "Options", "Proof", "Property", "Send", "checked_now_or_later"]
