"""An activity: what one request has going on in the agenda, and how it is closed or dropped."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any

from dwf_sim.places import awaiting_place


class Activity:
    """Counts the callbacks that are ready and the timers that are set for one request.

    When nothing is ready any more, `on_quiet` says what is to happen. `after_task` is called each
    time a task of a step's body has run up to an await, while a crash inside a step wants to know;
    `on_effect` likewise with the number of each effect that the body has made.
    """

    __slots__ = (
        "_contexts",
        "after_task",
        "cause",
        "effects",
        "is_buried",
        "is_over",
        "on_effect",
        "on_quiet",
        "origin",
        "ready",
        "root",
        "run_id",
        "step",
        "tasks",
        "timers",
    )

    def __init__(self, run_id: str, origin: Context) -> None:
        self.run_id = run_id
        self.origin = origin  # What is around the simulation, as every request of it finds it.
        self.step: str | None = None  # The step whose body is being run.
        self.cause: int | None = None  # The newest entry of the trace that user code follows from.
        self.effects: dict[str | None, int] = {}  # By step, None outside of steps.
        self.is_buried = False
        self.ready = 0
        self.timers = 0
        self.is_over = False
        self.root: asyncio.Task[None] | None = None
        self.tasks: list[asyncio.Task[Any]] = []
        self._contexts: list[Context] = []
        self.on_quiet: Callable[[], None] | None = None
        self.after_task: Callable[[], None] | None = None
        self.on_effect: Callable[[int], None] | None = None

    def settle(self, callback: object, context: Context | None) -> None:
        """Look after one callback whether the request has gone quiet."""
        root = self.root
        if root is not None and root.done():
            self.root = None
            if (error := root.exception()) is not None:
                raise error  # Never the user's: the driver has turned those into a response.
        if (
            self.after_task is not None
            and not self.is_over
            and isinstance(getattr(callback, "__self__", None), asyncio.Task)
            and context is not None
            and context.get(IN_STEP)
        ):
            self.after_task()
        if self.ready == 0 and not self.is_over and self.on_quiet is not None:
            self.on_quiet()

    def place(self) -> str:
        """Name the line at which the first task stands that is user code's: the handler's, which
        the SDK runs in a task of its own."""
        places = (awaiting_place(task.get_coro()) for task in self.tasks)
        return next(filter(None, places), "")

    def add(self, task: asyncio.Task[Any], context: Context) -> None:
        """Take in a task of the request, with the context it runs in."""
        self.tasks.append(task)
        self._contexts.append(context)

    def close(self) -> list[str]:
        """End what is left, first task first: `finally` blocks run, as an interrupt has them run.

        Each is closed in its own context, where its context variables can be reset. Returned is a
        sentence for each that will not end, because it awaits in `finally` or swallows everything.
        """
        self.is_over = True
        if len(self.tasks) == 1 and getattr(self.tasks[0].get_coro(), "cr_running", False):
            self._forget()  # The handler itself is answering, and nothing else is there.
            return []
        complaints = []
        for task, context in zip(self.tasks, self._contexts, strict=True):
            coroutine = task.get_coro()
            if task.done() or getattr(coroutine, "cr_running", False):
                continue  # A task that is running just now is about to end by itself.
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # As asyncio.gather.
            in_group = _is_in_task_group(coroutine)
            try:
                context.run(coroutine.close)
            except BaseException as error:
                if not _is_good_end(error, in_group=in_group):
                    complaints.append(f"a task did not end well with its request: {error!r}")
        self._forget()
        return complaints

    def bury(self) -> bool:
        """Drop everything without another line of it being run, as a killed process does.

        Says whether there are frames, which are kept for good.
        """
        self.is_over = self.is_buried = True
        dead = [task for task in self.tasks if not task.done()]
        _GRAVEYARD.extend(dead)
        self._forget()
        return bool(dead)

    def _forget(self) -> None:
        """Let go of what leads back here, so that a request's objects go without the collector.

        Left to it, they pile up until they do not fit the processor's cache: a third of the time.
        """
        self.on_quiet = self.after_task = self.on_effect = None
        self.tasks = []
        self._contexts = []


def _is_in_task_group(coroutine: Any) -> bool:
    """Say whether a coroutine awaits inside an `asyncio.TaskGroup` block."""
    while coroutine is not None:
        if getattr(coroutine, "cr_code", None) in _GROUP_CODES:
            return True
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None and any(
            isinstance(value, asyncio.TaskGroup) for value in frame.f_locals.values()
        ):
            return True
        coroutine = getattr(coroutine, "cr_await", None)
    return False


def _is_good_end(error: BaseException, *, in_group: bool) -> bool:
    """A task group awaits its tasks when it is left, and wraps what left it: both are no fault."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(GeneratorExit)[1] is None
    return in_group and isinstance(error, RuntimeError) and "GeneratorExit" in str(error)


_GROUP_CODES = (asyncio.TaskGroup.__aexit__.__code__,)

IN_STEP: ContextVar[bool] = ContextVar("dwf_sim_in_step", default=False)
ACTIVITY: ContextVar[Activity | None] = ContextVar("dwf_sim_activity", default=None)


def origin() -> Context:
    """Give what the requests of a new simulation start with: what is around it.

    Made by user code of another simulation, that is what is around that one. Of the variables that
    are set where a handler stands, some say that a step must not be begun there.
    """
    activity = ACTIVITY.get()
    return copy_context() if activity is None else activity.origin.copy()


# Python closes a coroutine that is garbage, and closing runs its `finally` blocks: the dead would
# speak. So the coroutines of killed workers are kept for good, even past the interpreter's end,
# at some kilobytes for each kill. There is no other way to end a frame without running it.
_GRAVEYARD: list[asyncio.Task[Any]] = []
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_GRAVEYARD))
