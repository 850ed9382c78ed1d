"""A machine of rules for flow control: send, let time pass, cancel, pause, deploy, in any order.

What a strategy of events cannot say is what happens in between: that a run is cancelled while it
waits, that a function is paused under a debounce, that another limit is deployed. Hypothesis draws
such a sequence step by step, and takes out of one that fails what does not matter.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.given import check_keywords, keywords_of, meant, shown
from dwf_sim.model.event import Event
from dwf_sim.model.served import FunctionServed
from dwf_sim.sim.latency import Latency
from dwf_sim.strategies.aims import aim
from dwf_sim.strategies.scenarios import fixed_sends, triggering_events
from dwf_sim.strategies.spans import spans_of
from dwf_sim.strategies.subject import Subject
from dwf_sim.strategies.telling import tell
from dwf_sim.world.simulation import Simulation

__all__ = ["FlowControlMachine"]

_LATENCY = Latency(request=("10ms", "100ms"), step=("50ms", "2s"))
_RULES = ("send", "advance", "cancel", "cancel_by_event", "pause", "resume", "deploy")
_NOT_TAKEN = ("pilot", "trace_bound", "invariants")


class FlowControlMachine(RuleBasedStateMachine):
    """Functions under flow control, for Hypothesis to play with: subclass it and say which.

        class Greeting(strategies.FlowControlMachine):
            functions = app
            events = strategies.events("user/signed-up", {"user": st.sampled_from(["ann", "bob"])})

        TestGreeting = Greeting.TestCase

    After each step the invariants of the engine are checked; at the end of each sequence paused
    functions go on, every run comes to its end, and they are checked again. Add rules and
    invariants of your own with Hypothesis, and say in `settled` what must be true in the end;
    `self.simulation` is the world.

    `functions` is what `Simulation.serve` takes, or a function that makes it anew: of nothing, or
    a method. `events` is a strategy of events, an event, a name, or a list of these; without it,
    the functions' triggers are sent with no data. `versions` has what may be deployed, by names of
    your own: what `serve` takes, a function that makes it, or a place such as "shop.later:app".
    `spans` are the durations that may pass at once; without them, some that follow from the
    functions' settings. `without` names rules that are left out, such as ("cancel", "pause").
    `options` are keywords of `Simulation`; requests take up to 100 ms and
    steps up to two seconds unless they have a `latency`. Raises `ConfigError` for what is none of
    these.
    Raises `UsageError` for what cannot be played so, of times that are none `DurationError`.
    """

    functions: ClassVar[Any] = None
    events: ClassVar[Any] = None
    versions: ClassVar[Mapping[str, Any]] = {}
    spans: ClassVar[Sequence[int | str]] = ()
    without: ClassVar[Sequence[str]] = ()
    options: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **given: Any) -> None:
        """Leave out what is not wanted: Hypothesis takes what is no function for no rule."""
        super().__init_subclass__(**given)
        if isinstance(cls.without, str):
            raise ConfigError(f"without is {cls.without!r}; give a list, such as [{cls.without!r}]")
        for name in cls.without:
            if name not in _RULES:
                raise ConfigError(f"without has {shown(name)}; {meant(str(name), _RULES)}")
            setattr(cls, name, None)

    def __init__(self) -> None:
        super().__init__()
        self._outside = sys.exc_info()[1]  # What is being handled where Hypothesis was called.
        self.simulation = self._world()
        self._paused: dict[str, None] = {}
        self._note_served()
        self._events = self._events_given()
        self._spans = [_span(span) for span in self.spans] or spans_of(self._served.values())

    # What can happen.

    @rule(event=st.runner().flatmap(lambda machine: machine._events))
    def send(self, event: Event | str) -> None:
        """Send an event."""
        self.simulation.send(event)

    @rule(duration=st.runner().flatmap(lambda machine: st.sampled_from(machine._spans)))
    def advance(self, duration: int | str) -> None:
        """Let so much time pass."""
        self.simulation.advance(duration)

    @precondition(lambda machine: bool(machine.living_runs))
    @rule(run=st.runner().flatmap(lambda machine: st.sampled_from(machine.living_runs)))
    def cancel(self, run: str) -> None:
        """Cancel a run that has not ended, by its label."""
        self.simulation.cancel(run)

    @precondition(lambda machine: bool(machine.cancelling_events))
    @rule(event=st.runner().flatmap(lambda machine: st.sampled_from(machine.cancelling_events)))
    def cancel_by_event(self, event: Event) -> None:
        """Send what cancels runs of a function, with the data of one that lives."""
        self.simulation.send(event)

    @precondition(lambda machine: bool(machine.running_functions))
    @rule(function=st.runner().flatmap(lambda machine: st.sampled_from(machine.running_functions)))
    def pause(self, function: str) -> None:
        """Pause a function, by its id."""
        self.simulation.pause(function)
        self._paused[function] = None

    @precondition(lambda machine: bool(machine._paused))
    @rule(function=st.runner().flatmap(lambda machine: st.sampled_from([*machine._paused])))
    def resume(self, function: str) -> None:
        """Let a paused function go on."""
        self.simulation.resume(function)
        self._paused.pop(function, None)

    @precondition(lambda machine: bool(machine.versions))
    @rule(version=st.runner().flatmap(lambda machine: st.sampled_from([*machine.versions])))
    def deploy(self, version: str) -> None:
        """Serve one of the versions, by its name, from now on."""
        given = self.versions[version]
        self.simulation.deploy(given if isinstance(given, str) else Subject(given).made())
        self._note_served()

    # What must hold.

    @invariant()
    def check(self) -> None:
        """Check the invariants of the engine, as far as things have come."""
        self.simulation._check_invariants()

    def settled(self) -> None:
        """Demand here what must be true once every run has ended; it is called before the end."""

    def teardown(self) -> None:
        """Let all that was begun come to its end, check, and close the simulation.

        What failed is told here, since the simulation has to live until then.
        """
        failed = sys.exc_info()[1] is not self._outside
        try:
            if not failed:
                failed = True
                self._settle()
                failed = False
        finally:
            if failed:
                tell(self.simulation, type(self))
            self.simulation.close()

    def _settle(self) -> None:
        for function in [*self._paused]:
            self.resume(function=function)
        self.simulation.run_until_idle()
        self.simulation.heal()
        self.simulation._check_promises()
        self.settled()
        aim(self.simulation)

    # What there is to draw from.

    @property
    def living_runs(self) -> list[str]:
        """The labels of the runs that have not ended, oldest first."""
        return [run.label for run in self.simulation.runs if run.ended_at is None]

    @property
    def running_functions(self) -> list[str]:
        """The ids of the functions that are not paused."""
        return [name for name in self._served if name not in self._paused]

    @property
    def cancelling_events(self) -> list[Event]:
        """What would cancel runs that live, each with the data of the run's first event."""
        sim = self.simulation
        living = [run for run in sim.runs if run.ended_at is None]
        settings = self._served
        if not any(settings[run.function_id].cancel for run in living):
            return []
        data = {event.internal_id: event.data for event in sim.events}
        found: dict[str, Event] = {}
        for run in living:
            for name, _, _ in settings[run.function_id].cancel:
                own = data[run.event_ids[0]]
                event = Event(name, {key: own[key] for key in own if key != "_inngest"})
                found.setdefault(repr(event), event)
        return [*found.values()]

    def _note_served(self) -> None:
        """Note the functions as they are registered now: they change with a deploy only."""
        self._served = {each.function: each for each in self.simulation.trace.of(FunctionServed)}

    def _events_given(self) -> st.SearchStrategy[Any]:
        given = type(self).events
        if isinstance(given, st.SearchStrategy):
            return given
        if given is None:
            return st.sampled_from(triggering_events(self._served.values()))
        return st.sampled_from([send.event for send in fixed_sends(given)])

    def _world(self) -> Simulation:
        given = inspect.getattr_static(self, "functions")
        if isinstance(given, FunctionType) and inspect.signature(given).parameters:
            given = self.functions
        given = given.__func__ if isinstance(given, staticmethod) else given
        if given is None:
            raise ConfigError(
                f"{type(self).__name__} has no functions; say in its body which: functions = app"
            )
        if not isinstance(self.versions, Mapping):
            raise ConfigError(
                f"versions is {shown(self.versions)}; give a dict that names each, such as "
                '{"later": later_app}'
            )
        taken = [name for name in keywords_of(Simulation) if name not in _NOT_TAKEN]
        check_keywords(f"options of {type(self).__name__}", self.options, taken)
        options = {"latency": _LATENCY, **self.options}
        return Subject(given, seed=options.pop("seed", 0)).world(**options)


def _span(given: int | str) -> int | str:
    if to_ms(given) < 0:
        raise ConfigError(f"spans has {shown(given)}; time only goes forward")
    return given
