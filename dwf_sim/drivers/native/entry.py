"""One entry of a handler: it replays from memos up to what is new, and that is the response.

All the control flow of a request is here. Sequential code meets one new step, and what is to
become of it is known at once: its body is run in this request, or its op ends it (A16). When
several tasks of a handler are under way, they are run until none can move; then the steps they
have come to are dealt with together (A15, A26).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from inspect import CORO_CREATED, getcoroutinestate, isawaitable
from typing import Any, NoReturn

from dwf_sim.drivers.base import BODY, Bench, WorkerKilled
from dwf_sim.drivers.native import mistakes, outcomes
from dwf_sim.drivers.native.call import DISCOVERY, RACE, StepCall
from dwf_sim.drivers.native.checkpoint import checkpoints_of
from dwf_sim.drivers.native.interrupts import Interrupt, NestedStep, interrupt_in
from dwf_sim.drivers.replay import NOTHING, Replay
from dwf_sim.errors import NonRetriableError, RetryAfterError, UsageError
from dwf_sim.given import shown
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Ops, Request, Response
from dwf_sim.model.ops import Op
from dwf_sim.model.records import Complained

_AT_ONCE = (dict, list, str, int, float, type(None))  # Known not to be awaitable; asking is slow.


class Entry:
    """The state of one request while its handler runs."""

    # How it begins; set here, since an entry is made for every request.
    _executing: StepCall | None = None
    _is_dead = False
    _output: tuple[object] | None = None

    def __init__(self, request: Request, bench: Bench, checkpointing: Checkpointing | None) -> None:
        self.request = request
        self.bench = bench
        self.replay = Replay(request, bench)
        self._checkpoints = checkpoints_of(checkpointing, request, bench)
        self.unread = dict(request.memos)  # Each memo is read once in a request (A11, A14).
        self._counts: dict[str, int] = {}
        self.unbegun: dict[StepCall, Coroutine[Any, Any, Any]] = {}  # Nobody awaits them yet.
        self._recalled: list[StepCall] = []
        self._found: list[StepCall] = []
        self._response: Response | None = None
        self._is_interrupted = False
        self._is_over = False

    # The handler, from beginning to end.

    async def run(self, handler: Callable[[Any], Any], context: object) -> None:
        """Run an `async def` handler and answer."""
        self.bench.when_quiet(self._on_quiet)
        try:
            output = await handler(context)
        except Interrupt as interrupt:
            self._response = interrupt.response
            self._conclude("step")
        except BaseExceptionGroup as group:
            self._leave_group(group)
        except (Exception, asyncio.CancelledError) as error:
            self._throw(error)
        else:
            self._return(output)

    def run_sync(self, handler: Callable[[Any], Any], context: object) -> None:
        """Run a plain `def` handler and answer."""
        try:
            output = mistakes.plain_output(handler(context))
        except WorkerKilled:
            self._is_over = True
        except Interrupt as interrupt:
            self._response = interrupt.response
            self._conclude("step")
        except Exception as error:
            self._throw(error)
        else:
            self._return(output)

    def _leave_group(self, group: BaseExceptionGroup) -> None:
        interrupt = interrupt_in(group)
        if interrupt is not None:
            self._response = interrupt.response
            self._conclude("step")
        elif isinstance(group, Exception):
            self._throw(group)
        elif not self._is_over:  # Else it is what a `TaskGroup` makes of being closed.
            raise group

    def _throw(self, error: BaseException) -> None:
        self._note_swallowed()
        self._response = outcomes.thrown(error, self.bench.clock)
        self._conclude(f"error {type(error).__name__}")

    def _return(self, output: object) -> None:
        """Answer with the output, unless other tasks of the handler may still ask for steps."""
        self._note_swallowed()
        if self._response is None and self.bench.is_alone:
            self._answer_output(output)
        else:
            self._output = (output,)

    def _answer_output(self, output: object) -> None:
        forgotten = next(filter(self._is_forgotten, self.unbegun), None)
        if forgotten is None:
            self._response = outcomes.returned(output)
            self._conclude("return")
        else:
            self._throw(mistakes.never_awaited(forgotten))

    def _is_forgotten(self, call: StepCall) -> bool:
        """A task that was cancelled before its first line leaves a closed coroutine behind."""
        return getcoroutinestate(self.unbegun[call]) == CORO_CREATED

    def _note_swallowed(self) -> None:
        """An interrupt is on its way out, and now something else is about to be answered."""
        if self._is_interrupted:
            self._is_interrupted = False
            self.bench.emit(Complained(self.request.run_id, mistakes.SWALLOWED))

    def _conclude(self, how: str) -> None:
        """Send the response that was decided on."""
        assert self._response is not None, "a handler is left with something to say"
        if self._is_over:
            return
        self._is_over = True
        if self._checkpoints is not None:
            self._response = self._checkpoints.close(self._response)
        self.replay.close(self._response)
        self.bench.leave(how)
        self.bench.answer(self._response)
        for coroutine in self.unbegun.values():
            coroutine.close()  # Otherwise Python warns that it was never awaited.

    # Steps as they are called and met.

    def call(self, step_id: str, make_op: Callable[[StepCall], Op] | None) -> StepCall:
        """Count a use of a step id, in the order of the calls (A12)."""
        if type(step_id) is not str and not isinstance(step_id, str):
            raise UsageError(f"step id is {shown(step_id)}; a step id is a text, given first")
        if self._is_over or self.bench.is_closing or BODY.get() is not None:
            raise self._refusal(step_id)
        counts, replay = self._counts, self.replay
        index = counts.get(step_id, 0)
        counts[step_id] = index + 1
        label = f"{step_id}:{index}" if index else step_id
        replay.calls.append(label)
        if next(replay.expected, label) != label:
            replay.differ(label)
        return StepCall(step_id, index, label, step_hash(label), make_op, RACE.get())

    def _refusal(self, step_id: str) -> BaseException:
        """Say what is raised where no step can be asked for."""
        if self._is_dead:
            return WorkerKilled()  # Again: in a `finally` block of a plain `def` handler.
        if self.bench.is_closing:
            return GeneratorExit()  # In a `finally` block of a task that is being closed.
        return NestedStep() if BODY.get() is not None else mistakes.outside_run(step_id)

    def meet(self, call: StepCall) -> bool:
        """Come to a step: True when its memo can be read at once; if not, `arrive` is next."""
        self.unbegun.pop(call, None)
        if self.bench.is_closing:
            raise GeneratorExit
        # Of two steps whose labels are equal the first has the memo; the second is new in every
        # request, so that its run never ends (A11, A14).
        memo = self.unread.pop(call.hash, None)
        if memo is None:
            return False
        call.memo = memo
        if self.replay.memos.get(call.hash) != memo:
            self.replay.expected = NOTHING
        return self.bench.is_alone

    async def arrive(self, call: StepCall) -> bool:
        """Go on from `meet`: True when the step has a memo, False when its body is to be run now.

        Does not return for a step that is reported instead.
        """
        if call.memo is not None:
            await self._take_turn(call, self._recalled)
            return True
        if self.bench.is_alone or DISCOVERY.get() is not None or self._is_to_run(call):
            self._decide(call)
        else:
            await self._take_turn(call, self._found)
        return False

    def arrive_sync(self, call: StepCall) -> bool:
        """The same for plain `def` handlers, where nothing else is ever under way."""
        if self.meet(call):
            return True
        self._decide(call)
        return False

    def _is_target(self, call: StepCall) -> bool:
        return self.request.target == call.hash

    def _is_to_run(self, call: StepCall) -> bool:
        """A target without a body, where an id was used for another kind, is only reported."""
        return self._is_target(call) and call.make_op is None

    def _decide(self, call: StepCall) -> None:
        """Return to have a new step's body run here; otherwise leave the handler."""
        discovery, target = DISCOVERY.get(), self.request.target
        if target is not None:
            if not self.replay.is_stopped:
                self.replay.stop()
            if self._is_to_run(call):
                return
        if discovery is not None:
            if target is None or target == call.hash:
                call.is_planned_only, call.race = True, call.race or discovery.race
                discovery.calls.append(call)
            raise Interrupt
        if target is not None and target != call.hash:
            self.interrupt(outcomes.unexpected(call))
        if call.make_op is not None or self._only_plans():
            self.interrupt(Ops((call.op(),)))

    def _only_plans(self) -> bool:
        """Whether no new step may be run here: in a group (A28), or for want of time (A204)."""
        return self.request.plan_only or (
            self._checkpoints is not None and self._checkpoints.is_used_up
        )

    def interrupt(self, response: Response) -> NoReturn:
        """Leave the handler here with this response, running its `finally` blocks (A18)."""
        self._note_swallowed()
        self._is_interrupted = True
        raise Interrupt(response)

    async def park(self, response: Response) -> NoReturn:
        """Leave the handler here: at once if it is one task, else when the others are quiet."""
        if self.bench.is_alone:
            self.interrupt(response)
        self._response = response
        await self.bench.loop.create_future()
        raise AssertionError("a parked task is never resumed")

    async def report(self, calls: list[StepCall]) -> NoReturn:
        """Report the steps that `group.parallel` has found."""
        if self.bench.is_alone:
            self.interrupt(Ops(tuple(call.op() for call in calls)))
        for call in calls:
            call.future = self.bench.loop.create_future()
        self._found.extend(calls)
        await self.bench.loop.create_future()
        raise AssertionError("a parked task is never resumed")

    async def _take_turn(self, call: StepCall, queue: list[StepCall]) -> None:
        """Wait until everything is quiet and it is this step's turn."""
        call.future = self.bench.loop.create_future()
        queue.append(call)
        try:
            await call.future
        finally:
            if call in queue:  # The user cancelled the task.
                queue.remove(call)

    def _on_quiet(self) -> None:
        """No task can move. Memos are handed out one by one in the order in which their steps
        were done, so that a race over memos is won by the step that was first (A15). Those left
        when the handler returns are not: what a loser would have done next is never asked for."""
        if self._is_over:
            return
        if self._response is not None:
            self._conclude("step")
        elif self._executing is not None:
            return
        elif self._output is not None and not self._found:
            self._answer_output(self._output[0])
        elif self._recalled and self._output is None:
            order = list(self.request.memos)
            self._resume(self._recalled, min(self._recalled, key=lambda c: order.index(c.hash)))
        elif self._found:
            self._deal_with_found()

    def _deal_with_found(self) -> None:
        """Run the one new step here, or report all there are (A26, A36)."""
        found = self._found
        target = next(filter(self._is_target, found), None)
        if target is not None:
            self._response = Ops((target.op(),))
            return self._conclude("step")
        if self.request.target is not None:
            if self.bench.has_timers:  # The step to run may still come up.
                return None
            self._response = outcomes.unexpected(found[0])
            return self._conclude("error StepUnexpectedError")
        first = found[0]
        has_body = first.make_op is None and not first.is_planned_only
        if len(found) == 1 and has_body and not self._only_plans() and self._output is None:
            return self._resume(found, first)
        self._response = Ops(tuple(call.op() for call in found))
        return self._conclude("step")

    def _resume(self, queue: list[StepCall], call: StepCall) -> None:
        queue.remove(call)
        assert call.future is not None, "a step that waits has a future"
        if not call.future.done():
            call.future.set_result(None)

    # Bodies of steps.

    async def execute(self, call: StepCall, body: Callable[[], object]) -> None:
        """Run a step's body and report how it went. Returns if the request goes on with it."""
        self._executing = call
        try:
            if latency := self.bench.step_latency_ms(call.label):
                await asyncio.sleep(latency / 1000)
        except BaseException:
            self._executing = None
            raise
        if not self.bench.begin_step(call.label):
            await self._be_dead()
        token = BODY.set(call.label)
        how = "cancelled"
        try:
            output = self.bench.stand_in(call.name, call.index, body)()
            if not isinstance(output, _AT_ONCE) and isawaitable(output):
                output = await output
            response, how = outcomes.ran(call, output), "ok"
        except NestedStep:
            response, how = outcomes.nested(call), "error CodedError"
        except Exception as error:
            how = f"error {type(error).__name__}"
            response = self._raised(call, error)
        except BaseExceptionGroup as group:
            if group.subgroup(NestedStep) is None:
                raise
            response, how = outcomes.nested(call), "error CodedError"
        finally:
            BODY.reset(token)
            self._executing = None
            survives = self.bench.end_step(call.label, how)
            if not survives:
                await self._be_dead()
        ending = self._ending(call, response)
        if ending is not None:
            await self.park(ending)

    def execute_sync(self, call: StepCall, body: Callable[[], object]) -> None:
        """The same for plain `def` handlers."""
        if not self.bench.begin_step(call.label):
            self._die()
        self.bench.delay(self.bench.step_latency_ms(call.label))
        token = BODY.set(call.label)
        how = "killed"
        try:
            output = self.bench.stand_in(call.name, call.index, body)()
            response, how = outcomes.ran(call, mistakes.plain_step_output(call, output)), "ok"
        except NestedStep:
            response, how = outcomes.nested(call), "error CodedError"
        except Exception as error:
            how = f"error {type(error).__name__}"
            response = self._raised(call, error)
        finally:
            BODY.reset(token)
            if not self.bench.end_step(call.label, how):
                self._die()
        ending = self._ending(call, response)
        if ending is not None:
            self.interrupt(ending)

    def _ending(self, call: StepCall, response: Response) -> Response | None:
        """Say with which response a step ends its request; None when that goes on (A202)."""
        if self._checkpoints is None:
            return response
        ending = self._checkpoints.after(call, response)
        if ending is None and call.memo is not None:
            self.replay.learn(call.hash, call.memo)
        return ending

    def _raised(self, call: StepCall, error: Exception) -> Response:
        """These two go through to the handler as they are and are no error of the step (A67),
        unless their class says that they are (A68)."""
        if isinstance(error, NonRetriableError | RetryAfterError) and not error.stays_in_step:
            raise error
        is_last = self.request.attempt + 1 >= self.request.attempts_max
        return outcomes.step_raised(call, error, self.bench.now, is_last=is_last)

    def _die(self) -> NoReturn:
        """Unwind a plain `def` handler's stack, and let nothing that is done on the way count."""
        self._is_over = self._is_dead = True
        raise WorkerKilled

    async def _be_dead(self) -> NoReturn:
        """A killed worker runs nothing more: this task is never resumed."""
        self._is_over = True
        await self.bench.loop.create_future()
        raise AssertionError("the dead are never resumed")
