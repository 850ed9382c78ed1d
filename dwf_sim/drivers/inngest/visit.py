"""A visit: what the simulator has to know of one request while the SDK works on it.

The SDK's middleware may change the context a handler is given; ours, on a copy of the client, has
the step methods of that one context tell the bench when the body of a step begins and ends. No
object of a user's is touched.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, NoReturn

from dwf_sim.drivers.base import BODY, Bench, WorkerKilled
from dwf_sim.drivers.changed import watched_body
from dwf_sim.drivers.inngest.logger import VisitLogger
from dwf_sim.drivers.inngest.sdk import inngest
from dwf_sim.drivers.inngest.steps import WatchedStep, WatchedStepSync
from dwf_sim.drivers.lost import note_lost
from dwf_sim.drivers.replay import NOTHING, Replay
from dwf_sim.model.messages import Request
from dwf_sim.model.records import Complained

_Method = Callable[..., Any]


class _Nothing:
    """Does nothing when it is called. A class, of which the SDK sees at once that it is no
    coroutine function: it asks that of each hook for each request, and of a method that takes
    longer than all that our hooks do."""

    def __new__(cls) -> None:  # type: ignore[misc]  # It is never more than called.
        return None


class Hook(inngest.MiddlewareSync):
    """Introduces the context of a request to its visit."""

    after_execution = before_execution = before_response = _Nothing

    def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
        """Have the steps of this context watched."""
        visit = VISIT.get()
        assert visit is not None, "a handler is entered in a visit"
        _take_out_singly(steps, visit)
        visit.watch(ctx.step)
        run_id, logger = visit.request.run_id, self.client.logger
        ctx.logger = VisitLogger(visit.bench, run_id, ctx.logger, logger)

    def transform_output(self, result: inngest.TransformOutputResult) -> None:
        """Keep the error as the object it is: a response has only its text."""
        visit = VISIT.get()
        assert visit is not None, "a handler is left in a visit"
        visit.error, visit.output = result.error, result.output
        if hasattr(result.output, "model_dump"):  # A serializer would have made a dict of it.
            visit.bench.emit(Complained(visit.request.run_id, self._unserialized(result)))

    def _unserialized(self, result: inngest.TransformOutputResult) -> str:
        name = type(result.output).__name__
        what = "the function" if result.step is None else f"step {result.step.id!r}"
        if vars(self.client)["_serializer"] is None:
            remedy = "give the client that is served serializer=inngest.PydanticSerializer()"
        else:
            remedy = f"say so where it is made, output_type={name}"
        return f"{what} returned a {name} of pydantic, which is not written as JSON: {remedy}"


class Visit:
    """One request under way."""

    def __init__(self, request: Request, bench: Bench) -> None:
        self.request = request
        self.bench = bench
        self.replay = Replay(request, bench)
        self.error: Exception | None = None  # What the SDK has turned into the response.
        self.output: object = None  # What it has tried to write last.
        self._counts: dict[str, int] = {}
        self._is_dead = False

    def watch(self, step: Any) -> None:
        """Count each use of a step id as the SDK does, and stand around each body (A12)."""
        step.visit = self
        step.make_ai = type(vars(step).pop("ai"))  # It refers to the step, and the step to it.
        step.__class__ = WatchedStep if isinstance(step, inngest.Step) else WatchedStepSync

    def ai(self, step: Any) -> Any:
        """Make the calls of AI models that a step offers."""
        ai = step.make_ai(step)
        ai.infer = partial(self._infer, ai.infer)
        return ai

    def _infer(self, infer: _Method, step_id: str, **kwargs: Any) -> Any:
        index = self.count(step_id)
        if self.bench.is_watched:
            self.take(step_id, index, {}, "ai")
        return infer(step_id, **kwargs)

    def end(self) -> None:
        """Let go of what leads back here, so that it goes without the garbage collector."""
        VISIT.set(None)
        self.output = None

    def count(self, step_id: str) -> int:
        """Note a use of a step id; give how many there were before."""
        if self._is_dead:
            raise WorkerKilled  # Again: in a `finally` block of a plain `def` handler.
        counts, replay = self._counts, self.replay
        index = counts.get(step_id, 0)
        counts[step_id] = index + 1
        label = f"{step_id}:{index}" if index else step_id
        replay.calls.append(label)
        if next(replay.expected, label) != label:
            replay.differ(label)
        if self.request.target is not None and not replay.is_stopped:
            replay.aim(label)
        return index

    def take(
        self,
        step_id: str,
        index: int,
        inputs: Mapping[str, str],
        kind: str,
        body: _Method | None = None,
    ) -> None:
        """Compare what a step is given with what it was given before."""
        self.replay.take(_label(step_id, index), inputs, kind, body)

    async def body(self, step_id: str, index: int, handler: _Method, *args: Any) -> Any:
        """Run a step's body, unless the worker dies before it or right after it."""
        label = _label(step_id, index)
        note_lost(self.bench, self.request.run_id, label, handler)
        if self.bench.is_watched:
            handler = watched_body(self.bench, self.request.run_id, label, handler)
        if latency := self.bench.step_latency_ms(label):
            await asyncio.sleep(latency / 1000)
        if not self.bench.begin_step(label):
            await self._be_dead()
        token = BODY.set(label)
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
            BODY.reset(token)
            if not self.bench.end_step(label, how):
                await self._be_dead()

    def body_sync(self, step_id: str, index: int, handler: _Method, *args: Any) -> Any:
        """The same for plain `def` handlers."""
        label = _label(step_id, index)
        note_lost(self.bench, self.request.run_id, label, handler)
        if self.bench.is_watched:
            handler = watched_body(self.bench, self.request.run_id, label, handler)
        if not self.bench.begin_step(label):
            self._die()
        self.bench.delay(self.bench.step_latency_ms(label))
        token = BODY.set(label)
        how = "killed"
        try:
            output = self.bench.stand_in(step_id, index, partial(handler, *args))()
            how = "ok"
            return output
        except BaseException as error:
            how = _how(error)
            raise
        finally:
            BODY.reset(token)
            if not self.bench.end_step(label, how):
                self._die()

    def _die(self) -> NoReturn:
        """Unwind a plain `def` handler's stack, and let nothing that is done on the way count."""
        self._is_dead = True
        raise WorkerKilled

    async def _be_dead(self) -> NoReturn:
        """A killed worker runs nothing more: this task is never resumed."""
        await self.bench.loop.create_future()
        raise AssertionError("the dead are never resumed")


VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)  # Which user code is part of.


def _take_out_singly(memos: Any, visit: Visit) -> None:
    """Take a memo out of the others, where the SDK copies all others: a loop of a thousand steps
    would copy a hundred million of them before it is through."""
    held, absent = vars(memos)["_memos"], memos.pop
    given, replay = visit.request.memos, visit.replay

    def pop(hashed_id: str) -> Any:
        if hashed_id not in held:
            return absent(hashed_id)
        if replay.memos.get(hashed_id) != given.get(hashed_id):
            replay.expected = NOTHING
        return held.pop(hashed_id)

    memos.pop = pop


def _label(step_id: str, index: int) -> str:
    return f"{step_id}:{index}" if index else step_id


def _how(error: BaseException) -> str:
    """Say how a body was left; a step within a step is an error by another name (A42)."""
    if isinstance(error, Exception):
        return f"error {type(error).__name__}"
    if isinstance(error, WorkerKilled):
        return "killed"
    return "error CodedError" if type(error).__name__ == "NestedStepInterrupt" else "cancelled"
