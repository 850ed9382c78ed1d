"""The worked traces of the reference, request by request.

Each test is one trace: what was requested when, at which attempt and for which step, what the
handler answered, and how the run ended.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.model.records import (
    EffectCalled,
    MemoRefused,
    ResponseIgnored,
    StepMemoized,
    StepReported,
)
from tests.drivers.stage import (
    Fails,
    Handler,
    Played,
    both_kinds,
    every_async,
    every_driver,
    every_kind,
    play,
    serve,
    set_up,
)

MINUTE = 60_000

# A default delay: this much, and less than thirty seconds more (A64).
FIRST, SECOND = range(15_000, 45_000), range(30_000, 60_000)


def attempts_and_answers(played: Played) -> list[tuple[int, str]]:
    return [(request.attempt, request.answer) for request in played.requests]


def gaps(played: Played) -> list[int]:
    """The time from each request to the next, in milliseconds."""
    times = [request.at_ms for request in played.requests]
    return [after - before for before, after in itertools.pairwise(times)]


def system_events(played: Played) -> list[tuple[str, str]]:
    """The events the engine sent about the run, with the status they tell."""
    return [
        (event.name, event.data["_inngest"]["status"])
        for event in played.sim.events
        if event.data.get("run_id") == played.run.id
    ]


@every_kind
@pytest.mark.rule("A17", "A61", "A64", "A69")
def test_t1_a_step_is_retried_and_the_next_one_begins_anew(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return [await ctx.step.run("a", a), await ctx.step.run("b", lambda: 2)]

    a = Fails(1, returns=1)
    played = play(handler, kind, retries=1)

    assert attempts_and_answers(played) == [
        (0, "StepErrored:a"),
        (1, "StepRun:a"),
        (0, "StepRun:b"),
        (0, "return"),
    ]
    assert gaps(played)[0] in FIRST
    assert gaps(played)[1:] == [0, 0]
    assert played.run.output == [1, 2]
    assert system_events(played) == [("inngest/function.finished", "Completed")]


@every_kind
@pytest.mark.rule("A64", "A69", "A73")
def test_t2_a_step_is_exhausted_and_its_error_caught(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", a)
        except dwf.StepError:
            return await ctx.step.run("b", lambda: "fallback")

    a = Fails()
    played = play(handler, kind, retries=1)

    assert attempts_and_answers(played) == [
        (0, "StepErrored:a"),
        (1, "StepErrored:a"),
        (0, "StepRun:b"),
        (0, "return"),
    ]
    assert gaps(played)[0] in FIRST
    assert gaps(played)[1:] == [0, 0]
    assert played.run.entries == 4
    assert played.executions == {"a": 2, "b": 1}
    assert played.run.output == "fallback"


@every_kind
@pytest.mark.rule("A71", "A74", "A168", "A170")
def test_t3_a_step_is_exhausted_and_its_error_leaves_the_function(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", Fails(9))

    played = play(handler, kind, retries=1)

    assert attempts_and_answers(played) == [
        (0, "StepErrored:a"),
        (1, "StepErrored:a"),
        (0, "error ValueError"),
    ]
    assert gaps(played)[0] in FIRST
    assert gaps(played)[1] == 0
    assert played.run.status == "failed"
    assert system_events(played) == [
        ("inngest/function.finished", "Failed"),
        ("inngest/function.failed", "Failed"),
    ]
    failed = next(e for e in played.sim.events if e.name == "inngest/function.failed")
    assert failed.id == played.run.id
    assert failed.data.keys() >= {"error", "result"}


@every_kind
@pytest.mark.rule("A64", "A74")
def test_t4_the_function_fails_after_a_step(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("s", lambda: 1)
        raise ValueError("tail")

    played = play(handler, kind, retries=2)

    assert attempts_and_answers(played) == [
        (0, "StepRun:s"),
        (0, "error ValueError"),
        (1, "error ValueError"),
        (2, "error ValueError"),
    ]
    assert gaps(played)[0] == 0
    assert gaps(played)[1] in FIRST
    assert gaps(played)[2] in SECOND
    assert played.executions == {"s": 1}
    assert played.run.status == "failed"
    assert system_events(played) == [
        ("inngest/function.finished", "Failed"),
        ("inngest/function.failed", "Failed"),
    ]


@every_kind
@pytest.mark.rule("A26", "A28", "A29", "A30", "A31")
def test_t5_two_steps_in_parallel_and_then_a_third(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        pair = await ctx.group.parallel(
            (lambda: ctx.step.run("A", lambda: "a"), lambda: ctx.step.run("B", lambda: "b"))
        )
        return [*pair, await ctx.step.run("C", lambda: "c")]

    played = play(handler, kind)

    assert [(r.target, r.answer) for r in played.requests] == [
        (None, "StepPlanned:A + StepPlanned:B"),
        ("A", "StepRun:A"),
        ("B", "StepRun:B"),
        (None, "StepRun:C"),
        (None, "return"),
    ]
    assert [r.step for r in played.records(StepMemoized)] == ["A", "B", "C"]
    assert played.run.output == ["a", "b", "c"]


@every_kind
@pytest.mark.rule("A31", "A39", "A64")
def test_t6_one_of_two_parallel_steps_fails(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.group.parallel(
                (lambda: ctx.step.run("A", lambda: "a"), lambda: ctx.step.run("B", b))
            )
        except dwf.StepError as error:
            return error.message

    b = Fails()
    played = play(handler, kind, retries=1)

    assert [(r.target, r.attempt, r.answer) for r in played.requests] == [
        (None, 0, "StepPlanned:A + StepPlanned:B"),
        ("A", 0, "StepRun:A"),
        ("B", 0, "StepErrored:B"),
        ("B", 1, "StepErrored:B"),
        (None, 0, "return"),
    ]
    assert gaps(played)[:2] == [0, 0]
    assert gaps(played)[2] in FIRST
    assert gaps(played)[3] == 0
    assert played.executions == {"A": 1, "B": 2}
    assert played.run.output == "boom 2"


@every_kind
@pytest.mark.rule("A23", "A31", "A90", "A107")
def test_t7_a_sleep_a_wait_and_a_step_in_parallel(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.step.sleep("sleep", "1m"),
                lambda: ctx.step.wait_for_event("wait", event="never", timeout="5m"),
                lambda: ctx.step.run("run", lambda: "ran"),
            )
        )

    played = play(handler, kind)

    assert [(r.at_ms, r.target, r.answer) for r in played.requests] == [
        (0, None, "Sleep:sleep + WaitForEvent:wait + StepPlanned:run"),
        (0, "run", "StepRun:run"),
        (5 * MINUTE, None, "return"),
    ]
    assert played.records(StepReported)[0].step == "wait"
    assert [(r.step, r.kind) for r in played.records(StepMemoized)] == [
        ("run", "data"),
        ("sleep", "sleep"),
        ("wait", "timeout"),
    ]
    assert played.run.output == [None, None, "ran"]


@every_kind
@pytest.mark.rule("A100", "A107")
@pytest.mark.parametrize(
    ("event_at_ms", "is_taken"), [(1, True), (59_999, True), (60_001, False), (90_000, False)]
)
def test_t8_an_event_and_a_timeout_race(kind: str, event_at_ms: int, is_taken: bool) -> None:
    async def handler(ctx: Any) -> object:
        event = await ctx.step.wait_for_event("w", event="answer", timeout="1m")
        return event and event.data

    played = set_up(handler, kind)
    played.sim.advance(event_at_ms)
    played.sim.send("answer", {"n": 1})
    played.to_end()

    assert played.run.output == ({"n": 1} if is_taken else None)
    assert [(r.at_ms, r.answer) for r in played.requests] == [
        (0, "WaitForEvent:w"),
        (event_at_ms if is_taken else 60_000, "return"),
    ]
    kinds = [(r.step, r.kind) for r in played.records(StepMemoized)]
    assert kinds == [("w", "event" if is_taken else "timeout")]
    assert played.records(MemoRefused) == []


@every_kind
@pytest.mark.rule("A130", "A131", "A133", "A136")
def test_t9_a_function_is_invoked(kind: str) -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="child", trigger=[])
    async def child(ctx: dwf.Context) -> object:
        await ctx.step.sleep("nap", "10s")
        return ctx.event.data["x"]

    async def handler(ctx: Any) -> object:
        return await ctx.step.invoke("i", function=child, data={"x": 5})

    played = play(handler, kind, app=app)

    assert [(r.at_ms, r.answer) for r in played.requests] == [
        (0, "InvokeFunction:i"),
        (10_000, "return"),
    ]
    assert played.run.output == 5
    invoked = next(e for e in played.sim.events if e.name == "inngest/function.invoked")
    assert invoked.data["x"] == 5
    assert invoked.data["_inngest"]["fn_id"] == "app-child"
    run = next(run for run in played.sim.runs if run.function_id == "app-child")
    finished = next(e for e in played.sim.events if e.data.get("run_id") == run.id)
    assert finished.name == "inngest/function.finished"
    assert finished.data["result"] == 5
    assert finished.data["correlation_id"] == invoked.data["_inngest"]["correlation_id"]
    assert invoked.data["_inngest"]["correlation_id"].startswith(played.run.id + ".")


@every_driver
@pytest.mark.rule("A152", "A153", "A228")
def test_t10_a_run_is_cancelled_in_the_middle_of_a_step(driver: str) -> None:
    stripe = dwf.Ledger("stripe")

    async def charge() -> None:
        stripe.call("charge", value="ch")
        await asyncio.sleep(10)

    app = dwf.App("app")

    @app.create_function(
        fn_id="f", trigger=dwf.TriggerEvent(event="go"), cancel=[dwf.Cancel("stop")]
    )
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", charge)

    sim = serve(app, driver)
    run = sim.send("go").run
    sim.advance("3s")
    sim.send("stop")
    seen = run.status, [(e.name, e.received_at - run.scheduled_at) for e in sim.events[2:]]
    sim.run_until_idle()

    assert seen == (
        "cancelled",
        [("inngest/function.finished", 3000), ("inngest/function.cancelled", 3000)],
    )
    assert stripe.count("charge") == 1
    assert len(sim.trace.of(ResponseIgnored)) == 1
    assert len(sim.events) == 4


@every_kind
@pytest.mark.rule("A64", "A220", "A221")
def test_t11_a_worker_dies_inside_a_step_after_its_side_effect(kind: str) -> None:
    stripe = dwf.Ledger("stripe")

    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: stripe.call("charge", value="ch"))

    played = play(handler, kind, retries=1, faults=[crash.after_effect("a")])

    assert attempts_and_answers(played) == [
        (0, "Unable to reach SDK URL"),
        (1, "StepRun:a"),
        (0, "return"),
    ]
    assert gaps(played)[0] in FIRST
    assert stripe.count("charge") == 2
    assert [r.step for r in played.records(EffectCalled)] == ["a", "a"]
    assert [r.step for r in played.records(StepMemoized)] == ["a"]
    assert played.run.steps["a"].attempts == (0, 1)


def runs_steps(number: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for nth in range(number):
            await ctx.step.run(f"step {nth}", lambda: None)

    return handler


@every_async
@pytest.mark.parametrize(("steps", "status"), [(119, "completed"), (120, "failed")])
@pytest.mark.rule("A180")
def test_t12_a_run_has_so_many_steps(kind: str, steps: int, status: str) -> None:
    played = play(runs_steps(steps), kind, limits=dwf.Limits(steps=120))

    assert played.run.status == status
    assert len(played.requests) == 120
    assert played.run.steps[f"step {steps - 1}"].executions == 1
    if status == "failed":
        assert played.run.error is not None
        assert played.run.error["name"] == "InngestErrFunctionOverflowed"


@both_kinds
@pytest.mark.rule("A202", "A203")
def test_t13_three_steps_are_checkpointed_before_a_sleep(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        outputs = [await ctx.step.run(name, lambda n=n: n) for n, name in enumerate("abc")]
        await ctx.step.sleep("nap", "1m")
        return outputs

    played = play(handler, kind, checkpointing=dwf.Checkpointing(buffered_steps=1))

    assert attempts_and_answers(played) == [(0, "Sleep:nap"), (0, "return")]
    assert gaps(played) == [MINUTE]
    assert played.run.entries == 2
    assert played.checkpoints == [("a",), ("b",), ("c",)]
    assert played.executions == {"a": 1, "b": 1, "c": 1, "nap": 0}
    assert played.run.output == [0, 1, 2]
    assert system_events(played) == [("inngest/function.finished", "Completed")]


@every_kind
@pytest.mark.rule("A67")
def test_t14_a_non_retriable_error_of_a_step_is_caught(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            await ctx.step.run("first", first)
        except dwf.NonRetriableError:
            return await ctx.step.run("fallback", lambda: "fell back")

    first = Fails(error=dwf.NonRetriableError)
    played = play(handler, kind, retries=1)

    assert attempts_and_answers(played) == [(0, "StepRun:fallback"), (0, "return")]
    assert gaps(played) == [0]
    assert played.executions == {"fallback": 1, "first": 2}
    assert not played.run.steps["first"].is_memoized
    assert played.run.output == "fell back"
