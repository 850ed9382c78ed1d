"""What errors in steps and in handlers do: retries, what is caught, how a run fails."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import RetryScheduled, StepMemoized
from tests.drivers.stage import Fails, both_kinds, every_async, every_kind, play


class Boom(Exception):
    """A user's own error."""


# Attempts.


@every_kind
@pytest.mark.rule("A61")
def test_each_step_and_each_stretch_between_has_its_own_attempts(kind: str) -> None:
    tail = Fails(1, returns="end")

    async def handler(ctx: Any) -> object:
        await ctx.step.run("a", a)
        await ctx.step.run("b", b)
        return tail()

    a, b = Fails(1, returns=1), Fails(1, returns=2)
    played = play(handler, kind, retries=1)

    assert played.run.output == "end"
    assert played.run.steps["a"].attempts == (0, 1)
    assert played.run.steps["b"].attempts == (0, 1)
    assert [r.attempt for r in played.requests] == [0, 1, 0, 1, 0, 1]


@every_kind
@pytest.mark.rule("A62")
def test_the_attempt_is_that_of_the_request_also_outside_of_steps(kind: str) -> None:
    seen: list[int] = []

    async def handler(ctx: Any) -> object:
        seen.append(ctx.attempt)
        await ctx.step.run("a", a)
        await ctx.step.run("b", b)
        return ctx.attempt

    a, b = Fails(1), Fails(1)
    played = play(handler, kind, retries=1)

    assert seen == [0, 1, 0, 1, 0]
    assert played.run.output == 0


@every_kind
@pytest.mark.rule("A69")
def test_a_step_is_tried_again_and_then_its_error_is_raised_at_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("a", fails)
        except dwf.StepError as error:
            return f"{error.name}: {error.message}"

    fails = Fails(error=Boom)
    played = play(handler, kind, retries=2)

    assert played.run.output == "Boom: boom 3"
    assert played.run.entries == 4
    assert played.run.steps["a"].attempts == (0, 1, 2)
    assert played.run.steps["a"].error["name"] == "Boom"
    assert [r.kind for r in played.records(StepMemoized)] == ["error"]
    assert [r.attempt for r in played.requests] == [0, 1, 2, 0]


@every_kind
@pytest.mark.rule("A71", "A77")
def test_a_step_error_has_the_name_message_and_stack_of_the_original(kind: str) -> None:
    caught: list[dwf.StepError] = []

    async def handler(ctx: Any) -> None:
        try:
            await ctx.step.run("a", Fails(error=Boom))
        except dwf.StepError as error:
            caught.append(error)

    played = play(handler, kind, retries=0)

    error = caught[0]
    assert (error.name, error.message, str(error)) == ("Boom", "boom 1", "boom 1")
    assert error.is_retriable is False
    assert error.stack is not None
    assert 'raise self._error(f"boom {self.calls}")' in error.stack
    # The SDK's own code of an error does not outlive the engine.
    assert set(played.run.steps["a"].error) == {"name", "message", "stack"}


@every_kind
@pytest.mark.rule("A72", "A77")
def test_a_step_error_that_nobody_catches_fails_the_run_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", fails)

    fails = Fails(error=Boom)
    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "Boom"
    assert played.run.error["message"] == "boom 2"
    assert played.run.error["code"] == "step_errored"
    assert [r.answer for r in played.requests] == [
        "StepErrored:a",
        "StepErrored:a",
        "error Boom",
    ]


@every_kind
@pytest.mark.rule("A72")
def test_a_step_error_wrapped_in_another_is_retried_as_the_functions(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        try:
            await ctx.step.run("a", Fails(error=Boom))
        except dwf.StepError as error:
            raise Boom("wrapped") from error

    played = play(handler, kind, retries=1)

    assert played.run.error["message"] == "wrapped"
    assert played.run.error["code"] == "unknown"
    assert played.run.steps["a"].executions == 2
    assert played.answers == ["StepErrored:a", "StepErrored:a", "error Boom", "error Boom"]


@every_kind
@pytest.mark.rule("A73")
def test_a_caught_step_error_is_raised_on_every_replay_and_the_run_goes_on(kind: str) -> None:
    catches: list[str] = []

    async def handler(ctx: Any) -> object:
        try:
            await ctx.step.run("a", a)
        except dwf.StepError as error:
            catches.append(error.message)
        await ctx.step.run("b", b)
        return await ctx.step.run("c", lambda: "done")

    a, b = Fails(error=Boom), Fails(1)
    played = play(handler, kind, retries=1)

    assert played.run.output == "done"
    assert catches == ["boom 2"] * 4
    assert played.run.steps["a"].executions == 2
    assert played.run.steps["b"].attempts == (0, 1)


@every_kind
@pytest.mark.rule("A74")
def test_an_error_outside_of_steps_is_retried_without_running_them_again(kind: str) -> None:
    tail = Fails(error=Boom)

    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", lambda: 1)
        tail()

    played = play(handler, kind, retries=3)

    assert played.run.status == "failed"
    assert (played.run.error["name"], played.run.error["message"]) == ("Boom", "boom 4")
    assert played.run.error["code"] == "unknown"
    assert "raise self._error" in played.run.error["stack"]
    assert tail.calls == 4
    assert played.run.steps["a"].executions == 1
    assert [r.attempt for r in played.requests] == [0, 0, 1, 2, 3]


# Errors with a meaning.


@every_kind
@pytest.mark.rule("A67")
def test_a_non_retriable_error_of_a_step_fails_the_run_raw_and_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", Fails(error=dwf.NonRetriableError))

    played = play(handler, kind, retries=3)

    assert played.run.error["name"] == "NonRetriableError"
    assert played.run.error["message"] == "boom 1"
    assert played.run.error["code"] == "non_retriable_error"
    assert played.run.entries == 1
    assert not played.run.steps["a"].is_memoized


@every_kind
@pytest.mark.rule("A67")
def test_a_non_retriable_error_that_is_caught_runs_its_step_at_every_entry(kind: str) -> None:
    """non_retriable_caught: three executions of a, all at attempt 0."""

    async def handler(ctx: Any) -> object:
        try:
            await ctx.step.run("a", Fails(error=dwf.NonRetriableError))
        except dwf.NonRetriableError as error:
            seen = [type(error).__name__, str(error)]
            caught = await ctx.step.run("fb", lambda: seen)
        return [caught, await ctx.step.run("z", lambda: 1)]

    played = play(handler, kind, retries=2)

    assert played.run.output == [["NonRetriableError", "boom 1"], 1]
    assert played.run.entries == 3
    assert played.run.steps["a"].attempts == (0, 0, 0)


@every_kind
@pytest.mark.rule("A74")
def test_a_non_retriable_error_of_the_handler_is_not_retried(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        raise dwf.NonRetriableError("stop")

    played = play(handler, kind, retries=3)

    assert played.run.entries == 1
    assert {k: v for k, v in played.run.error.items() if k != "stack"} == {
        "name": "NonRetriableError",
        "message": "stop",
        "code": "non_retriable_error",
    }


@every_kind
@pytest.mark.rule("A67")
def test_a_step_that_asks_to_be_retried_later_is_no_step_error(kind: str) -> None:
    """step_retry_after: left with the error twice, then done at 6 s."""

    class Later(dwf.RetryAfterError):
        def __init__(self, message: str) -> None:
            super().__init__(message, 3000)

    async def handler(ctx: Any) -> object:
        a = await ctx.step.run("a", lambda: 1)
        return [a, await ctx.step.run("b", b)]

    b = Fails(2, error=Later, returns=2)
    played = play(handler, kind, retries=3)

    assert played.run.output == [1, 2]
    assert [(r.at_ms, r.attempt, r.answer) for r in played.requests] == [
        (0, 0, "StepRun:a"),
        (0, 0, "error Later"),
        (3000, 1, "error Later"),
        (6000, 2, "StepRun:b"),
        (6000, 0, "return"),
    ]
    assert played.run.steps["b"].attempts == (0, 1, 2)


class StaysFinal(dwf.NonRetriableError):
    stays_in_step = True


class StaysLater(dwf.RetryAfterError):
    stays_in_step = True

    def __init__(self, message: str) -> None:
        super().__init__(message, 3000)


@both_kinds
@pytest.mark.rule("A68")
def test_a_non_retriable_error_that_stays_in_its_step_is_a_step_error(kind: str) -> None:
    """oracle-ts: non_retriable_in_step."""

    async def handler(ctx: Any) -> object:
        try:
            await ctx.step.run("a", Fails(error=StaysFinal))
        except dwf.StepError as error:
            seen = [error.name, error.message]
        return [seen, await ctx.step.run("z", lambda: 1)]

    played = play(handler, kind, retries=2)

    assert played.run.output == [["StaysFinal", "boom 1"], 1]
    assert played.answers == ["StepErrored:a", "StepRun:z", "return"]
    assert played.executions == {"a": 1, "z": 1}


@both_kinds
@pytest.mark.rule("A68")
@pytest.mark.parametrize(("fails", "last"), [(1, "return"), (2, "error StepError")])
def test_a_step_that_asks_for_later_by_an_error_of_its_own_is_tried_then(
    kind: str, fails: int, last: str
) -> None:
    """oracle-ts: retry_after_string, step_error_uncaught_retries."""

    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", a)

    a = Fails(fails, error=StaysLater, returns=7)
    played = play(handler, kind, retries=1)

    answers = ["StepErrored:a", "StepErrored:a" if fails == 2 else "StepRun:a"]
    assert played.answers[:2] == answers
    assert [(request.at_ms, request.attempt) for request in played.requests] == [
        (0, 0),
        (3000, 1),
        (3000, 0),
    ]
    assert played.answers[-1].startswith(last.split()[0])
    assert played.run.steps["a"].executions == 2


@every_kind
@pytest.mark.rule("A67")
def test_a_retry_after_error_that_is_caught_runs_its_step_again_at_once(kind: str) -> None:
    """retry_after_caught: the fallback is remembered and not used, since a succeeds later."""

    async def handler(ctx: Any) -> object:
        out = {}
        try:
            out["a"] = await ctx.step.run("a", a)
        except dwf.RetryAfterError as error:
            out["fb"] = await ctx.step.run("fb", str, error)
        out["z"] = await ctx.step.run("z", lambda: 1)
        return out

    def a() -> int:
        if not fails.calls:
            fails.calls += 1
            raise dwf.RetryAfterError("later", 2000)
        return 1

    fails = Fails()
    played = play(handler, kind, retries=2)

    assert played.run.output == {"a": 1, "z": 1}
    assert played.run.entries == 4
    assert played.run.steps["a"].attempts == (0, 0)
    assert played.took_ms == 0


@every_kind
@pytest.mark.rule("A66")
@pytest.mark.parametrize(
    ("given", "delay_ms"),
    [
        (5000, 5000),
        (1, 1000),
        (datetime.timedelta(minutes=2), 120_000),
        (datetime.timedelta(days=3), 86_400_000),
        (datetime.datetime(2030, 1, 1, 1, 0, 0, tzinfo=datetime.UTC), 3_600_000),
        (datetime.datetime(2030, 1, 1, 1, 0, 0), 3_600_000),
        (datetime.datetime(2029, 1, 1, tzinfo=datetime.UTC), 1000),
        (
            datetime.datetime(2030, 1, 1, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            3_600_000,
        ),
    ],
)
def test_when_to_retry_is_a_number_a_length_or_an_instant(
    kind: str, given: Any, delay_ms: int
) -> None:
    async def handler(ctx: Any) -> str:
        if ctx.attempt == 0:
            raise dwf.RetryAfterError("busy", given)
        return "done"

    played = play(handler, kind, retries=1)

    assert played.run.output == "done"
    assert played.took_ms == delay_ms
    assert played.records(RetryScheduled)[0].spread == 0


@every_kind
@pytest.mark.rule("A66", "A74")
def test_a_function_that_asks_for_later_uses_up_attempts(kind: str) -> None:
    """fn_retry_after_memoized: attempts 0, 1, 2 of the stretch after two steps."""

    async def handler(ctx: Any) -> object:
        await ctx.step.run("a", lambda: 1)
        await ctx.step.run("b", lambda: 2)
        raises()
        return await ctx.step.run("c", lambda: 3)

    def raises() -> None:
        fails.calls += 1
        if fails.calls <= 2:
            raise dwf.RetryAfterError("again", datetime.timedelta(seconds=2))

    fails = Fails()
    played = play(handler, kind, retries=3)

    assert played.run.output == 3
    assert [(r.at_ms, r.attempt) for r in played.requests] == [
        (0, 0),
        (0, 0),
        (0, 0),
        (2000, 1),
        (4000, 2),
        (4000, 0),
    ]
    assert played.run.steps["c"].attempts == (2,)


# Values that cannot be written.


@every_kind
@pytest.mark.rule("A76")
@pytest.mark.parametrize(
    "value",
    [{1}, b"bytes", object(), 1j, {(1, 2): 3}],
    ids=["set", "bytes", "object", "complex", "tuple key"],
)
def test_a_step_output_without_json_is_retried_and_cannot_be_caught(
    kind: str, value: object
) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.run("o", lambda: value)
        except Exception:
            return "caught"

    played = play(handler, kind, retries=2)

    assert played.run.status == "failed"
    assert played.run.error == {
        "name": "OutputUnserializableError",
        "message": '"o" returned unserializable data',
        "code": "output_unserializable",
    }
    assert played.run.steps["o"].attempts == (0, 1, 2)


@every_kind
@pytest.mark.rule("A76")
def test_a_function_output_without_json_is_retried(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return {"set": {1}}

    played = play(handler, kind, retries=1)

    assert played.run.error == {
        "name": "OutputUnserializableError",
        "message": "returned unserializable data",
        "code": "output_unserializable",
    }
    assert played.run.entries == 2


@every_kind
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (float("nan"), "invalid character 'N' looking for beginning of value"),
        ([float("inf")], "invalid character 'I' looking for beginning of value"),
        ({"x": -float("inf")}, "invalid character 'I' in numeric literal"),
    ],
)
def test_a_number_that_is_none_in_json_makes_a_step_unreadable(
    kind: str, value: object, complaint: str
) -> None:
    """step_output_nan: Python writes it, and the server stops reading there."""

    async def handler(ctx: Any) -> object:
        return await ctx.step.run("o", lambda: value)

    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.entries == 2
    error = played.run.error
    assert error["name"] == "Error"
    assert error["message"] == f"error reading generator opcode response: {complaint}"


@every_kind
def test_a_number_that_is_none_in_json_makes_an_output_a_text(kind: str) -> None:
    """fn_output_tuple_nan."""

    async def handler(ctx: Any) -> object:
        return float("nan")

    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.run.output == "NaN"


@every_kind
def test_the_texts_of_those_numbers_are_only_texts(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("o", lambda: ["NaN", "Infinity", "-Infinity", 'a "NaN" b'])

    assert play(handler, kind).run.output == ["NaN", "Infinity", "-Infinity", 'a "NaN" b']


# Steps inside steps.


@every_kind
@pytest.mark.rule("A44")
def test_a_step_inside_a_step_fails_the_outer_one_for_good(kind: str) -> None:
    inner_ran: list[None] = []

    async def handler(ctx: Any) -> object:
        def outer() -> object:
            coroutine = ctx.step.run("inner", lambda: inner_ran.append(None))
            return _drive(coroutine)

        return await ctx.step.run("outer", outer)

    played = play(handler, kind, retries=3)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "CodedError"
    assert played.run.error["message"] == "Nested steps are not supported."
    assert played.run.error["code"] == "step_errored"
    assert played.executions == {"outer": 1}
    assert inner_ran == []


def _drive(coroutine: Any) -> object:
    """Run a coroutine of a plain `def` body up to its end."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it does not wait")


async def _nest(ctx: Any, how: str) -> None:
    """Ask for a step inside of a body."""
    match how:
        case "await":
            await ctx.step.run("inner", lambda: 1)
        case "task":
            await asyncio.create_task(ctx.step.run("inner", lambda: 1))
        case "task group":
            async with asyncio.TaskGroup() as group:
                group.create_task(ctx.step.run("inner", lambda: 1))
        case "group":
            await ctx.group.parallel((lambda: ctx.step.run("inner", lambda: 1),))
        case "sleep":
            await ctx.step.sleep("inner", "1h")
        case _:
            await asyncio.gather(ctx.step.run("inner", lambda: 1), ctx.step.run("other", lambda: 2))


def nests(how: str) -> Any:
    """Make a handler that asks for a step in the body of another, and catches all it can."""

    async def handler(ctx: Any) -> object:
        async def outer() -> str:
            try:
                await _nest(ctx, how)
            except Exception:
                return "caught inside"
            return "went through"

        try:
            return await ctx.step.run("outer", outer)
        except dwf.StepError as error:
            return f"caught outside: {error.name}"

    return handler


@every_async
@pytest.mark.rule("A44")
@pytest.mark.parametrize("how", ["await", "task", "gather"])
def test_a_nested_step_cannot_be_caught_inside_and_can_outside(kind: str, how: str) -> None:
    played = play(nests(how), kind, retries=3)

    assert played.run.output == "caught outside: CodedError"
    assert played.executions == {"outer": 1}


@pytest.mark.rule("A44")
@pytest.mark.parametrize("how", ["task group", "group", "sleep"])
def test_whatever_step_is_nested_is_so_at_once(how: str) -> None:
    """The SDK sees it later of these; see the differences between the drivers."""
    played = play(nests(how), retries=3)

    assert played.run.output == "caught outside: CodedError"
    assert played.executions == {"outer": 1}


# Steps that are met in a request for another one.


@every_kind
@pytest.mark.rule("A41")
def test_a_step_that_is_met_instead_of_the_one_to_run_is_unexpected(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        entries.append(None)
        if len(entries) > 1:
            await ctx.step.run("surprise", lambda: 1)
        return await ctx.group.parallel((lambda: ctx.step.run("a", lambda: 1),))

    entries: list[None] = []
    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error == {
        "name": "StepUnexpectedError",
        "message": 'found step "surprise" when targeting a different step',
        "code": "step_unexpected",
        "stack": None,
    }
    assert [(r.target, r.attempt, r.answer) for r in played.requests] == [
        (None, 0, "StepPlanned:a"),
        ("a", 0, "error StepUnexpectedError"),
        ("a", 1, "error StepUnexpectedError"),
    ]
    assert played.executions == {"a": 0}


@every_kind
@pytest.mark.rule("A41")
def test_an_unexpected_step_is_forgiven_when_it_is_gone_by_the_retry(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        entries.append(None)
        if len(entries) == 2:
            await ctx.step.run("surprise", lambda: 1)
        return await ctx.group.parallel((lambda: ctx.step.run("a", lambda: 1),))

    entries: list[None] = []
    played = play(handler, kind, retries=1)

    assert played.run.output == [1]
    assert played.run.steps["a"].attempts == (1,)


# What is not an Exception.


@pytest.mark.parametrize("where", ["handler", "step"])
def test_a_cancellation_that_leaves_the_handler_is_its_error(where: str) -> None:
    async def handler(ctx: dwf.Context) -> None:
        async def cancel() -> None:
            raise asyncio.CancelledError

        await (cancel() if where == "handler" else ctx.step.run("s", cancel))

    played = play(handler, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "CancelledError"
    assert played.run.entries == 2


@both_kinds
def test_a_body_that_is_no_function_fails_the_run_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", 5)

    played = play(handler, kind, retries=3)

    assert played.run.error["name"] == "UsageError"
    assert played.run.error["message"].startswith("the body of a step is 5; it must be a function")
    assert played.run.entries == 1


@both_kinds
def test_an_error_that_cannot_say_what_it_is_still_has_its_name(kind: str) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    async def handler(ctx: Any) -> None:
        raise Mute

    played = play(handler, kind)

    assert played.run.error["name"] == "Mute"
    assert played.run.error["message"] == "<exception str() failed>"
