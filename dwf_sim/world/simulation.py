"""The composition root: engine, agenda, drivers and faults put together as `Simulation`."""

from __future__ import annotations

import datetime
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, overload

from dwf_sim.drivers.habitat import VirtualHabitat
from dwf_sim.drivers.outlets import make_latest
from dwf_sim.duration import to_ms
from dwf_sim.engine import Engine
from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.given import check_text, says_keywords, shown
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import RunCancelled, RunRerun
from dwf_sim.model.payload import encode_strictly
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import EventHeld, RunScheduled, RunSkipped
from dwf_sim.sim.agenda import Choose, make_agenda
from dwf_sim.sim.budget import Budget
from dwf_sim.sim.choices import Choices
from dwf_sim.sim.gateway import Gateway
from dwf_sim.sim.latency import Latency
from dwf_sim.sim.plan_in_force import PlanInForce
from dwf_sim.sim.platform import Worker
from dwf_sim.sim.runner import Runner
from dwf_sim.sim.trace import Trace
from dwf_sim.sim.worker import drop
from dwf_sim.world.arguments import (
    ENDED,
    allowed_of,
    check_condition,
    chooser_of,
    event_filter,
    flag_of,
    settings_of,
    start_ms_of,
    trace_bound_of,
)
from dwf_sim.world.checking import Checkable, Chosen
from dwf_sim.world.levers import USER, SimulationLevers
from dwf_sim.world.lookup import Lookup
from dwf_sim.world.serving import Serving, events_of
from dwf_sim.world.unused import warnings_of
from dwf_sim.world.views import EventView, RunView, Sent, event_view

if TYPE_CHECKING:
    from dwf_sim.report.stats import Stats
    from dwf_sim.world.serving import AnyEvent, AnyFunction, Servable

START = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)

Duration = int | str | datetime.timedelta


class Simulation(Checkable):
    """A world of its own: a durable-function engine, workers, and a clock that you move.

        sim = Simulation(seed=7, faults=FaultPlan([crash.after_effect("charge")]))
        sim.serve(app)
        run = sim.send("order/created", {"orderId": 1}).run
        sim.run_until_idle()
        assert run.status == "completed"

    Same seed, same faults, same functions: same trace, digest and all. `interleave` says which
    of the callbacks that are ready runs next: "fifo", "random" from the seed, or a function of
    them that gives a place among them. `trace_bound` keeps only so many of the newest records, and
    of the newest events. `limits` says how much of anything the engine takes. `allow` lets user
    code do what is fenced off: "sockets", "threads", "processes", "sleep". `invariants` are checked
    when nothing is left to happen, when a `with` block ends well, and by `check`: True, False, or
    classes. A `pilot` lists the sites that faults can strike. `watch` looks for mistakes of
    handlers that take time to find, and lets no two entries see the same time (docs/mistakes.md).
    `start` is a datetime with its zone. Several simulations can live side by side. Raises
    `ConfigError` for what cannot be.
    """

    @says_keywords
    def __init__(
        self,
        seed: int = 0,
        *,
        start: datetime.datetime = START,
        faults: FaultPlan | Fault | Iterable[Fault] = (),
        latency: Latency | None = None,
        quirks: Quirks | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        worker: Worker | None = None,
        interleave: str | Choose = "fifo",
        trace_bound: int | None = None,
        pilot: bool = False,
        allow: Collection[str] = (),
        invariants: Chosen = True,
        watch: bool = False,
    ) -> None:
        defaults = Simulation.__init__.__kwdefaults__ or {}
        given = {name: each for name, each in locals().items() if defaults.get(name, each) != each}
        if not isinstance(seed, int):
            raise ConfigError(f"seed is {shown(seed)}; it must be an int, such as 7")
        self.seed = seed
        self.start_ms = start_ms_of(start)
        self.faults = faults if isinstance(faults, FaultPlan) else FaultPlan(faults)
        self.trace = Trace(trace_bound_of(trace_bound))
        choices = Choices(seed)
        in_force = settings_of("limits", limits, Limits)
        self._engine = Engine(settings_of("quirks", quirks, Quirks), in_force)
        self._agenda = make_agenda(self.start_ms, chooser_of(interleave, choices))
        self._plan = PlanInForce(self.start_ms, self._agenda, choices, self.trace, is_pilot=pilot)
        self._runner = Runner(
            self._engine,
            self._agenda,
            choices,
            VirtualHabitat(seed, allowed_of(allow), is_watching=flag_of("watch", watch)),
            self.trace,
            self._plan,
            settings_of("latency", latency, Latency),
            settings_of("budget", budget, Budget),
            settings_of("worker", worker, Worker),
        )
        self._runner.is_watching = watch
        self._gateway = Gateway(self._runner, self._engine.state.mint, in_force)
        self._serving = Serving(self._runner, self._gateway)
        self._levers = SimulationLevers(self._runner, self._serving)
        make_latest(self._gateway)
        self._runner.on_drive = partial(make_latest, self._gateway)
        # Not __del__: the tasks must be dropped before the collector comes to them.
        at_work = self._runner.open, self._runner.given_up, self._runner.dead
        weakref.finalize(self, drop, *at_work).atexit = False
        self._lookup = Lookup(self._runner)
        for fault in self.faults:
            self._plan.add(fault, self._levers)
        self._prepare_checks(invariants, given)

    # What there is.

    @property
    def now(self) -> datetime.datetime:
        """The virtual time, with zone UTC."""
        return datetime.datetime.fromtimestamp(self._agenda.now / 1000, datetime.UTC)

    @property
    def now_ms(self) -> int:
        """The virtual time in milliseconds since 1970."""
        return self._agenda.now

    @property
    def runs(self) -> list[RunView]:
        """All runs, in the order of their creation."""
        return self._lookup.runs()

    @property
    def events(self) -> list[EventView]:
        """All events, those of the engine's own included, in the order of their arrival."""
        return [event_view(stored) for stored in self._runner.events]

    @property
    def warnings(self) -> list[str]:
        """What may be a mistake although nothing failed for it, or says why something did fail.

        Settings that are taken but can hardly be meant, events that nobody took, invokes of
        functions that are not served, and mistakes in user code: each text once, oldest first, as
        far back as the trace goes. Then keys with a field that no event had, though it has one of a
        near name, and stubs that no step has used, once a run has ended.
        """
        return warnings_of(self._runner)

    def timeline(self, run: RunView | str) -> str:
        """Show what happened to a run, one line a fact, with its time."""
        from dwf_sim.report.timeline import timeline

        return timeline(self.trace, self._lookup.run_id(run))

    def explain(self, what: RunView | EventView | Sent | str) -> str:
        """Say why a run started when it did or has not, or what became of an event.

        Takes a run, an event of `events`, what a send gave, or the id or label of one of these;
        raises `UsageError` for all else.
        """
        from dwf_sim.report.explain import explain_event, explain_run

        if isinstance(what, Sent):
            return "\n".join(explain_event(self.trace, event_id) for event_id in what.ids)
        event_id = what.internal_id if isinstance(what, EventView) else what
        if any(event.internal_id == event_id for event in self._runner.events):
            return explain_event(self.trace, str(event_id))
        try:
            return explain_run(self.trace, self._lookup.run_id(what))
        except UsageError:
            raise UsageError(
                f"explain was given {shown(what)}; it takes a run of sim.runs, an event of "
                "sim.events, what sim.send gave, or the id of one of these"
            ) from None

    def stats(self) -> Stats:
        """Measure time in queue and requests in flight, by function and flow-control key."""
        from dwf_sim.report.stats import measure

        return measure(self.trace, self.now_ms)

    # What can be done.

    def serve(self, functions: Servable, *others: object) -> Self:
        """Register the functions of an app, one function, or a list of functions.

        Functions of the `inngest` package are served unchanged, alone, in a list, or with their
        client, `serve((client, [functions]))`, whose sends reach this simulation until it is
        closed. Raises `ConfigError` for what the engine would refuse, with all that is wrong, and
        for `others`, which no place is left for.
        """
        self._serving.serve(functions, *others)
        return self

    def send(
        self, event: AnyEvent | str | Sequence[AnyEvent], data: Mapping[str, object] | None = None
    ) -> Sent:
        """Send an event, a list of events, or a name and data; raises `SendEventsError`.

        The engine takes it in at once (B12, B14); functions begin to run when time is let go on.
        What is no event raises `UsageError`.
        """
        ids = self._gateway.send(events_of(event, data))
        return Sent(ids, self._lookup.started_by, self._lookup.why_no_run)

    def signal(self, signal: str, data: object = None) -> RunView | None:
        """Send a signal; returns the run that was waiting for it, None when it is lost (A124).

        Raises `UsageError` for no text, `UnserializableError` for data that is no JSON."""
        check_text("signal", signal)
        encode_strictly(data)  # The event API refuses what is no JSON.
        run_id = self._gateway.signal(signal, data)
        return None if run_id is None else self._lookup.view(run_id)

    def cancel(self, run: RunView | str) -> None:
        """Cancel a run wherever it is; one that has ended is left alone (A152-A154)."""
        self._runner.tell(RunCancelled(self._lookup.run_id(run)))

    def cancel_runs(
        self, function: AnyFunction | str, *, if_exp: str | None = None
    ) -> list[RunView]:
        """Cancel the runs of a function that exist now, and say which they were (A159).

        With `if_exp`, only those for whose first event this expression over `event` is true; one
        for which it has no value is left alone. Raises `ConfigError` if it cannot be compiled.
        """
        is_meant = event_filter(if_exp, self._agenda.now)
        function_id = self._lookup.function_id(function)
        found = [run for run in self._engine.state.runs.values() if run.function.id == function_id]
        meant = [run.id for run in found if not run.is_ended and is_meant(run.events[0].view)]
        for run_id in meant:
            self._runner.tell(RunCancelled(run_id))
        return [self._lookup.view(run_id) for run_id in meant]

    @overload
    def rerun(self, run: RunView | str) -> RunView: ...

    @overload
    def rerun(self, *, status: str, function: AnyFunction | str | None = None) -> list[RunView]: ...

    def rerun(
        self,
        run: RunView | str | None = None,
        *,
        status: str | None = None,
        function: AnyFunction | str | None = None,
    ) -> RunView | list[RunView]:
        """Start a new run for the event of a run, of a batch for the first one (B19, B132).

        Without a run, for each run of this status, be it of one function or of all; gives those
        that have started. Flow control applies as to any event, save that the event's id is no
        obstacle. For one run it raises `UsageError` when that lets none begin now.
        """
        if run is not None and status is None and function is None:
            again = self._rerun(self._lookup.run_id(run))
            if isinstance(again, str):
                raise UsageError(f"no run has started: {again}")
            return again
        if run is not None:
            raise UsageError("rerun takes a run, or else a status and perhaps a function: not both")
        if status not in ENDED:
            raise UsageError(
                f"rerun takes a run, or a status that is one of {', '.join(ENDED)}; status is "
                f"{shown(status)}"
            )
        wanted = None if function is None else self._lookup.function_id(function)
        found = [run for run in self.runs if wanted in (None, run.function_id)]
        told = [self._rerun(run.id) for run in found if run.status == status]
        return [run for run in told if isinstance(run, RunView)]

    def _rerun(self, run_id: str) -> RunView | str:
        """Start a run anew, or say why it has not started."""
        for effect in self._runner.tell(RunRerun(run_id)):
            if isinstance(effect, RunScheduled):
                return self._lookup.view(effect.run)
            if isinstance(effect, RunSkipped | EventHeld):
                return f"{effect.policy}: {effect.reason}"
        raise AssertionError("the engine says what becomes of an event")

    def pause(self, function: AnyFunction | str) -> None:
        """Pause a function: its runs stand still, and what would start one is missed (B134)."""
        self._levers.pause(self._lookup.function_id(function), by=USER)

    def resume(self, function: AnyFunction | str) -> None:
        """Let a paused function go on, whether you or a fault has paused it (B134)."""
        self._levers.resume_for_all(self._lookup.function_id(function))

    def inject(self, fault: Fault) -> None:
        """Put one more fault in force, from now on; raises `ConfigError` for what is none."""
        self._plan.add(FaultPlan([fault]).faults[0], self._levers)

    def deploy(self, version: Servable | str) -> Self:
        """Serve other code from now on: an app, or where one is, as in "shop.later:app".

        Runs go on with it and keep their memos (A11, A13); requests under way end on the code they
        began with. Functions that the version lacks stay as they are.
        """
        self._levers.deploy(version)
        return self

    def stub_step(self, name: str, answer: object, *, nth: int | None = None) -> None:
        """Have a step answer this, or what this function of its arguments returns, from now on.

        Any step can be stubbed; an invoke hands over its data, an AI call its request; None is a
        wait's timeout. `nth` says which use of the step's id, from 1; without it, all. The newest
        counts. Raises `UnserializableError` for a value that is no JSON.
        """
        self._runner.stubs.stub(name, answer, nth)

    def fail_step(
        self,
        name: str,
        error: Exception | type[Exception],
        *,
        times: int = 1,
        nth: int | None = None,
    ) -> None:
        """Have the next `times` executions of a step raise this error, before it does anything.

        A step without a body, such as a wait or an invoke, then fails for good.
        """
        self._runner.stubs.fail(name, error, times, nth)

    # How time goes on.

    def advance(self, duration: Duration) -> None:
        """Let `duration` pass: "1h", a timedelta or milliseconds; raises `UsageError` for none."""
        ms = to_ms(duration)
        if ms < 0:
            raise UsageError(f"duration is {duration!r}; time only goes forward")
        self._runner.run(self._agenda.now + ms)

    def run_until_idle(self) -> None:
        """Let time go on until nothing is left to happen by itself.

        Crons tick meanwhile, but are not waited for. One whose runs outlast its interval keeps the
        world busy until the budget is spent: `advance` is for those. At the end the invariants are
        checked; raises `InvariantViolated` if one is broken.
        """
        self._runner.run(None)
        self._check_invariants()

    def run_until(self, condition: Callable[[], bool], *, within: Duration | None = None) -> None:
        """Let time go on until a condition holds; raises `UnmetConditionError` if it never does.

        Crons tick meanwhile; while nothing else is left, and without `within` ("1h", a timedelta or
        milliseconds), a thousand times. What is no function raises `UsageError`."""
        check_condition(condition)
        began_at = self._agenda.now
        until = None if within is None else began_at + to_ms(within)
        if not self._runner.run(until, condition):
            from dwf_sim.world.unmet import unmet

            raise unmet(self._runner, began_at, until)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Check the invariants if all went well, and end what is still at work."""
        with closing(self):
            if kind is None:
                self._check_invariants()

    def close(self) -> None:
        """End the handlers that are still at work, and with them this world."""
        self._runner.close()
        self._serving.close()

    def __repr__(self) -> str:
        return f"<simulation seed={self.seed} now={self.now:%Y-%m-%dT%H:%M:%S}Z runs={self.runs}>"
