"""Functions that run other functions."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import StepMemoized
from tests.drivers.stage import Fails, Played, every_kind, play, set_up

DAY = 86_400_000


class Other(Exception):
    """A child's own error."""


def with_child(child: Any, *, retries: int = 0) -> tuple[dwf.App, Any]:
    """Make an app with a function that no event starts."""
    app = dwf.App("app")
    return app, app.create_function(fn_id="child", trigger=[], retries=retries)(child)


def child_run(played: Played) -> dwf.RunView:
    return next(run for run in played.sim.runs if run.function_id == "app-child")


@every_kind
@pytest.mark.rule("A136")
def test_an_invoke_returns_what_the_function_returned(kind: str) -> None:
    """invoke_result: four entries of the caller, two of the child."""

    async def child_handler(ctx: dwf.Context) -> object:
        got = await ctx.step.run("c", lambda: ctx.event.data["x"])
        return {"got": got, "event": ctx.event.name}

    async def handler(ctx: Any) -> object:
        await ctx.step.run("a", lambda: 1)
        result = await ctx.step.invoke("i", function=child, data={"x": 5})
        return await ctx.step.run("b", lambda: result)

    app, child = with_child(child_handler)
    played = play(handler, kind, app=app)

    assert played.run.output == {"got": 5, "event": "inngest/function.invoked"}
    assert played.run.entries == 4
    assert child_run(played).entries == 2
    assert played.answers == ["StepRun:a", "InvokeFunction:i", "StepRun:b", "return"]
    assert ("i", "invoke") in [(r.step, r.kind) for r in played.records(StepMemoized)]


@every_kind
@pytest.mark.rule("A136")
@pytest.mark.parametrize("output", [None, 0, False, "", [], {"data": 1}, {"error": "no error"}])
def test_whatever_a_function_returns_is_not_taken_for_an_error(kind: str, output: object) -> None:
    async def child_handler(ctx: dwf.Context) -> object:
        return output

    async def handler(ctx: Any) -> object:
        return await ctx.step.invoke("i", function=child)

    app, child = with_child(child_handler)
    played = play(handler, kind, app=app)

    assert played.run.status == "completed"
    assert played.run.output == output


@every_kind
@pytest.mark.rule("A132")
@pytest.mark.parametrize("way", ["function", "reference", "id", "reference of app", "id of app"])
def test_a_function_is_found_by_its_id_and_needs_no_trigger(kind: str, way: str) -> None:
    async def child_handler(ctx: dwf.Context) -> object:
        return ctx.event.data["x"]

    async def handler(ctx: Any) -> object:
        if way == "id":
            return await ctx.step.invoke_by_id("i", function_id="child", data={"x": 5})
        if way == "id of app":
            return await ctx.step.invoke_by_id(
                "i", app_id="app", function_id="child", data={"x": 5}
            )
        target = {
            "function": child,
            "reference": dwf.reference_function("child"),
            "reference of app": dwf.reference_function("child", app_id="app"),
        }[way]
        return await ctx.step.invoke("i", function=target, data={"x": 5})

    app, child = with_child(child_handler)
    played = play(handler, kind, app=app)

    assert played.run.output == 5


@every_kind
@pytest.mark.rule("A132")
def test_a_function_of_another_app_is_found_by_both_ids(kind: str) -> None:
    other = dwf.App("other")

    @other.create_function(fn_id="child", trigger=[])
    async def child(ctx: dwf.Context) -> str:
        return "of another app"

    async def handler(ctx: Any) -> object:
        target = dwf.reference_function("child", app_id="other")
        return [
            await ctx.step.invoke("by reference", function=target),
            await ctx.step.invoke("by function", function=child),
            await ctx.step.invoke_by_id("by id", app_id="other", function_id="child"),
        ]

    played = set_up(handler, kind)
    played.sim.serve(other)
    played.to_end()

    assert played.run.output == ["of another app"] * 3


@every_kind
@pytest.mark.rule("A132")
def test_a_function_with_a_trigger_of_its_own_runs_without_that_event(kind: str) -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="never"))
    async def child(ctx: dwf.Context) -> str:
        return ctx.event.name

    async def handler(ctx: Any) -> object:
        return await ctx.step.invoke("i", function=child)

    assert play(handler, kind, app=app).run.output == "inngest/function.invoked"


@every_kind
@pytest.mark.rule("A79")
def test_a_functions_error_is_raised_in_the_caller_and_not_retried_there(kind: str) -> None:
    """invoke_failed_child_caught."""

    async def child_handler(ctx: dwf.Context) -> None:
        await ctx.step.run("c", Fails(error=Other))

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke("i", function=child, data={})
        except dwf.StepError as error:
            seen = [type(error).__name__, error.name, error.message, error.stack is not None]
            return await ctx.step.run("e", lambda: seen)

    app, child = with_child(child_handler)
    played = play(handler, kind, retries=2, app=app)

    assert played.run.output == ["StepError", "Other", "boom 1", True]
    assert played.run.entries == 3
    assert played.run.steps["i"].attempts == ()


@every_kind
@pytest.mark.rule("A79")
def test_an_uncaught_error_of_a_function_fails_the_caller_at_once(kind: str) -> None:
    """invoke_failed_child."""

    async def child_handler(ctx: dwf.Context) -> None:
        raise Other("child bad")

    async def handler(ctx: Any) -> None:
        await ctx.step.invoke("i", function=child)

    app, child = with_child(child_handler)
    played = play(handler, kind, retries=2, app=app)

    error = played.run.error
    assert (error["name"], error["message"], error["code"]) == (
        "Other",
        "child bad",
        "step_errored",
    )
    assert played.run.entries == 2
    assert child_run(played).error["code"] == "unknown"


@every_kind
@pytest.mark.rule("A79")
def test_a_function_that_nobody_serves_is_an_error_of_the_step(kind: str) -> None:
    """invoke_unknown."""

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke_by_id("i", function_id="nope")
        except dwf.StepError as error:
            return [error.name, error.message]

    played = play(handler, kind, retries=2)

    assert played.run.output == ["Error", "could not find function with ID: app-nope"]
    assert played.run.entries == 2


@every_kind
@pytest.mark.rule("A79")
def test_an_invoke_gives_up_at_its_timeout_and_the_function_goes_on(kind: str) -> None:
    """invoke_timeout."""

    async def child_handler(ctx: dwf.Context) -> int:
        await ctx.step.sleep("s", "5s")
        return 1

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke("i", function=child, timeout="2s")
        except dwf.StepError as error:
            return [error.name, error.message]

    app, child = with_child(child_handler)
    played = play(handler, kind, retries=2, app=app)

    assert played.run.output == [
        "InngestInvokeTimeoutError",
        "Timed out waiting for invoked function to complete",
    ]
    assert played.took_ms == 2000
    assert child_run(played).output == 1
    assert child_run(played).ended_at == played.run.scheduled_at + 5000


@every_kind
def test_without_a_timeout_an_invoke_waits_for_a_year(kind: str) -> None:
    async def child_handler(ctx: dwf.Context) -> None:
        await ctx.step.sleep("s", "366d")

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke("i", function=child)
        except dwf.StepError as error:
            return error.name

    app, child = with_child(child_handler)
    played = play(handler, kind, app=app)

    assert played.run.output == "InngestInvokeTimeoutError"
    assert played.took_ms == 365 * DAY


@every_kind
@pytest.mark.rule("A79")
def test_a_function_is_retried_by_itself_while_the_caller_waits(kind: str) -> None:
    """invoke_child_retries."""

    async def child_handler(ctx: dwf.Context) -> object:
        return await ctx.step.run("c", fails)

    def fails() -> int:
        counter.calls += 1
        if counter.calls <= 2:
            raise dwf.RetryAfterError("later", 2000)
        return 3

    async def handler(ctx: Any) -> object:
        return await ctx.step.invoke("i", function=child, data={})

    counter = Fails()
    app, child = with_child(child_handler, retries=3)
    played = play(handler, kind, app=app)

    assert played.run.output == 3
    assert played.run.entries == 2
    assert played.took_ms == 4000
    assert child_run(played).steps["c"].attempts == (0, 1, 2)


@every_kind
@pytest.mark.rule("A137")
def test_an_invoke_of_a_cancelled_function_resolves_with_the_engines_event(kind: str) -> None:
    """invoke_child_cancelled: what the real server does, whatever its documentation says."""
    played = cancel_child(kind, dwf.Quirks())

    output = played.run.output
    assert output["name"] == "inngest/function.finished"
    assert output["data"]["_inngest"] == {"status": "Cancelled"}
    assert output["data"]["run_id"] == child_run(played).id
    assert output["data"]["function_id"] == "app-child"
    assert played.took_ms == 2000


@every_kind
@pytest.mark.rule("A137")
def test_an_invoke_of_a_cancelled_function_raises_where_that_is_asked_for(kind: str) -> None:
    played = cancel_child(kind, dwf.Quirks(cancelled_invoke_resolves=False))

    assert played.run.output == ["StepError", "Error", "function cancelled"]
    assert played.took_ms == 2000


def cancel_child(kind: str, quirks: dwf.Quirks) -> Played:
    """Cancel an invoked function after two seconds of its ten."""

    async def child_handler(ctx: dwf.Context) -> None:
        await ctx.step.sleep("s", "10s")

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke("i", function=child)
        except dwf.StepError as error:
            return [type(error).__name__, error.name, error.message]

    app, child = with_child(child_handler)
    played = set_up(handler, kind, app=app, quirks=quirks)
    played.sim.advance("2s")
    played.sim.cancel(child_run(played))
    return played.to_end()


@every_kind
@pytest.mark.rule("A138")
@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_function_outlives_the_run_that_invoked_it(kind: str, end: str) -> None:
    async def child_handler(ctx: dwf.Context) -> str:
        await ctx.step.sleep("s", "10s")
        return "done"

    async def handler(ctx: Any) -> object:
        branches = [lambda: ctx.step.invoke("i", function=child)]
        if end == "failed":
            branches.append(lambda: ctx.step.run("bad", Fails(error=dwf.NonRetriableError)))
        return await ctx.group.parallel(tuple(branches))

    app, child = with_child(child_handler)
    played = set_up(handler, kind, app=app)
    played.sim.advance("2s")
    if end == "cancelled":
        played.sim.cancel(played.run)
    played.to_end()

    assert played.run.status == end
    assert child_run(played).status == "completed"
    assert child_run(played).output == "done"
    assert child_run(played).ended_at == played.run.scheduled_at + 10_000


@every_kind
def test_a_function_may_invoke_itself(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        left = ctx.event.data["left"]
        if not left:
            return 1
        below = await ctx.step.invoke_by_id("i", function_id="f", data={"left": left - 1})
        return 1 + below

    played = play(handler, kind, data={"left": 3})

    assert played.run.output == 4
    assert len(played.sim.runs) == 4
