"""A visit: what the simulator has to know of one request while the SDK works on it.

The SDK's middleware may change the context a handler is given; ours, on a copy of the client, has
the step methods of that one context tell the bench when the body of a step begins and ends. No
object of a user's is touched.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, NoReturn

from dwf_sim.drivers.base import Bench, WorkerKilled
from dwf_sim.drivers.inngest.logger import VisitLogger
from dwf_sim.drivers.inngest.sdk import inngest
from dwf_sim.drivers.native import Function
from dwf_sim.model.messages import Request

_Method = Callable[..., Any]
_COUNTED = ("sleep_until", "wait_for_event", "invoke_by_id")  # All else is made of these and run.


class Hook(inngest.MiddlewareSync):
    """Introduces the context of a request to its visit."""

    def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
        """Have the steps of this context watched."""
        visit = VISIT.get()
        visit.watch(ctx.step)
        run_id, logger = visit.request.run_id, self.client.logger
        ctx.logger = VisitLogger(visit.bench, run_id, ctx.logger, logger)

    def transform_output(self, result: inngest.TransformOutputResult) -> None:
        """Keep the error as the object it is: a response has only its text."""
        VISIT.get().error = result.error


class Visit:
    """One request under way."""

    def __init__(self, request: Request, bench: Bench) -> None:
        self.request = request
        self.bench = bench
        self.error: Exception | None = None  # What the SDK has turned into the response.
        self._counts: dict[str, int] = {}
        self._is_dead = False

    def watch(self, step: Any) -> None:
        """Count each use of a step id as the SDK does, and stand around each body (A12)."""
        is_async = isinstance(step, inngest.Step)
        counted = self._counted if is_async else self._counted_sync
        run = self._run if is_async else self._run_sync
        for name in _COUNTED:
            setattr(step, name, counted(getattr(step, name)))
        step.ai.infer = counted(step.ai.infer)
        step.invoke = partial(_invoke, step.invoke, step.invoke_by_id)
        step.run = run(step.run)

    def _count(self, step_id: str) -> int:
        index = self._counts.get(step_id, 0)
        self._counts[step_id] = index + 1
        return index

    def _counted(self, method: _Method) -> _Method:
        async def counted(step_id: str, *args: Any, **kwargs: Any) -> Any:
            self._count(step_id)
            return await method(step_id, *args, **kwargs)

        return counted

    def _counted_sync(self, method: _Method) -> _Method:
        def counted(step_id: str, *args: Any, **kwargs: Any) -> Any:
            self._refuse_the_dead()
            self._count(step_id)
            return method(step_id, *args, **kwargs)

        return counted

    def _run(self, method: _Method) -> _Method:
        async def run(step_id: str, handler: _Method, *args: Any, **kwargs: Any) -> Any:
            body = partial(self._body, step_id, self._count(step_id), handler)
            return await method(step_id, body, *args, **kwargs)

        return run

    def _run_sync(self, method: _Method) -> _Method:
        def run(step_id: str, handler: _Method, *args: Any, **kwargs: Any) -> Any:
            self._refuse_the_dead()
            body = partial(self._body_sync, step_id, self._count(step_id), handler)
            return method(step_id, body, *args, **kwargs)

        return run

    async def _body(self, step_id: str, index: int, handler: _Method, *args: Any) -> Any:
        label = _label(step_id, index)
        if latency := self.bench.step_latency_ms():
            await asyncio.sleep(latency / 1000)
        if not self.bench.begin_step(label):
            await self._be_dead()
        how = "cancelled"
        try:
            output = self.bench.stand_in(step_id, index, partial(handler, *args))()
            if inspect.isawaitable(output):
                output = await output
            how = "ok"
            return output
        except BaseException as error:
            how = _how(error)
            raise
        finally:
            if not self.bench.end_step(label, how):
                await self._be_dead()

    def _body_sync(self, step_id: str, index: int, handler: _Method, *args: Any) -> Any:
        label = _label(step_id, index)
        if not self.bench.begin_step(label):
            self._die()
        self.bench.delay(self.bench.step_latency_ms())
        how = "killed"
        try:
            output = self.bench.stand_in(step_id, index, partial(handler, *args))()
            how = "ok"
            return output
        except BaseException as error:
            how = _how(error)
            raise
        finally:
            if not self.bench.end_step(label, how):
                self._die()

    def _refuse_the_dead(self) -> None:
        if self._is_dead:
            raise WorkerKilled  # Again: in a `finally` block of a plain `def` handler.

    def _die(self) -> NoReturn:
        """Unwind a plain `def` handler's stack, and let nothing that is done on the way count."""
        self._is_dead = True
        raise WorkerKilled

    async def _be_dead(self) -> NoReturn:
        """A killed worker runs nothing more: this task is never resumed."""
        await self.bench.loop.create_future()
        raise AssertionError("the dead are never resumed")


VISIT: ContextVar[Visit] = ContextVar("visit")  # The one that user code is part of.


def _label(step_id: str, index: int) -> str:
    return f"{step_id}:{index}" if index else step_id


def _how(error: BaseException) -> str:
    """Say how a body was left; a step within a step is an error by another name (A42)."""
    if isinstance(error, Exception):
        return f"error {type(error).__name__}"
    if isinstance(error, WorkerKilled):
        return "killed"
    return "error CodedError" if type(error).__name__ == "NestedStepInterrupt" else "cancelled"


def _invoke(
    invoke: Callable[..., Any],
    invoke_by_id: Callable[..., Awaitable[Any]],
    step_id: str,
    *,
    function: Any,
    **rest: Any,
) -> Any:
    """Invoke a function by its object, one written for dwf_sim too."""
    if not isinstance(function, Function):
        return invoke(step_id, function=function, **rest)
    app_id, function_id = function.config.app_id, function.fn_id
    return invoke_by_id(step_id, app_id=app_id, function_id=function_id, **rest)
