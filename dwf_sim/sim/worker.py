"""Workers: where requests become handler calls, and where crashes strike."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from dwf_sim.drivers.base import Ask, Driver
from dwf_sim.faults.base import AFTER_EFFECT, BEFORE, DURATION, EFFECT, INSIDE, Fault, Site
from dwf_sim.model.messages import Request, Response
from dwf_sim.model.ops import StepRun
from dwf_sim.model.records import (
    Complained,
    FaultStruck,
    HandlerEntered,
    HandlerLeft,
    Record,
    StepEnded,
    StepStarted,
)
from dwf_sim.sim.activity import ACTIVITY, IN_STEP, Activity
from dwf_sim.sim.agenda import Agenda
from dwf_sim.sim.book import Book
from dwf_sim.sim.plan_in_force import PlanInForce
from dwf_sim.sim.stubs import Stubs
from dwf_sim.sim.trace import Trace


class Surroundings(Protocol):
    """What a bench needs of the simulation."""

    agenda: Agenda
    plan: PlanInForce
    stubs: Stubs
    trace: Trace
    context: contextvars.Context
    clock_ahead: int
    is_watching: bool
    on_ask: Callable[[Request, Ask], None] | None
    dead: list[Workbench]

    def draw_step_latency(self) -> int: ...

    def suffer(self, bench: Workbench, fault: Fault, site: Site) -> None: ...

    def checkpoint(self, bench: Workbench, steps: tuple[StepRun, ...]) -> bool: ...

    def reply(self, bench: Workbench, response: Response) -> None: ...


class Workbench:
    """One request being worked on: the `Bench` a driver is given."""

    # How it begins; set here, since a bench is made for every request.
    late_ms = 0  # What a plain `def` handler took, which cannot wait for itself.
    is_cut_off = False  # Whether the engine cannot hear it,
    heard_at: int | None = None  # and from when on it can again, if ever.
    _awaits = 0

    def __init__(
        self,
        surroundings: Surroundings,
        request: Request,
        label: str,
        book: Book,
        cause: int | None,
    ) -> None:
        self.request = request
        self.label = label
        self.cause = cause
        self.loop = surroundings.agenda
        self.is_closing = False  # Whether the tasks of the request are being ended just now.
        self.began_at = surroundings.agenda.now
        self._surroundings = surroundings
        self._plan = surroundings.plan
        self._stubs = surroundings.stubs
        self._trace = surroundings.trace
        self._activity = Activity(request.run_id, surroundings.context)
        self._book = book
        self.replays = book.replays
        self.is_watched = surroundings.is_watching
        self.on_ask = surroundings.on_ask
        self._context = surroundings.context.copy()

    @property
    def now(self) -> int:
        """The virtual time in milliseconds since 1970."""
        return self.loop.now

    @property
    def clock(self) -> int:
        """What the worker's own clock shows, in milliseconds since 1970."""
        return self.loop.now + self._surroundings.clock_ahead

    @property
    def is_over(self) -> bool:
        """Whether the request was answered, or its worker killed."""
        return self._activity.is_over

    @property
    def step(self) -> str | None:
        """The step whose body is being run, by its label."""
        return self._activity.step

    @property
    def is_alone(self) -> bool:
        """Whether the handler's own task is the only one of the request that is not done."""
        tasks = self._activity.tasks
        return len(tasks) == 1 or all(task.done() for task in tasks[1:])

    @property
    def is_in_order(self) -> bool:
        """Whether what the request's tasks do has the same order at every entry of a handler."""
        return self.loop.is_in_order or len(self._activity.tasks) <= 1

    @property
    def place(self) -> str:
        """The line of user code at which the handler stands, or "" if that is not known."""
        return self._activity.place()

    @property
    def has_timers(self) -> bool:
        """Whether a timer of the request can still wake something."""
        return self._activity.timers > 0

    def start(self, driver: Driver) -> None:
        """Let the driver work, in a context by which the agenda knows the request."""
        self._context.run(self._begin, driver)

    def _begin(self, driver: Driver) -> None:
        ACTIVITY.set(self._activity)
        driver.begin(self.request, self)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run the handler's coroutine as the request's first task."""
        task = asyncio.Task(coroutine, loop=self.loop, context=self._context)
        self._activity.root = task
        self._activity.add(task, self._context)

    def when_quiet(self, callback: Callable[[], None]) -> None:
        """Call this each time the request goes quiet."""
        self._activity.on_quiet = callback

    def enter(self) -> bool:
        """Count an entry of the handler, unless the worker dies before it."""
        request = self.request
        if not self._plan.is_empty and self._dies(BEFORE, ""):
            return False
        self._book.enter(request.run_id)
        entered = HandlerEntered(request.run_id, request.number, request.attempt)
        self.cause = self._activity.cause = self._trace.append(self.loop.now, self.cause, entered)
        return True

    def leave(self, how: str) -> None:
        """Note how the handler was left."""
        self.emit(HandlerLeft(self.request.run_id, self.request.number, how))

    def begin_step(self, label: str) -> bool:
        """Count an execution of a step, unless the worker dies before it."""
        request, activity = self.request, self._activity
        if not self._plan.is_empty and self._dies(BEFORE, label):
            return False
        self._book.execute(request.run_id, label, request.attempt)
        started = StepStarted(request.run_id, label, request.attempt, request.number)
        activity.cause = self._trace.append(self.loop.now, self.cause, started)
        activity.step = label
        if not self._plan.is_empty:
            self._awaits = 0
            IN_STEP.set(True)
            activity.after_task = lambda: self._after_await(label)
            activity.on_effect = lambda nth: self._after_effect(label, nth)
        return True

    def stand_in(self, name: str, index: int, body: Callable[[], object]) -> Callable[[], object]:
        """Give what a stub has in place of a step's body, or the body itself."""
        return body if self._stubs.is_empty else self._stubs.body(name, index, body)

    def end_step(self, label: str, how: str) -> bool:
        """Note how a step's body ended, unless the worker dies right then, or died inside it."""
        activity = self._activity
        if activity.is_buried:
            return False
        activity.after_task = activity.on_effect = activity.step = None
        activity.cause = self.cause
        if not self._plan.is_empty:
            IN_STEP.set(False)
        self.emit(StepEnded(self.request.run_id, label, how))
        return self._plan.is_empty or not self._dies(AFTER_EFFECT, label)

    def step_latency_ms(self, label: str) -> int:
        """Say how long a step's body takes."""
        drawn = self._surroundings.draw_step_latency()
        return drawn if self._plan.is_empty else drawn + self._slowed_by(label)

    def delay(self, ms: int) -> None:
        """Send the answer so much later."""
        self.late_ms += ms

    def emit(self, record: Record) -> None:
        """Add a fact to the trace, caused by the request."""
        self._trace.append(self.loop.now, self.cause, record)

    def checkpoint(self, steps: tuple[StepRun, ...]) -> bool:
        """Report steps while the request goes on."""
        return self._surroundings.checkpoint(self, steps)

    def answer(self, response: Response) -> None:
        """Send the response and close what the request left behind."""
        self.close()
        self._surroundings.reply(self, self._stubs.response(response))

    def drop(self) -> None:
        """Let the request's tasks be, without another line of them being run."""
        if not self._activity.is_buried and self._activity.bury():
            self._surroundings.dead.append(self)

    def let_go(self) -> None:
        """Forget the world, as nothing of the request is run any more.

        The frames of its tasks are kept for good, and know the bench.
        """
        del self._surroundings, self._trace, self._plan, self._stubs, self._book
        del self.replays, self.on_ask

    def silence(self) -> None:
        """Keep asyncio from complaining of an error that has already left the simulation."""
        root = self._activity.root
        if root is not None and root.done() and not root.cancelled():
            root.exception()

    def close(self) -> None:
        """End the request's tasks; what does not end well is a fact of the trace."""
        self.is_closing = True
        for complaint in self._activity.close():
            self.emit(Complained(self.request.run_id, complaint))
        self.is_closing = False

    def die(self, cause: int | None) -> None:
        """Stop here and now: nothing more of the request is run."""
        self.cause = cause
        if not self.is_over:
            if self._activity.step is not None:
                self.emit(StepEnded(self.request.run_id, self._activity.step, "killed"))
            self.leave("killed")
        self.drop()

    def _after_await(self, label: str) -> None:
        """A task has run up to an await and the step's body is not done."""
        self._awaits += 1
        self._dies(INSIDE, label, self._awaits)

    def _after_effect(self, label: str, nth: int) -> None:
        """The step's body has changed something outside; the call it made cannot be dropped."""
        if IN_STEP.get():  # Else it was the handler, beside the step.
            self._dies(EFFECT, label, nth)

    def _slowed_by(self, label: str) -> int:
        site = Site(self.label, label, self.request.attempt, DURATION)
        fault = self._plan.strike(site)
        if fault is None:
            return 0
        self.emit(FaultStruck(self.request.run_id, str(fault), str(site)))
        return fault.extra_ms

    def _dies(self, phase: str, step: str, nth: int = 0) -> bool:
        """Let the plan strike at a site; say whether the request is over for it."""
        if self.is_over:
            return False
        site = Site(self.label, step, self.request.attempt, phase, nth)
        fault = self._plan.strike(site)
        if fault is None:
            return False
        self._surroundings.suffer(self, fault, site)
        return self.is_over


def drop(at_work: dict[int, Workbench], given_up: list[Workbench], dead: list[Workbench]) -> None:
    """Forget handlers that are still at work: nobody may run when garbage is collected.

    It is told of them alone: handlers often know the simulation, which nobody else may hold.
    """
    for bench in (*given_up, *at_work.values()):
        bench.drop()
    at_work.clear()
    given_up.clear()
    bury(dead)


def bury(dead: list[Workbench]) -> None:
    """Have killed workers forget the world: the stacks that a kill unwinds are gone by now."""
    while dead:
        dead.pop().let_go()
