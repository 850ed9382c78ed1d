"""The agenda: the future, ordered, which is also the event loop that user code runs on.

Time is an integer of milliseconds and moves only when nothing is left to do at the present one,
so `asyncio.sleep`, `wait_for`, `gather` and `TaskGroup` take virtual time, and the bodies of
steps that are in flight together interleave at their awaits.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import itertools
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from dwf_sim.drivers.base import BODY, Outlet
from dwf_sim.sim.activity import ACTIVITY, Activity
from dwf_sim.sim.refusals import Refusals

# At one instant, what comes from outside goes before the engine's timers: an event that arrives
# exactly when its wait times out is taken (A109). User code's own timers come last.
OUTSIDE, TIMER, USER = 0, 1, 2

# What the future holds: a handle at its time, by rank, in the order of asking.
_Entry = tuple[int, int, int, "Handle"]


class Handle:
    """A callback that will be run, or has been cancelled. Also what asyncio is given."""

    __slots__ = ("activity", "args", "at", "callback", "context", "is_live")

    def __init__(
        self,
        callback: Callable[..., object] | None,
        args: tuple[Any, ...],
        context: contextvars.Context | None = None,
        activity: Activity | None = None,
        at: int = 0,
        is_live: Callable[[], bool] | None = None,
    ) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.activity = activity
        self.at = at
        self.is_live = is_live

    def cancel(self) -> None:
        """Do not run the callback; it stays where it is and is passed over."""
        self.callback = None
        if self.at and self.activity is not None:
            self.activity.timers -= 1
            self.activity = None

    def cancelled(self) -> bool:
        """Say whether the callback will not be run."""
        return self.callback is None

    def when(self) -> float:
        """Say when it is due, in seconds of the loop's time."""
        return self.at / 1000


Choose = Callable[[Sequence[Handle]], int]


def _ignore(*_: object) -> None:
    """Do nothing: nobody wants to know."""


class Agenda(Refusals):
    """Runs callbacks in order. `choose` picks one of those that are ready, by its place among them;
    without it, the first."""

    def __init__(self, start: int, choose: Choose | None = None) -> None:
        self.now = start
        self.let_go()
        self._choose = choose
        self._ready: deque[Handle] = deque()
        self._future: list[_Entry] = []
        self._endless: list[_Entry] = []  # The part of the future that never ends.
        self._seq = itertools.count()
        self._tasks = itertools.count(1)

    # For the simulation.

    def work_for(
        self, outlet: Outlet | None, on_move: Callable[[int], None], on_timer: Callable[[], None]
    ) -> None:
        """Be the loop of a simulation that is driven, which wants to know when the clock moves and
        when user code sets a timer outside of steps."""
        self.outlet, self._on_move, self._on_timer = outlet, on_move, on_timer

    def let_go(self) -> None:
        """Know nobody any more: what killed workers wait for knows its loop, for good."""
        self.work_for(None, _ignore, _ignore)

    def clear(self) -> None:
        """Have nothing more to do, ever."""
        for queue in (self._ready, self._future, self._endless):
            queue.clear()

    @property
    def is_in_order(self) -> bool:
        """Whether what is ready runs first come, first served."""
        return self._choose is None

    def soon(self, callback: Callable[..., object], *args: Any) -> None:
        """Run a callback of the simulation's own after what is ready."""
        self._ready.append(Handle(callback, args))

    def at(
        self,
        when: int,
        callback: Callable[..., object],
        *args: Any,
        rank: int = OUTSIDE,
        is_live: Callable[[], bool] | None = None,
        is_endless: bool = False,
    ) -> None:
        """Run a callback of the simulation's own at an instant.

        One that is not live any more is passed over, and the clock does not move for it. One that
        is endless calls for another each time.
        """
        handle = Handle(callback, args, at=when, is_live=is_live)
        future = self._endless if is_endless else self._future
        heapq.heappush(future, (when, rank, next(self._seq), handle))

    def run_ready(self, count_max: int) -> int:
        """Run what is ready, and what that makes ready, up to a count; say how many there were."""
        ready, choose = self._ready, self._choose
        count = 0
        next_one = ready.popleft if choose is None else partial(self._take, choose)
        while ready and count < count_max:
            count += 1
            handle = next_one()
            activity, callback, context = handle.activity, handle.callback, handle.context
            if activity is not None:
                activity.ready -= 1
                if activity.is_over:
                    continue
            if callback is not None:
                if context is None:
                    callback(*handle.args)  # The simulation's own: two of three.
                else:
                    context.run(callback, *handle.args)
            if activity is not None:
                activity.settle(callback, context)
        return count

    @property
    def is_busy(self) -> bool:
        """Whether something is left to run at this instant."""
        return bool(self._ready)

    def next_time(self) -> int | None:
        """Say when the next live callback of the future is due; None when there is none."""
        return _first_time(self._future)

    def next_endless_time(self) -> int | None:
        """Say the same of what goes on for ever."""
        return _first_time(self._endless)

    def move_to(self, now: int) -> None:
        """Set the clock, and make ready all that is due by then."""
        assert now >= self.now, "time does not go back"
        if now != self.now:
            self.now = now
            self._on_move(now)
        future, endless = self._future, self._endless
        while endless and endless[0][0] <= now:
            heapq.heappush(future, heapq.heappop(endless))
        while future and future[0][0] <= now:
            handle = heapq.heappop(future)[3]
            if not _is_live(handle):
                continue
            if handle.activity is not None:
                handle.activity.timers -= 1
                handle.activity.ready += 1
                handle.at = 0
            self._ready.append(handle)

    def _take(self, choose: Choose) -> Handle:
        ready = self._ready
        nth = choose(ready) if len(ready) > 1 else 0
        ready.rotate(-nth)
        handle = ready.popleft()
        ready.rotate(nth)
        return handle

    # For user code: what asyncio asks of an event loop.

    def time(self) -> float:
        """Say the virtual time in seconds since 1970."""
        return self.now / 1000

    def call_soon(  # type: ignore[override]  # asyncio's Handle is a slower class of the same shape.
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Handle:
        """Run a callback of user code after what is ready."""
        if context is None:
            context = contextvars.copy_context()
        activity = context.get(ACTIVITY)
        if activity is not None:
            activity.ready += 1
        handle = Handle(callback, args, context, activity)
        self._ready.append(handle)
        return handle

    def call_at(  # type: ignore[override]  # As for call_soon.
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Handle:
        """Run a callback of user code at a time of `time()`; never early, by whole milliseconds."""
        if context is None:
            context = contextvars.copy_context()
        activity = context.get(ACTIVITY)
        if activity is not None:
            activity.timers += 1
            if context.get(BODY) is None:
                self._on_timer()
        at = max(self.now, math.ceil(when * 1000 - 1e-3))
        handle = Handle(callback, args, context, activity, at)
        heapq.heappush(self._future, (at, USER, next(self._seq), handle))
        return handle

    def call_later(  # type: ignore[override]  # As for call_soon.
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Handle:
        """Run a callback of user code after a delay in seconds."""
        return self.call_at(self.now / 1000 + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        """Make a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]  # A subclass of Task, and no task factory.
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[Any]:
        """Make a task of user code; it belongs to the request in whose context it is made."""
        if context is None:
            context = contextvars.copy_context()
        task = VirtualTask(coro, next(self._tasks), loop=self, name=name, context=context)
        activity = context.get(ACTIVITY)
        if activity is not None:
            activity.add(task, context)
        return task

    def finalize(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Close an async generator that was dropped half-way, as event loops do."""
        activity = ACTIVITY.get()
        if activity is not None and not activity.is_over:
            self.create_task(generator.aclose())
            return
        with contextlib.suppress(StopIteration, StopAsyncIteration):
            generator.aclose().send(None)  # Nothing runs on for it any more.

    def is_running(self) -> bool:
        """The loop runs whenever user code can ask."""
        return True

    def is_closed(self) -> bool:
        """The loop is never closed."""
        return False

    def _timer_handle_cancelled(self, handle: Handle) -> None:
        """Asyncio tells of a cancelled timer; ours are passed over when their time comes."""


def make_agenda(start: int, choose: Choose | None = None) -> Agenda:
    """Make the agenda of a simulation that starts at an instant in milliseconds since 1970."""
    return Agenda(start, choose)  # type: ignore[abstract]  # Refusals adds the rest by name.


class VirtualTask(asyncio.Task[Any]):
    """A task whose hash is its number, so that a set of tasks has the same order everywhere."""

    def __init__(self, coro: Coroutine[Any, Any, Any], number: int, **options: Any) -> None:
        self._number = number  # First: asyncio asks for the hash while it makes a task.
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number


def _first_time(future: list[_Entry]) -> int | None:
    while future and not _is_live(future[0][3]):
        heapq.heappop(future)
    return future[0][0] if future else None


def _is_live(handle: Handle) -> bool:
    if handle.callback is None or (handle.activity is not None and handle.activity.is_over):
        return False
    return handle.is_live is None or handle.is_live()
