"""Failure handlers: functions of their own, started once for each run that failed."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_driver, serve


def failing(driver: str, on_failure: Any, error: type[Exception] = ValueError) -> dwf.Simulation:
    """A simulation with a function that fails, and another one beside it."""
    app = dwf.App("app")

    @app.create_function(
        fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1, on_failure=on_failure
    )
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)
        raise error("bad thing")

    @app.create_function(fn_id="other", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def other(ctx: dwf.Context) -> None:
        raise ValueError("of the other")

    return serve(app, driver)


@every_driver
@pytest.mark.rule("A165", "A166", "A167", "A168", "A169", "A170")
def test_a_failed_run_starts_its_handler_once_with_the_whole_story(driver: str) -> None:
    async def on_failure(ctx: dwf.Context) -> Any:
        note = await ctx.step.run("note", lambda: "noted")
        return {"note": note, "name": ctx.event.name, "data": ctx.event.data}

    simulation = failing(driver, on_failure)
    sent = simulation.send(dwf.Event("go", {"k": "v"}, id="evt-a"))
    simulation.run_until_idle()

    run = next(run for run in sent.runs if run.function_id == "app-f")
    handled = [run for run in simulation.runs if run.function_id == "app-f-failure"]
    assert len(handled) == 1
    assert handled[0].output["name"] == "inngest/function.failed"
    data = handled[0].output["data"]
    stack = data["error"].pop("stack")
    assert data["result"].pop("stack") == stack
    assert stack.startswith("Traceback")
    event = {"name": "go", "data": {"k": "v"}, "user": {}, "id": "evt-a", "ts": simulation.start_ms}
    assert data == {
        "_inngest": {"status": "Failed"},
        "function_id": "app-f",
        "run_id": run.id,
        "event": event,
        "events": [event],
        "error": {
            "error": "invalid status code: 500",
            "name": "ValueError",
            "message": "bad thing",
        },
        "result": {"code": "unknown", "name": "ValueError", "message": "bad thing"},
    }


@every_driver
@pytest.mark.rule("A165", "A172")
def test_a_handler_that_fails_is_tried_once_and_starts_nothing(driver: str) -> None:
    entries = []

    async def on_failure(ctx: dwf.Context) -> None:
        entries.append(ctx.attempt)
        raise ValueError("too")

    simulation = failing(driver, on_failure)
    simulation.send("go")
    simulation.run_until_idle()

    failed = [event for event in simulation.events if event.name == "inngest/function.failed"]
    assert entries == [0]
    assert [event.data["function_id"] for event in failed] == ["app-other", "app-f"]


@every_driver
@pytest.mark.rule("A158", "A168")
def test_a_run_that_is_cancelled_or_completes_starts_no_handler(driver: str) -> None:
    app, handled = dwf.App("app"), []

    async def on_failure(ctx: dwf.Context) -> None:
        handled.append(ctx.run_id)

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        cancel=[dwf.Cancel(event="stop")],
        on_failure=on_failure,
    )
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.sleep("s", "1m")

    simulation = serve(app, driver)
    simulation.send("go")
    simulation.run_until_idle()
    simulation.send("go")
    simulation.advance("1s")
    simulation.send("stop")
    simulation.run_until_idle()

    assert [run.status for run in simulation.runs] == ["completed", "cancelled"]
    assert handled == []


@every_driver
@pytest.mark.rule("A165")
def test_a_function_that_is_served_by_itself_has_its_handler_with_it(driver: str) -> None:
    app, handled = dwf.App("app"), []

    async def on_failure(ctx: dwf.Context) -> None:
        handled.append(ctx.event.name)

    @app.create_function(
        fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0, on_failure=on_failure
    )
    async def f(ctx: dwf.Context) -> None:
        raise ValueError("boom")

    simulation = serve([f], driver)
    simulation.send("go")
    simulation.run_until_idle()

    assert handled == ["inngest/function.failed"]
    assert list(app.functions) == ["f", "f-failure"]
