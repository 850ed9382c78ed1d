"""How a handler is left in the middle: by the interrupt of a step, and by a crash."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.model.records import HandlerLeft, ResponseIgnored, StepEnded
from tests.drivers.stage import every_async, every_kind, every_way, play, together


def is_native(kind: str) -> bool:
    """Say whether our own driver plays it, which alone tells of what goes on all the same."""
    return not kind.startswith("sdk")


# Each list of entries and executions here was also seen with the vendor's Python SDK 0.5.19,
# given the same handler and the requests an engine would send.


@every_kind
@pytest.mark.rule("A18")
def test_finally_blocks_run_at_every_interrupt(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        try:
            await ctx.step.run("a", lambda: 1)
            await ctx.step.sleep("s", "1h")
        finally:
            left.append(ctx.attempt)

    left: list[int] = []
    played = play(handler, kind)

    assert played.run.entries == 3
    assert left == [0, 0, 0]
    assert [r.how for r in played.records(HandlerLeft)] == ["step", "step", "return"]


@every_kind
@pytest.mark.rule("A18")
def test_an_except_for_exceptions_does_not_see_the_interrupt(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        except Exception:
            return "caught"

    played = play(handler, kind)

    assert played.run.output == 1
    assert played.complaints == []


@every_kind
@pytest.mark.rule("A18")
def test_a_bare_except_swallows_a_step_and_is_complained_of(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        except:  # noqa: E722  # What this test is about.
            return "swallowed"

    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.run.output == "swallowed"
    assert played.run.entries == 1
    assert not played.run.steps["a"].is_memoized
    if is_native(kind):
        (complaint,) = played.complaints
        assert "`except BaseException:`" in complaint
        assert "catch Exception instead" in complaint


@every_kind
@pytest.mark.rule("A18")
def test_a_swallowed_step_runs_again_at_every_entry(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        with contextlib.suppress(BaseException):
            await ctx.step.run("a", lambda: 1)
        return await ctx.step.run("b", lambda: 2)

    played = play(handler, kind)

    assert played.run.output == 2
    assert played.answers == ["StepRun:b", "return"]
    assert played.executions == {"b": 1, "a": 2}
    assert len(played.complaints) == (2 if is_native(kind) else 0)


@every_kind
@pytest.mark.rule("A18")
def test_a_return_in_finally_swallows_a_step_too(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        finally:
            return "early"  # noqa: B012, SIM107  # What this test is about.

    played = play(handler, kind)

    assert played.run.output == "early"
    assert played.run.entries == 1
    assert len(played.complaints) == (1 if is_native(kind) else 0)


@every_kind
@pytest.mark.rule("A18")
def test_an_error_in_finally_takes_the_place_of_the_interrupt(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        finally:
            raise ValueError("in finally")

    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["message"] == "in finally"
    assert played.run.steps["a"].attempts == (0, 1)
    assert len(played.complaints) == (2 if is_native(kind) else 0)


@every_kind
@pytest.mark.rule("A18")
def test_a_handler_may_look_at_everything_and_let_it_go_on(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        except BaseException as interrupt:
            seen.append(type(interrupt).__name__)
            raise

    seen: list[str] = []
    played = play(handler, kind)

    assert played.run.output == 1
    assert seen == ["Interrupt" if is_native(kind) else "ResponseInterrupt"]
    assert played.complaints == []


@every_kind
@pytest.mark.rule("A18")
def test_a_step_in_finally_is_remembered_before_the_step_it_follows(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: "a")
        finally:
            await ctx.step.run("cleanup", lambda: None)

    played = play(handler, kind)

    assert played.run.output == "a"
    assert played.answers == ["StepRun:cleanup", "StepRun:a", "return"]
    assert played.executions == {"cleanup": 1, "a": 2}
    assert len(played.complaints) == (1 if is_native(kind) else 0)


@every_async
@pytest.mark.rule("A18")
def test_steps_of_an_async_context_manager_close_it_before_its_block_is_done(kind: str) -> None:
    class Resource:
        def __init__(self, ctx: Any) -> None:
            self._ctx = ctx

        async def __aenter__(self) -> str:
            return await self._ctx.step.run("open", lambda: "resource")

        async def __aexit__(self, *_: object) -> None:
            await self._ctx.step.run("close", lambda: None)

    async def handler(ctx: Any) -> object:
        async with Resource(ctx) as resource:
            return await ctx.step.run("use", lambda: resource)

    played = play(handler, kind)

    assert played.run.output == "resource"
    assert played.answers == ["StepRun:open", "StepRun:close", "StepRun:use", "return"]
    assert played.executions == {"open": 1, "close": 1, "use": 2}


@every_kind
@pytest.mark.rule("A18")
def test_a_step_of_a_group_that_is_swallowed_is_never_asked_for(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async def swallows() -> object:
            try:
                return await ctx.step.run("a", lambda: 1)
            except BaseException:
                return "swallowed"

        return await ctx.group.parallel((swallows, lambda: ctx.step.run("b", lambda: 2)))

    played = play(handler, kind)

    assert played.run.output == ["swallowed", 2]
    assert played.answers == ["StepPlanned:b", "StepRun:b", "return"]
    assert played.executions == {"b": 1}


@every_async
def test_a_finally_block_that_awaits_takes_its_time_before_the_answer(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        finally:
            await asyncio.sleep(1)

    played = play(handler, kind)

    assert played.run.output == 1
    assert [r.at_ms for r in played.requests] == [0, 1000]
    assert played.took_ms == 2000


# Several tasks: nobody is interrupted; what is left is closed when the request is over.


@every_way
def test_finally_blocks_of_all_tasks_run_when_the_request_is_over(kind: str) -> None:
    async def branch(ctx: Any, name: str) -> object:
        try:
            return await ctx.step.run(name, lambda: name)
        finally:
            left.append(name)

    async def handler(ctx: Any) -> object:
        return await together(ctx, kind, lambda: branch(ctx, "a"), lambda: branch(ctx, "b"))

    left: list[str] = []
    played = play(handler, kind)

    assert played.run.output == ["a", "b"]
    assert left == ["a", "b"] * 4
    assert played.complaints == []


def test_a_step_in_the_finally_block_of_a_task_waits_for_its_own_time() -> None:
    async def branch(ctx: dwf.Context) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        finally:
            await ctx.step.run("cleanup", lambda: 2)

    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(branch(ctx), ctx.step.run("b", lambda: 3))

    played = play(handler)

    assert played.run.output == [1, 3]
    assert played.executions == {"a": 1, "b": 1, "cleanup": 1}
    assert played.complaints == []


def test_a_step_kept_for_a_finally_block_of_a_task_waits_as_well() -> None:
    async def branch(ctx: dwf.Context) -> object:
        cleanup = ctx.step.run("cleanup", lambda: 2)
        try:
            return await ctx.step.run("a", lambda: 1)
        finally:
            await cleanup

    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(branch(ctx), ctx.step.run("b", lambda: 3))

    played = play(handler)

    assert played.run.output == [1, 3]
    assert played.executions == {"a": 1, "b": 1, "cleanup": 1}
    assert played.complaints == []


@pytest.mark.parametrize("mistake", ["raise", "await"])
def test_a_finally_block_of_a_task_that_does_not_end_well_is_complained_of(mistake: str) -> None:
    async def branch(ctx: dwf.Context) -> object:
        is_done = False
        try:
            got = await ctx.step.run("a", lambda: 1)
            is_done = True
            return got
        finally:
            if not is_done and mistake == "raise":
                raise ValueError("in finally")
            if not is_done:
                await asyncio.sleep(1)

    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(branch(ctx), ctx.step.run("b", lambda: 3))

    played = play(handler, retries=0)

    assert played.run.output == [1, 3]
    assert len(played.complaints) == 3
    assert played.executions == {"a": 1, "b": 1}


def test_a_body_that_is_still_running_when_the_handler_fails_is_closed() -> None:
    async def handler(ctx: dwf.Context) -> None:
        async def body() -> None:
            try:
                await asyncio.sleep(10)
            finally:
                closed.append(ctx.now.second)

        task = asyncio.create_task(ctx.step.run("a", body))
        await asyncio.sleep(1)
        raise ValueError(f"while {task.done()}")

    closed: list[int] = []
    played = play(handler, retries=0)

    assert played.run.error["message"] == "while False"
    assert closed == [1]
    assert [r.how for r in played.records(StepEnded)] == ["cancelled"]
    assert played.complaints == []


def test_a_handler_that_returns_during_a_body_waits_for_it() -> None:
    async def handler(ctx: dwf.Context) -> str:
        async def body() -> str:
            await asyncio.sleep(10)
            return "slow"

        tasks.append(asyncio.create_task(ctx.step.run("a", body)))
        await asyncio.sleep(1)
        return "returned"

    tasks: list[Any] = []
    played = play(handler)

    assert played.run.output == "returned"
    assert played.run.steps["a"].output == "slow"
    assert played.took_ms == 11_000


# Crashes.


@every_async
@pytest.mark.rule("A220", "A221")
def test_finally_blocks_do_not_run_when_the_worker_dies(kind: str) -> None:
    async def handler(ctx: Any) -> str:
        async def body() -> str:
            try:
                await asyncio.sleep(1)
                return "done"
            finally:
                left.append(f"body {ctx.attempt}")

        try:
            return await ctx.step.run("a", body)
        finally:
            left.append(f"handler {ctx.attempt}")

    left: list[str] = []
    played = play(handler, kind, retries=1, faults=[crash.inside("a")])

    assert played.run.output == "done"
    assert played.run.steps["a"].attempts == (0, 1)
    assert left == ["body 1", "handler 1", "handler 0"]
    assert [r.how for r in played.records(HandlerLeft)] == ["killed", "step", "return"]


@pytest.mark.parametrize("fault", [crash.before("a"), crash.after_effect("a")], ids=str)
@pytest.mark.parametrize("then", ["step", "effect", "return", "raise"])
def test_a_dead_plain_handler_does_nothing_that_counts_while_its_stack_is_unwound(
    fault: dwf.Fault, then: str
) -> None:
    outside = dwf.Ledger("outside")

    def handler(ctx: dwf.ContextSync) -> str:
        try:
            return ctx.step.run("a", lambda: "done")
        except BaseException:
            if ctx.attempt == 0 and not entries:
                entries.append(None)
                if then == "step":
                    ctx.step.run("of the dead", lambda: None)
                if then == "effect":
                    outside.call("of the dead", value=1)
                if then == "return":
                    return "said by the dead"
                raise ValueError("thrown by the dead") from None
            raise

    entries: list[None] = []
    app = dwf.App("app")
    app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)(handler)
    sim = dwf.Simulation(faults=[fault]).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == "done"
    assert list(run.steps) == ["a"]
    assert outside.calls == []
    assert [r.how for r in sim.trace.of(HandlerLeft)] == ["killed", "step", "return"]
    assert sim.trace.of(ResponseIgnored) == []


@every_kind
@pytest.mark.rule("A220", "A221")
def test_a_step_whose_worker_dies_after_its_effect_runs_again_and_is_remembered_once(
    kind: str,
) -> None:
    stripe = dwf.Ledger("stripe")

    async def handler(ctx: Any) -> object:
        await ctx.step.run("before", lambda: 0)
        return await ctx.step.run("charge", lambda: stripe.call("charge", value="ch_1"))

    played = play(handler, kind, retries=1, faults=[crash.after_effect("charge")])

    assert played.run.output == "ch_1"
    assert stripe.count("charge") == 2
    assert played.run.steps["charge"].attempts == (0, 1)
    assert played.run.steps["before"].executions == 1
    assert 15_000 <= played.took_ms < 45_000


@every_kind
@pytest.mark.rule("A221")
def test_a_worker_that_dies_at_the_last_attempt_fails_the_run_and_not_the_step(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", lambda: 1)
        except Exception:
            return "caught"

    played = play(handler, kind, retries=0, faults=[crash.after_effect("a")])

    assert played.run.status == "failed"
    assert played.run.error["message"] == "Unable to reach SDK URL"
    assert played.run.entries == 1
    assert not played.run.steps["a"].is_memoized


@every_kind
@pytest.mark.rule("A221")
def test_a_worker_that_dies_before_a_step_has_not_begun_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: 1)

    played = play(handler, kind, retries=1, faults=[crash.before("a")])

    assert played.run.output == 1
    assert played.run.steps["a"].attempts == (1,)
    assert played.run.entries == 3


@every_kind
def test_a_worker_that_dies_before_the_handler_has_not_entered_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: 1)

    played = play(handler, kind, retries=1, faults=[crash.before("")])

    assert played.run.output == 1
    assert played.run.entries == 2
    assert len(played.requests) == 3


@every_way
@pytest.mark.rule("A221")
def test_a_worker_that_dies_in_one_of_two_parallel_steps_repeats_only_that_one(kind: str) -> None:
    """crash_in_parallel: 5 requests, 3 for one step each."""

    async def handler(ctx: Any) -> object:
        return await together(
            ctx, kind, lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2)
        )

    played = play(handler, kind, retries=1, faults=[crash.after_effect("a")])

    assert played.run.output == [1, 2]
    assert len(played.requests) == 5
    assert len([r for r in played.requests if r.target]) == 3
    assert played.run.steps["a"].attempts == (0, 1)
    assert played.run.steps["b"].attempts == (0,)


@every_kind
@pytest.mark.rule("A220", "A221")
def test_a_lost_response_runs_the_step_again(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", body)

    def body() -> int:
        calls.append(None)
        return len(calls)

    calls: list[None] = []
    played = play(handler, kind, retries=1, faults=[dwf.response.lose("a")])

    assert played.run.output == 2
    assert played.run.steps["a"].attempts == (0, 1)
