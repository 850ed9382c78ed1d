"""Checkpointing: successive steps in one request, and what ends it all the same.

Where a test is named after a recording of the real server, its counts are the recorded ones.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import Checkpointing, crash, response
from dwf_sim.model.records import CheckpointRefused, HandlerLeft
from tests.drivers.stage import Fails, Played, both_kinds, play, set_up

HALF_A_SECOND = dwf.Latency(step="500ms")


def steps(*names: str) -> Any:
    """Make a handler that does these steps, each returning its number from 1."""

    async def handler(ctx: Any) -> object:
        return {
            name: await ctx.step.run(name, lambda n=n: n) for n, name in enumerate(names, start=1)
        }

    return handler


def attempts(played: Played) -> dict[str, tuple[int, ...]]:
    """The attempts with which each step was executed."""
    return {label: step.attempts for label, step in played.run.steps.items()}


SIX = ("s1", "s2", "s3", "s4", "s5", "s6")


@both_kinds
@pytest.mark.rule("A202", "A203")
def test_six_steps_default(kind: str) -> None:
    played = play(steps(*SIX), kind, checkpointing=True)

    assert played.answers == ["return"]
    assert played.checkpoints == [(name,) for name in SIX]
    assert played.run.entries == 1
    assert attempts(played) == dict.fromkeys(SIX, (0,))
    assert played.run.output == {name: n for n, name in enumerate(SIX, start=1)}


@both_kinds
@pytest.mark.rule("A200")
@pytest.mark.parametrize("checkpointing", [False, None])
def test_six_steps_off(kind: str, checkpointing: bool | None) -> None:
    played = play(steps(*SIX), kind, checkpointing=checkpointing)

    assert played.run.entries == 7
    assert played.answers == [*(f"StepRun:{name}" for name in SIX), "return"]
    assert played.checkpoints == []


@both_kinds
@pytest.mark.rule("A201", "A202")
def test_six_steps_buffered_3(kind: str) -> None:
    played = play(steps(*SIX), kind, checkpointing=Checkpointing(buffered_steps=3))

    assert played.answers == ["return"]
    assert played.checkpoints == [("s1", "s2", "s3"), ("s4", "s5", "s6")]
    assert attempts(played) == dict.fromkeys(SIX, (0,))


@both_kinds
@pytest.mark.rule("A203")
def test_a_function_that_is_done_reports_its_buffer_with_its_result(kind: str) -> None:
    played = play(steps("a", "b"), kind, checkpointing=Checkpointing(buffered_steps=5))

    assert played.answers == ["StepRun:a + StepRun:b + return"]
    assert played.checkpoints == []
    assert played.run.steps["b"].output == 2
    assert played.run.steps["b"].is_memoized


@both_kinds
@pytest.mark.rule("A202")
def test_what_a_step_returned_has_been_json_when_the_handler_gets_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        made = await ctx.step.run("a", lambda: {"pair": (1, 2), 3: None})
        return repr(made)

    assert play(handler, kind, checkpointing=True).run.output == "{'pair': [1, 2], '3': None}"


@both_kinds
@pytest.mark.rule("A201")
def test_a_function_has_its_own_word_on_what_its_app_says(kind: str) -> None:
    app = dwf.App("app", checkpointing=Checkpointing(buffered_steps=2))

    as_app = play(steps("a", "b"), kind, app=app)
    app.functions.clear()
    off = play(steps("a", "b"), kind, app=app, checkpointing=False)
    app.functions.clear()
    default = play(steps("a", "b"), kind, app=app, checkpointing=True)

    assert as_app.checkpoints == [("a", "b")]
    assert off.answers == ["StepRun:a", "StepRun:b", "return"]
    assert default.checkpoints == [("a",), ("b",)]


@pytest.mark.rule("A201")
def test_the_defaults_are_every_step_no_interval_and_ten_seconds() -> None:
    assert Checkpointing() == Checkpointing(buffered_steps=1, max_interval=0, max_runtime="10s")


@both_kinds
@pytest.mark.rule("A205", "A206")
def test_crash_in_the_middle(kind: str) -> None:
    played = play(
        steps("a", "b", "c", "d", "e"),
        kind,
        checkpointing=True,
        retries=1,
        faults=[crash.after_effect("d")],
    )

    assert played.answers == ["Unable to reach SDK URL", "StepRun:d", "return"]
    assert [request.attempt for request in played.requests] == [0, 1, 0]
    assert attempts(played) == {"a": (0,), "b": (0,), "c": (0,), "d": (0, 1), "e": (0,)}
    assert played.checkpoints == [("a",), ("b",), ("c",), ("e",)]
    assert played.run.output == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


@both_kinds
@pytest.mark.rule("A205", "A206")
def test_crash_in_the_middle_buffered(kind: str) -> None:
    played = play(
        steps("a", "b", "c", "d", "e", "f"),
        kind,
        checkpointing=Checkpointing(buffered_steps=3),
        retries=1,
        faults=[crash.after_effect("e")],
    )

    assert played.answers == [
        "Unable to reach SDK URL",
        "StepRun:d",
        "StepRun:e + StepRun:f + return",
    ]
    assert attempts(played) == {
        **dict.fromkeys("abc", (0,)),
        "d": (0, 1),
        "e": (0, 0),
        "f": (0,),
    }
    assert played.checkpoints == [("a", "b", "c")]


@both_kinds
@pytest.mark.rule("A221")
def test_crash_in_the_middle_off(kind: str) -> None:
    played = play(steps("a", "b", "c", "d"), kind, retries=1, faults=[crash.after_effect("c")])

    assert played.run.entries == 6
    assert attempts(played) == {"a": (0,), "b": (0,), "c": (0, 1), "d": (0,)}


@pytest.mark.rule("A206")
@pytest.mark.parametrize("fault", [crash.before("d"), crash.inside("d")], ids=str)
def test_a_worker_can_die_before_and_inside_a_step_in_the_middle(fault: dwf.Fault) -> None:
    async def handler(ctx: dwf.Context) -> None:
        for name in "abcde":
            await ctx.step.run(name, asyncio.sleep, 1)

    played = play(handler, checkpointing=True, retries=1, faults=[fault])

    assert played.answers == ["Unable to reach SDK URL", "StepRun:d", "return"]
    assert played.checkpoints == [("a",), ("b",), ("c",), ("e",)]
    assert played.run.status == "completed"


@both_kinds
@pytest.mark.rule("A203", "A205")
@pytest.mark.parametrize(("buffered", "reported"), [(1, [("a",), ("b",)]), (10, [("a", "b")])])
def test_fail_in_the_middle(kind: str, buffered: int, reported: list[tuple[str, ...]]) -> None:
    async def handler(ctx: Any) -> None:
        for name in "abcde":
            await ctx.step.run(name, fails if name == "c" else int)

    fails = Fails(1)
    played = play(handler, kind, retries=1, checkpointing=Checkpointing(buffered_steps=buffered))

    assert played.answers[:2] == ["StepErrored:c", "StepRun:c"]
    assert [request.attempt for request in played.requests] == [0, 1, 0]
    assert played.checkpoints[: len(reported)] == reported
    assert attempts(played) == {**dict.fromkeys("abde", (0,)), "c": (0, 1)}


@both_kinds
@pytest.mark.rule("A203", "A205")
def test_handler_error_after_buffered(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", int)
        await ctx.step.run("b", int)
        fails()
        await ctx.step.run("c", int)

    fails = Fails(1)
    played = play(handler, kind, retries=1, checkpointing=Checkpointing(buffered_steps=10))

    assert played.answers == ["error ValueError", "StepRun:c", "return"]
    assert played.checkpoints == [("a", "b")]
    assert attempts(played) == {"a": (0,), "b": (0,), "c": (1,)}


@both_kinds
@pytest.mark.rule("A205")
def test_attempt_values(kind: str) -> None:
    async def handler(ctx: Any) -> list[int]:
        a = await ctx.step.run("a", lambda: ctx.attempt)
        await ctx.step.run("b", fails)
        c = await ctx.step.run("c", lambda: ctx.attempt)
        return [a, c, ctx.attempt]

    fails = Fails(2)
    played = play(handler, kind, retries=3, checkpointing=True)

    assert played.answers == ["StepErrored:b", "StepErrored:b", "StepRun:b", "return"]
    assert [request.attempt for request in played.requests] == [0, 1, 2, 0]
    assert played.checkpoints == [("a",), ("c",)]
    assert played.run.output == [0, 0, 0]


@both_kinds
@pytest.mark.rule("A203")
def test_a_step_that_fails_for_good_is_caught_in_the_next_request(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        await ctx.step.run("a", int)
        try:
            await ctx.step.run("b", Fails())
        except dwf.StepError as error:
            await ctx.step.run("c", int)
            return error.name

    played = play(handler, kind, checkpointing=True)

    assert played.answers == ["StepErrored:b", "return"]
    assert played.checkpoints == [("a",), ("c",)]
    assert played.run.output == "ValueError"


@both_kinds
@pytest.mark.rule("A203")
@pytest.mark.parametrize(
    ("buffered", "answers", "reported"),
    [
        (1, ["Sleep:z", "return"], [("a",), ("b",), ("c",)]),
        (5, ["Sleep:z", "StepRun:c + return"], [("a", "b")]),
    ],
)
def test_sleep_between(
    kind: str, buffered: int, answers: list[str], reported: list[tuple[str, ...]]
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", int)
        await ctx.step.run("b", int)
        await ctx.step.sleep("z", "1s")
        await ctx.step.run("c", int)

    played = play(handler, kind, checkpointing=Checkpointing(buffered_steps=buffered))

    assert played.answers == answers
    assert played.checkpoints == reported
    assert played.executions == {"a": 1, "b": 1, "z": 0, "c": 1}
    assert played.took_ms == 1000


@both_kinds
@pytest.mark.rule("A203", "A26")
def test_parallel_inside_buffered(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", int)
        await ctx.group.parallel((lambda: ctx.step.run("b", int), lambda: ctx.step.run("c", int)))
        await ctx.step.run("d", int)
        await ctx.step.run("e", int)

    played = play(handler, kind, checkpointing=Checkpointing(buffered_steps=5))

    assert played.answers == [
        "StepPlanned:b + StepPlanned:c",
        "StepRun:b",
        "StepRun:c",
        "StepRun:d + StepRun:e + return",
    ]
    assert [request.target for request in played.requests] == [None, "b", "c", None]
    assert played.checkpoints == [("a",)]
    assert attempts(played) == dict.fromkeys("abcde", (0,))


@pytest.mark.rule("A203", "A26")
def test_tasks_that_come_to_steps_at_once_end_the_request() -> None:
    async def chain(ctx: dwf.Context, *names: str) -> None:
        for name in names:
            await ctx.step.run(name, asyncio.sleep, 1)

    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("a", int)
        await asyncio.gather(chain(ctx, "b", "c"), chain(ctx, "d"))
        await ctx.step.run("e", int)

    played = play(handler, checkpointing=True)

    assert played.answers == [
        "StepPlanned:b + StepPlanned:d",
        "StepRun:b",
        "StepRun:d",
        "return",
    ]
    assert played.checkpoints == [("a",), ("c",), ("e",)]
    assert set(played.executions.values()) == {1}


@pytest.mark.rule("A202")
def test_a_task_goes_on_after_its_step_while_another_one_waits() -> None:
    async def slow() -> None:
        await asyncio.sleep(10)

    async def handler(ctx: dwf.Context) -> None:
        clock = asyncio.create_task(slow())
        await ctx.step.run("a", asyncio.sleep, 1)
        await ctx.step.run("b", asyncio.sleep, 1)
        await clock

    played = play(handler, checkpointing=True)

    assert played.answers == ["return"]
    assert played.checkpoints == [("a",), ("b",)]
    assert played.took_ms == 10_000


@both_kinds
@pytest.mark.rule("A204")
def test_max_runtime(kind: str) -> None:
    played = play(
        steps("s1", "s2", "s3", "s4", "s5"),
        kind,
        checkpointing=Checkpointing(max_runtime="1s"),
        latency=HALF_A_SECOND,
    )

    assert played.answers == ["StepPlanned:s3", "StepRun:s3", "return"]
    assert [request.target for request in played.requests] == [None, "s3", None]
    assert [request.at_ms for request in played.requests] == [0, 1000, 1500]
    assert played.checkpoints == [("s1",), ("s2",), ("s4",), ("s5",)]
    assert played.took_ms == 2500


@pytest.mark.rule("A204")
def test_max_runtime_one_long_step() -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("long", asyncio.sleep, 2)
        await ctx.step.run("b", int)
        await ctx.step.run("c", int)

    played = play(handler, checkpointing=Checkpointing(max_runtime="1s"))

    assert played.answers == ["StepPlanned:b", "StepRun:b", "return"]
    assert played.checkpoints == [("long",), ("c",)]
    assert set(played.executions.values()) == {1}


@pytest.mark.rule("A204")
def test_code_between_steps_is_not_cut_short_by_max_runtime() -> None:
    async def handler(ctx: dwf.Context) -> None:
        entered.append(ctx.now.timestamp())
        await ctx.step.run("before", int)
        await asyncio.sleep(2)
        await ctx.step.run("after", int)

    entered: list[float] = []
    played = play(
        handler, checkpointing=Checkpointing(buffered_steps=9, max_runtime="1s"), retries=0
    )

    assert played.answers == ["StepPlanned:after", "StepRun:after", "return"]
    assert played.checkpoints == [("before",)]
    assert [at - entered[0] for at in entered] == [0, 2, 4]


@pytest.mark.rule("A204")
def test_of_tasks_too_the_next_step_is_only_planned_after_max_runtime() -> None:
    async def handler(ctx: dwf.Context) -> None:
        clock = asyncio.create_task(asyncio.sleep(3))
        await ctx.step.run("a", asyncio.sleep, 1)
        await ctx.step.run("b", int)
        await clock

    played = play(handler, checkpointing=Checkpointing(max_runtime="1s"))

    assert played.answers == ["StepPlanned:b", "StepRun:b", "return"]


@both_kinds
@pytest.mark.rule("A201", "A204")
def test_without_max_runtime_a_request_may_take_as_long_as_it_takes(kind: str) -> None:
    played = play(
        steps("a", "b", "c"),
        kind,
        checkpointing=Checkpointing(max_runtime=0),
        latency=dwf.Latency(step="20m"),
    )

    assert played.answers == ["return"]
    assert played.took_ms == 3_600_000


@both_kinds
@pytest.mark.rule("A201", "A202")
def test_max_interval(kind: str) -> None:
    played = play(
        steps("s1", "s2", "s3", "s4", "s5"),
        kind,
        checkpointing=Checkpointing(buffered_steps=10, max_interval="1s"),
        latency=HALF_A_SECOND,
    )

    assert played.answers == ["StepRun:s3 + StepRun:s4 + StepRun:s5 + return"]
    assert played.checkpoints == [("s1", "s2")]


@both_kinds
@pytest.mark.rule("A206", "A221")
def test_response_lost(kind: str) -> None:
    played = play(steps("a", "b"), kind, checkpointing=True, retries=1, faults=[response.lose("")])

    assert [request.attempt for request in played.requests] == [0, 1]
    assert attempts(played) == {"a": (0,), "b": (0,)}
    assert played.run.output == {"a": 1, "b": 2}


@both_kinds
@pytest.mark.rule("A206")
def test_a_response_that_is_lost_takes_its_buffer_with_it(kind: str) -> None:
    played = play(
        steps("a", "b"),
        kind,
        checkpointing=Checkpointing(buffered_steps=5),
        retries=1,
        faults=[response.lose("b")],
    )

    assert played.answers == ["Unable to reach SDK URL", "StepRun:a", "StepRun:b + return"]
    assert attempts(played) == {"a": (0, 1), "b": (0, 0)}


@both_kinds
@pytest.mark.rule("A76", "A203")
def test_a_step_that_returns_what_is_no_json_fails_the_request_and_keeps_those_before(
    kind: str,
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("x", int)
        await ctx.step.run("a", lambda: print)

    played = play(handler, kind, checkpointing=Checkpointing(buffered_steps=5))

    assert played.answers == ["error OutputUnserializableError"]
    assert played.checkpoints == [("x",)]
    assert played.run.status == "failed"


@pytest.mark.rule("A207", "A153")
def test_the_handler_of_a_cancelled_run_is_left_at_its_next_checkpoint() -> None:
    async def handler(ctx: dwf.Context) -> None:
        try:
            for name in "abcd":
                await ctx.step.run(name, asyncio.sleep, 1)
        finally:
            left.append(True)

    left: list[bool] = []
    played = set_up(handler, checkpointing=True)
    played.sim.advance("1500ms")
    played.sim.cancel(played.run)
    played.to_end()

    assert played.run.status == "cancelled"
    assert played.executions == {"a": 1, "b": 1}
    assert played.sim.trace.of(CheckpointRefused) == [CheckpointRefused(1, "its run has ended")]
    assert [record.how for record in played.records(HandlerLeft)] == ["step"]
    assert left == [True]


@pytest.mark.rule("A153", "A203")
def test_steps_of_a_cancelled_run_go_on_to_the_end_while_they_are_buffered() -> None:
    async def handler(ctx: dwf.Context) -> None:
        for name in "abcd":
            await ctx.step.run(name, asyncio.sleep, 1)

    played = set_up(handler, checkpointing=Checkpointing(buffered_steps=10))
    played.sim.advance("1500ms")
    played.sim.cancel(played.run)
    played.to_end()

    assert played.run.status == "cancelled"
    assert played.executions == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert not played.run.steps["a"].is_memoized


@both_kinds
@pytest.mark.rule("A200")
def test_a_request_for_one_step_ends_with_it(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.group.parallel((lambda: two(ctx, "a", "b"), lambda: two(ctx, "c", "d")))

    async def two(ctx: Any, first: str, second: str) -> None:
        await ctx.step.run(first, int)
        await ctx.step.run(second, int)

    played = play(handler, kind, checkpointing=True)

    targets = [request.target for request in played.requests if request.target]
    assert targets == ["a", "c", "b", "d"]
    assert played.checkpoints == []
    assert set(played.executions.values()) == {1}


@both_kinds
@pytest.mark.rule("A180", "A202")
def test_many_steps(kind: str) -> None:
    names = [f"s{n}" for n in range(50)]

    played = play(steps(*names), kind, checkpointing=True)

    assert played.run.entries == 1
    assert played.checkpoints == [(name,) for name in names]


@pytest.mark.rule("A180", "A204")
@pytest.mark.parametrize(("kind", "buffered"), [("async def", 1), ("def", 1_000_000)])
def test_a_handler_that_never_stops_asking_for_steps_comes_to_an_end(
    kind: str, buffered: int
) -> None:
    async def handler(ctx: Any) -> None:
        while True:
            await ctx.step.run("poll", int)

    played = play(handler, kind, checkpointing=Checkpointing(buffered_steps=buffered))

    assert played.answers == ["StepPlanned:poll:10000"]
    assert played.run.error is not None
    assert played.run.error["name"] == "InngestErrFunctionOverflowed"


@both_kinds
@pytest.mark.rule("A67")
def test_a_non_retriable_error_that_is_caught_in_the_middle_lets_the_request_go_on(
    kind: str,
) -> None:
    async def handler(ctx: Any) -> str:
        await ctx.step.run("a", int)
        try:
            await ctx.step.run("b", bad)
        except dwf.NonRetriableError:
            await ctx.step.run("c", int)
        return "done"

    bad = Fails(error=dwf.NonRetriableError)
    played = play(handler, kind, checkpointing=True)

    assert played.answers == ["return"]
    assert played.checkpoints == [("a",), ("c",)]
    assert bad.calls == 1


@pytest.mark.rule("A165", "A201")
def test_a_failure_handler_is_checkpointed_as_its_function_is() -> None:
    app = dwf.App("app")

    async def on_failure(ctx: dwf.Context) -> None:
        await ctx.step.run("tell", int)

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        retries=0,
        on_failure=on_failure,
        checkpointing=True,
    )
    async def f(ctx: dwf.Context) -> None:
        raise ValueError("no")

    sim = dwf.Simulation().serve(app)
    sim.send("go")
    sim.run_until_idle()

    (_, told) = sim.runs
    assert (told.function_id, told.entries) == ("app-f-failure", 1)
