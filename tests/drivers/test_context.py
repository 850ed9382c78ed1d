"""What a handler is given."""

from __future__ import annotations

import datetime
import inspect
from typing import Any

import pytest

import dwf_sim as dwf
from tests.drivers.stage import both_kinds, every_driver, every_kind, play, serve, set_up


@every_kind
@pytest.mark.rule("A45")
def test_a_handler_knows_its_event_its_run_and_its_attempt(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        event = ctx.event
        return {
            "attempt": ctx.attempt,
            "run_id": ctx.run_id,
            "event": [event.name, dict(event.data), event.ts],
            "events": len(ctx.events),
        }

    played = play(handler, kind, data={"n": 1})

    assert played.run.output == {
        "attempt": 0,
        "run_id": played.run.id,
        "event": ["go", {"n": 1}, played.run.scheduled_at],
        "events": 1,
    }


@pytest.mark.rule("A45")
@pytest.mark.parametrize("names", [dwf.Context, dwf.ContextSync], ids=lambda kind: kind.__name__)
def test_a_context_has_what_the_vendors_has_and_no_more_than_the_time(names: type) -> None:
    seen: list[Any] = []

    async def handler(ctx: Any) -> None:
        seen.append(ctx)

    def plain_handler(ctx: Any) -> None:
        seen.append(ctx)

    app = dwf.App("app")
    is_async = names is dwf.Context
    app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))(
        handler if is_async else plain_handler
    )
    sim = dwf.Simulation().serve(app)
    sim.send("go")
    sim.run_until_idle()

    assert isinstance(seen[0], names)
    public = {name for name in dir(seen[0]) if not name.startswith("_")}
    assert public == {"attempt", "event", "events", "group", "logger", "run_id", "step", "now"}


@pytest.mark.rule("A46", "A48")
@pytest.mark.parametrize("steps", [dwf.Step, dwf.StepSync], ids=lambda kind: kind.__name__)
def test_the_steps_of_both_kinds_of_handlers_have_the_same_names(steps: type) -> None:
    methods = {
        name: list(inspect.signature(method).parameters)[1:]
        for name, method in vars(steps).items()
        if not name.startswith("_")
    }

    assert methods == {
        "run": ["step_id", "handler", "args", "kwargs"],
        "sleep": ["step_id", "duration"],
        "sleep_until": ["step_id", "until"],
        "wait_for_event": ["step_id", "event", "timeout", "if_exp", "match"],
        "wait_for_signal": ["step_id", "signal", "timeout", "on_conflict"],
        "send_signal": ["step_id", "signal", "data"],
        "send_event": ["step_id", "events"],
        "invoke": ["step_id", "function", "data", "timeout", "v"],
        "invoke_by_id": ["step_id", "app_id", "function_id", "data", "timeout", "v"],
    }


@every_kind
@pytest.mark.rule("A45", "A46")
def test_ids_are_positional_and_all_else_of_the_steps_without_a_body_is_by_name(kind: str) -> None:
    async def handler(ctx: Any) -> str:
        for call in (
            lambda: ctx.step.wait_for_event("w", "answer", "1h"),
            lambda: ctx.step.invoke("i", "app-f"),
            lambda: ctx.step.invoke_by_id("i", "app", "f"),
        ):
            with pytest.raises(TypeError):
                await call()
        return "all refused"

    assert play(handler, kind).run.output == "all refused"


@every_kind
@pytest.mark.rule("A50")
def test_a_functions_full_id_is_the_apps_and_its_own(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        pass

    played = play(handler, kind, app=dwf.App("shop"))

    assert played.run.function_id == "shop-f"
    assert played.run.label == "shop-f#1"


@every_driver
@pytest.mark.rule("A50")
def test_a_function_may_have_several_triggers_and_a_name(driver: str) -> None:
    app = dwf.App("shop")
    triggers = [dwf.TriggerEvent(event="a"), dwf.TriggerEvent(event="b")]

    @app.create_function(fn_id="f", trigger=triggers, name="The function", retries=0)
    async def f(ctx: dwf.Context) -> str:
        return ctx.event.name

    @app.create_function(fn_id="g", trigger=[])
    async def g(ctx: dwf.Context) -> None:
        pass

    sim = serve(app, driver)
    runs = [sim.send("a").run, sim.send("b").run]
    sim.run_until_idle()

    assert [run.output for run in runs] == ["a", "b"]
    assert (f.id, f.config.name) == ("shop-f", "The function")
    assert (g.id, g.config.name) == ("shop-g", "g")


@every_kind
def test_a_handler_cannot_change_the_event_for_its_next_entry(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        ctx.event.data["seen"] = ctx.event.data.get("seen", 0) + 1
        await ctx.step.run("a", lambda: 1)
        return dict(ctx.event.data)

    assert play(handler, kind).run.output == {"seen": 1}


@both_kinds
def test_the_time_of_a_handler_moves_with_the_simulation(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        await ctx.step.sleep("s", "1d")
        assert ctx.now.replace(tzinfo=None) == datetime.datetime.now()
        return ctx.now.isoformat()

    assert play(handler, kind).run.output == "2030-01-02T00:00:00+00:00"


@every_kind
def test_an_event_keeps_its_own_id_and_time(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return [ctx.event.id, ctx.event.ts]

    played = set_up(handler, kind)
    ts = played.sim.now_ms - 5000
    second = played.sim.send(dwf.Event("go", {}, id="mine", ts=ts)).run
    played.to_end()

    assert second.output == ["mine", ts]


@both_kinds
def test_an_event_keeps_its_version(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return ctx.event.v

    played = set_up(handler, kind)
    second = played.sim.send(dwf.Event("go", {}, v="3")).run
    played.to_end()

    assert second.output == "3"
