"""The runner: delivers messages to the engine, does what its effects say, and moves time."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from dwf_sim.drivers.base import Ask, Driver, Habitat, Outlet
from dwf_sim.engine import Engine
from dwf_sim.errors import UsageError
from dwf_sim.faults.base import Fault, Site
from dwf_sim.model.effects import Call, Effect, Publish, SetTimer
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import (
    CONNECTION_CLOSED,
    Checkpointed,
    EventArrived,
    ItemDue,
    Message,
    Replied,
    Request,
    Response,
)
from dwf_sim.model.ops import StepRun
from dwf_sim.model.records import Complained, FaultStruck, Record, StepsCheckpointed
from dwf_sim.sim.activity import origin
from dwf_sim.sim.agenda import TIMER, Agenda
from dwf_sim.sim.book import Book
from dwf_sim.sim.budget import Budget
from dwf_sim.sim.choices import Choices
from dwf_sim.sim.collector import relaxed_collector
from dwf_sim.sim.latency import Latency
from dwf_sim.sim.mishaps import REQUEST_MS_MAX, Mishaps
from dwf_sim.sim.patience import Patience
from dwf_sim.sim.plan_in_force import PlanInForce
from dwf_sim.sim.platform import Worker
from dwf_sim.sim.stubs import Stubs
from dwf_sim.sim.trace import Trace
from dwf_sim.sim.wire import carry_event
from dwf_sim.sim.worker import Workbench, bury

_LOOK_EVERY = 10_000  # After how many steps at one instant it is looked whether it will end.


class Runner:
    """The loop of everything. `drivers` says who calls the handler of a function."""

    def __init__(
        self,
        engine: Engine,
        agenda: Agenda,
        choices: Choices,
        habitat: Habitat,
        trace: Trace,
        plan: PlanInForce,
        latency: Latency,
        budget: Budget,
        worker: Worker,
    ) -> None:
        self.engine = engine
        self.agenda = agenda
        self.trace = trace
        self.plan = plan
        self.context = origin()  # What every request starts with.
        self.drivers: dict[str, Driver] = {}
        self.book = Book()
        self.stubs = Stubs()
        self.clock_ahead = 0  # By how many ms the workers' clocks differ from the engine's.
        self.is_watching = False  # Whether mistakes are looked for that cost time to find.
        self.on_ask: Callable[[Request, Ask], None] | None = None  # Hears of steps meanwhile.
        self.on_drive: Callable[[], None] = lambda: None  # Somebody may want to know.
        self.on_timer: Callable[[], None] = lambda: None  # Hears of those set outside of steps.
        self.outlet: Outlet | None = None  # Where user code finds us.
        self.watch: Callable[[], None] | None = None  # Looks at the world after each callback.
        self.events: deque[StoredEvent] = deque(maxlen=trace.bound)
        self.open: dict[int, Workbench] = {}  # By request, oldest first.
        self._sent: dict[str, int] = {}  # How many events of a name, while there are faults.
        self._behind: tuple[StoredEvent, int | None] | None = None  # It waits for the next one.
        self.given_up: list[Workbench] = []  # Their handlers work on, unheard.
        self.dead: list[Workbench] = []  # Killed in this drive.
        self.mishaps = Mishaps(self, worker)
        self._choices = choices
        self._habitat = habitat
        self._latency = latency
        self._is_instant = latency == Latency()
        self._budget = budget
        self._steps_left = budget.steps
        self._steps_here = 0  # At this instant, since it was last looked whether it will end,
        self._looked_at = 0  # which was at this entry of the trace.
        self._end_of_time = agenda.now + budget.virtual
        self._patience: Patience | None = None  # None while there is an instant to run to.
        self._is_driving = False
        self._is_inhabited = False

    # Moving time.

    def run(self, until: int | None, condition: Callable[[], bool] | None = None) -> bool:
        """Run to an instant, or until nothing is left; stop as soon as the condition holds.

        Says whether the condition held; True when there was none.
        """
        with self._driving(), relaxed_collector():
            if self.open or self.given_up:  # A timer may resume a handler that began before.
                self._inhabit()
            has_end = until is not None or condition is not None
            self._patience = None if until is not None else Patience()
            while condition is None or not condition():
                is_watched = condition is not None or self.watch is not None
                at_most = self._steps_left + 1 if self._steps_left < _LOOK_EVERY else _LOOK_EVERY
                done = self.agenda.run_ready(1 if is_watched else at_most)
                self._steps_left -= done
                self._steps_here += done
                if self.watch is not None:
                    self.watch()
                if self._steps_left < 0:
                    raise self._budget.overdraw("steps", self.trace.tail(10))
                if self._steps_here >= _LOOK_EVERY:
                    self._budget.look_for_a_chain(self.agenda.now, self.trace, self._looked_at)
                    self._steps_here, self._looked_at = 0, self.trace.count
                if not done and not self._move_on(until, has_end=has_end):
                    break
            else:
                return True
            if until is not None:
                self.agenda.move_to(max(until, self.agenda.now))
                if self.watch is not None:
                    self.watch()
            return condition is None or condition()

    def _move_on(self, until: int | None, *, has_end: bool) -> bool:
        """Move the clock to what comes next, unless that is nothing, or too late."""
        when = self._next_time(has_end=has_end)
        if when is None and self._behind is not None:  # No event followed it.
            behind, self._behind = self._behind, None
            self._deliver(*behind)
            return True
        if when is None or (until is not None and when > until):
            return False
        if when > self._end_of_time:
            raise self._budget.overdraw("virtual", self.trace.tail(10))
        self._steps_here = 0
        self.agenda.move_to(when)
        self._give_up()
        return True

    def _next_time(self, *, has_end: bool) -> int | None:
        """Say when something happens next, be it that a request is given up.

        What goes on for ever, such as a cron, does not count when there is no end to run to, be it
        an instant or a condition.
        """
        times = [self.agenda.next_time()]
        if self.open:
            times.append(next(iter(self.open.values())).began_at + REQUEST_MS_MAX)
        finite = [when for when in times if when is not None]
        if not finite and not has_end:
            return None
        endless = self.agenda.next_endless_time()
        if not finite and endless is not None and not self._may_wait(endless):
            return None
        return min(finite if endless is None else [*finite, endless], default=None)

    def _may_wait(self, when: int) -> bool:
        if self._patience is None:
            return True
        return self._patience.allows(when, self.agenda.now, self.engine.state.crons)

    def _give_up(self) -> None:
        """Give up the requests that have had no answer for too long (A194)."""
        while self.open:
            number, bench = next(iter(self.open.items()))
            if bench.began_at + REQUEST_MS_MAX > self.agenda.now:
                return
            del self.open[number]
            self.given_up.append(bench)
            if not bench.is_over and not bench.is_cut_off:
                self.emit(Complained(bench.request.run_id, _unanswered(bench)), bench.cause)
            self.agenda.soon(self.tell, Replied(number, CONNECTION_CLOSED), bench.cause)

    def close(self) -> None:
        """End the handlers that are still at work, each in the world it has known."""
        if self.open or self.given_up:
            with self._driving():
                self._inhabit()
                self._close_all()
        self.agenda.clear()

    def _close_all(self) -> None:
        while self.open:
            self.given_up.append(self.open.popitem()[1])
        while self.given_up:
            self.given_up.pop().close()

    @contextmanager
    def _driving(self) -> Iterator[None]:
        """Be the running event loop meanwhile, and put the real world back at the end."""
        if self._is_driving:
            raise UsageError(
                "the simulation is already running: a handler or step body cannot advance the "
                "clock it lives on; use ctx.step.sleep or asyncio.sleep there"
            )
        outer, hooks = asyncio._get_running_loop(), sys.get_asyncgen_hooks()
        asyncio._set_running_loop(self.agenda)
        sys.set_asyncgen_hooks(None, self.agenda.finalize)
        self._is_driving = True
        self.agenda.work_for(self.outlet, self._on_move, self.on_timer)
        self.on_drive()
        try:
            yield
        except BaseException:
            for bench in self.open.values():
                bench.silence()
            raise
        finally:
            self._is_driving = False
            bury(self.dead)
            self.agenda.let_go()
            asyncio._set_running_loop(outer)
            sys.set_asyncgen_hooks(*hooks)
            if self._is_inhabited:
                self._is_inhabited = False
                self._habitat.leave()

    def _inhabit(self) -> None:
        """Show user code the virtual world, from now to the end of this drive."""
        if not self._is_inhabited:
            self._is_inhabited = True
            self._habitat.enter(self.agenda.now)

    def _on_move(self, now: int) -> None:
        if self._is_inhabited:
            self._habitat.move_to(now)

    def shift_clock(self, by: int) -> None:
        """Set the workers' clocks forwards, or backwards; the engine's own stays."""
        self.clock_ahead += by
        self._habitat.shift(self.clock_ahead)
        self._on_move(self.agenda.now)

    # Delivering messages and performing effects.

    def tell(self, message: Message, cause: int | None = None) -> list[Effect]:
        """Let the engine handle a message now, do what follows from it, and say what that was.

        A record becomes the cause of what comes after it in its turn.
        """
        now = self.agenda.now
        effects = self.engine.handle(now, message)
        for effect in effects:
            perform = _PERFORM.get(type(effect))
            if perform is None:
                cause = self.trace.append(now, cause, effect)  # type: ignore[arg-type]  # A record.
            else:
                perform(self, effect, cause)
        return effects

    def accept(self, event: StoredEvent, cause: int | None = None) -> None:
        """Carry an event that was let in over the wire; its sender does not see what befalls it."""
        if self.plan.is_empty and self._behind is None:
            self._deliver(event, cause)
            return
        nth = self._sent[event.name] = self._sent.get(event.name, 0) + 1
        mint = partial(self.engine.state.mint.ulid, self.agenda.now)
        arrivals, strike = carry_event(self.plan, event, nth, mint)
        if strike is not None:
            struck = FaultStruck(None, str(strike[0]), str(strike[1]), event.internal_id)
            cause = self.emit(struck, cause)
        behind, self._behind = self._behind, None
        for arrival in arrivals:
            if arrival.is_behind_next:
                self._behind = arrival.event, cause
            elif arrival.delay:
                at = self.agenda.now + arrival.delay
                self.agenda.at(at, self._deliver, arrival.event, cause)
            else:
                self._deliver(arrival.event, cause)
        if behind is not None:
            self._deliver(*behind)

    def _deliver(self, event: StoredEvent, cause: int | None) -> None:
        """Take an event to the engine: at once if time stands still."""
        self.events.append(event)
        if self._is_driving:
            self.agenda.soon(self.tell, EventArrived(event), cause)
        else:
            self.tell(EventArrived(event), cause)

    def _set_timer(self, timer: SetTimer, cause: int | None) -> None:
        at = timer.at
        if timer.spread:
            at += self._choices.integer(timer.stream, 0, timer.spread)
        if not self.plan.is_empty:
            late, cause = self.mishaps.delay_timer(timer.item, cause)
            at += late
        self.agenda.at(
            max(at, self.agenda.now),  # What a late timer has left behind is due at once.
            self.tell,
            ItemDue(timer.item),
            cause,
            rank=TIMER,
            is_endless=timer.is_endless,
            is_live=partial(self.engine.expects, timer.item),
        )

    def _publish(self, effect: Publish, cause: int | None) -> None:
        self.accept(effect.event, cause)

    def _send_request(self, call: Call, cause: int | None) -> None:
        request = call.request
        delay = 0 if self._is_instant else self._latency.draw_request(self._choices)
        if delay:
            self.agenda.at(self.agenda.now + delay, self._start, request, cause)
        else:
            self.agenda.soon(self._start, request, cause)

    def _start(self, request: Request, cause: int | None) -> None:
        self._inhabit()
        if self.is_watching:
            self._habitat.nudge()
        label = self.engine.state.runs[request.run_id].label
        if (self.mishaps.lost or not self.plan.is_empty) and not self.mishaps.lets_through(
            request, label, cause
        ):
            return
        bench = Workbench(self, request, label, self.book, cause)
        self.open[request.number] = bench
        if self.mishaps.request_ms_max is not None:
            self.mishaps.limit(bench)
        bench.start(self.drivers[request.function_id])

    # What a bench asks for.

    def emit(self, record: Record, cause: int | None) -> int:
        """Add a fact to the trace."""
        return self.trace.append(self.agenda.now, cause, record)

    def draw_step_latency(self) -> int:
        """Draw how long a step's body takes."""
        return 0 if self._is_instant else self._latency.draw_step(self._choices)

    def suffer(self, bench: Workbench, fault: Fault, site: Site) -> None:
        """Let a fault do its harm where a bench has come to."""
        self.mishaps.suffer(bench, fault, site)

    def checkpoint(self, bench: Workbench, steps: tuple[StepRun, ...]) -> bool:
        """Let the engine keep steps of a request that goes on; say whether it did."""
        if bench.is_cut_off and not self.mishaps.reaches_engine(bench):
            return False
        effects = self.tell(Checkpointed(bench.request.number, steps), bench.cause)
        is_kept = any(isinstance(effect, StepsCheckpointed) for effect in effects)
        if is_kept and not self.plan.is_empty:
            self.mishaps.after_checkpoint(bench, steps)
        return is_kept

    def reply(self, bench: Workbench, response: Response) -> None:
        """Carry a response over the wire to the engine."""
        self.open.pop(bench.request.number, None)
        if self.plan.is_empty and not bench.late_ms and not bench.is_cut_off:
            reply = Replied(bench.request.number, response)
            self.agenda.soon(self.tell, reply, bench.cause)
        else:
            self.mishaps.reply(bench, response)


# What is done for an effect; every other one is a record.
_PERFORM: Mapping[type, Callable[[Runner, Any, int | None], None]] = {
    Call: Runner._send_request,
    SetTimer: Runner._set_timer,
    Publish: Runner._publish,
}


def _unanswered(bench: Workbench) -> str:
    who = "its handler" if bench.step is None else f"step {bench.step!r}"
    return (
        f"{who} has had no end for two hours, so the request was given up: it waits for something "
        "that never comes, or has more to do than one request may; wait with ctx.step.sleep or "
        "ctx.step.wait_for_event, and split long work into steps"
    )
