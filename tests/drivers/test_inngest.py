"""Functions written with the vendor's SDK, served unchanged: what a request is and what it does."""

from __future__ import annotations

import asyncio
import datetime
import os
import time
from typing import Any

import anyio
import inngest
import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.drivers.inngest.sdk import check_version
from dwf_sim.model.records import Complained

GO = inngest.TriggerEvent(event="go")


def make_client(**settings: Any) -> inngest.Inngest:
    return inngest.Inngest(app_id="shop", **settings)


def serve(client: inngest.Inngest, *functions: Any, **world: Any) -> dwf.Simulation:
    return dwf.Simulation(**world).serve((client, [*functions]))


def run_to_end(sim: dwf.Simulation, **data: object) -> dwf.RunView:
    run = sim.send("go", data).run
    sim.run_until_idle()
    return run


@pytest.mark.rule("W1", "W3", "W4", "A16", "A90")
def test_an_async_function_runs_its_steps_in_virtual_time() -> None:
    client = make_client()

    @client.create_function(fn_id="order", trigger=GO)
    async def order(ctx: inngest.Context) -> object:
        async def charge(amount: object) -> dict[str, object]:
            await asyncio.sleep(3)
            return {"amount": amount}

        charged = await ctx.step.run("charge", charge, ctx.event.data["amount"])
        await ctx.step.sleep("cool off", datetime.timedelta(days=30))
        return [charged, datetime.datetime.now().isoformat()]

    sim = serve(client, order)

    run = run_to_end(sim, amount=7)

    assert run.output == [{"amount": 7}, "2030-01-31T00:00:03"]
    assert run.entries == 3
    assert run.steps["charge"].executions == 1
    assert run.function_id == "shop-order"


@pytest.mark.rule("W1", "W3", "W4", "A16")
def test_a_plain_function_runs_its_steps() -> None:
    client = make_client()

    @client.create_function(fn_id="order", trigger=GO)
    def order(ctx: inngest.ContextSync) -> object:
        first = ctx.step.run("a", lambda: (1, 2))
        ctx.step.sleep_until("s", datetime.datetime(2030, 6, 1, tzinfo=datetime.UTC))
        return [first, ctx.step.run("a", lambda: ctx.attempt)]

    sim = serve(client, order)

    run = run_to_end(sim)

    assert run.output == [[1, 2], 0]
    assert list(run.steps) == ["a", "s", "a:1"]
    assert sim.now == datetime.datetime(2030, 6, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.rule("A80", "A221")
def test_a_crash_after_the_effect_charges_twice(is_async: bool) -> None:
    client = make_client()
    stripe = dwf.Ledger("stripe")

    @client.create_function(fn_id="order", trigger=GO)
    async def order(ctx: inngest.Context) -> object:
        return await ctx.step.run("charge", lambda: stripe.call("charge", value="ch"))

    @client.create_function(fn_id="order", trigger=GO)
    def plain_order(ctx: inngest.ContextSync) -> object:
        return ctx.step.run("charge", lambda: stripe.call("charge", value="ch"))

    sim = serve(client, order if is_async else plain_order, faults=crash.after_effect("charge"))

    run = run_to_end(sim)

    assert run.output == "ch"
    assert stripe.count("charge") == 2
    assert run.steps["charge"].attempts == (0, 1)
    assert sim.unstruck == ()


@pytest.mark.rule("A18", "A80")
def test_a_killed_worker_runs_no_finally_blocks() -> None:
    client = make_client()
    heard = []

    @client.create_function(fn_id="order", trigger=GO)
    async def order(ctx: inngest.Context) -> None:
        async def body() -> None:
            try:
                heard.append("begin")
                await asyncio.sleep(1)
                await asyncio.sleep(1)
            finally:
                heard.append("finally")

        await ctx.step.run("a", body)

    sim = serve(client, order, faults=crash.inside("a", at_await=2))

    run = run_to_end(sim)

    assert heard == ["begin", "begin", "finally"]
    assert run.status == "completed"


@pytest.mark.parametrize("phase", [crash.before, crash.after_effect])
def test_a_killed_plain_handler_asks_for_nothing_more(phase: Any) -> None:
    client = make_client()
    heard = []

    @client.create_function(fn_id="order", trigger=GO)
    def order(ctx: inngest.ContextSync) -> None:
        try:
            ctx.step.run("a", lambda: heard.append("a"))
        finally:
            if ctx.attempt == 0:
                ctx.step.run("b", lambda: heard.append("b"))

    sim = serve(client, order, faults=phase("a"))

    sim.send("go")
    sim.advance("10s")

    assert "b" not in heard


@pytest.mark.rule("A67", "A65", "A66")
def test_errors_that_say_when_to_try_again_are_obeyed() -> None:
    client = make_client()

    @client.create_function(fn_id="later", trigger=GO)
    def later(ctx: inngest.ContextSync) -> float:
        if ctx.attempt == 0:
            raise inngest.RetryAfterError("later", datetime.timedelta(hours=5))
        return datetime.datetime.now().timestamp()

    @client.create_function(fn_id="never", trigger=GO)
    def never(ctx: inngest.ContextSync) -> None:
        raise inngest.NonRetriableError("never")

    sim = serve(client, later, never)

    runs = sim.send("go").runs
    sim.run_until_idle()

    assert [run.status for run in runs] == ["completed", "failed"]
    assert runs[0].output - sim.start_ms / 1000 == 5 * 3600
    assert runs[1].entries == 1
    assert runs[1].error is not None
    assert runs[1].error["message"] == "never"


@pytest.mark.rule("A165", "A167", "W7")
def test_a_failure_handler_is_a_function_of_its_own() -> None:
    client = make_client()

    async def note(ctx: inngest.Context) -> object:
        error: Any = ctx.event.data["error"]
        return await ctx.step.run("note", lambda: error["message"])

    @client.create_function(fn_id="order", trigger=GO, retries=0, on_failure=note)
    async def order(ctx: inngest.Context) -> None:
        raise ValueError("boom")

    sim = serve(client, order)

    run_to_end(sim)

    assert [(run.function_id, run.status, run.output) for run in sim.runs] == [
        ("shop-order", "failed", None),
        ("shop-order-failure", "completed", "boom"),
    ]


@pytest.mark.rule("A13", "A130", "A132")
def test_functions_of_both_kinds_invoke_each_other() -> None:
    client = make_client()
    app = dwf.App("native")

    @app.create_function(fn_id="double", trigger=[])
    async def double(ctx: dwf.Context) -> object:
        return ctx.event.data["n"] * 2

    @client.create_function(fn_id="order", trigger=inngest.TriggerEvent(event="order"))
    async def order(ctx: inngest.Context) -> object:
        step: Any = ctx.step
        by_object = await step.invoke("object", function=double, data={"n": 2})
        by_id = await step.invoke_by_id("id", app_id="native", function_id="double", data={"n": 3})
        return [by_object, by_id]

    @app.create_function(fn_id="outer", trigger=dwf.TriggerEvent(event="go"))
    async def outer(ctx: dwf.Context) -> object:
        by_object: Any = ctx.step.invoke("object", function=order)  # type: ignore[arg-type]  # The other kind.
        by_id = ctx.step.invoke_by_id("id", app_id="shop", function_id="order")
        return [await by_object, await by_id]

    sim = dwf.Simulation().serve(app).serve((client, [order]))

    run = run_to_end(sim)

    assert run.output == [[4, 6], [4, 6]]


def test_a_mixed_list_finds_the_client_by_its_app() -> None:
    client = inngest.Inngest(app_id="the only one of this name")
    app = dwf.App("native")

    @app.create_function(fn_id="a", trigger=dwf.TriggerEvent(event="go"))
    async def a(ctx: dwf.Context) -> str:
        return "native"

    @client.create_function(fn_id="b", trigger=GO)
    async def b(ctx: inngest.Context) -> str:
        return "vendor"

    sim = dwf.Simulation().serve([a, b])

    sim.send("go")
    sim.run_until_idle()

    assert [run.output for run in sim.runs] == ["native", "vendor"]


def test_a_function_whose_client_is_not_clear_asks_for_it() -> None:
    one, other = inngest.Inngest(app_id="twins"), inngest.Inngest(app_id="twins")

    @one.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None: ...

    with pytest.raises(dwf.ConfigError) as caught:
        dwf.Simulation().serve(a)

    assert other is not one
    assert "there is 2 clients" not in str(caught.value)
    assert "2 clients have app_id 'twins'" in str(caught.value)
    assert "sim.serve((client, [functions]))" in str(caught.value)


def test_a_client_that_came_later_has_not_made_the_function() -> None:
    one = inngest.Inngest(app_id="first-come")

    @one.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None: ...

    dwf.Simulation().serve(a)
    later = inngest.Inngest(app_id="first-come")
    sim = dwf.Simulation().serve(a)
    sim.send("go")
    sim.run_until_idle()

    assert sim.runs[0].status == "completed"
    assert later.app_id == one.app_id


def test_what_the_sdk_lets_through_is_an_error_before_it_has_answered() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO, retries=0)
    async def a(ctx: inngest.Context) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(ctx.step.run("x", lambda: 1))

    sim = serve(client, a)

    run = run_to_end(sim)

    assert run.status == "failed"
    assert "HTTP 500 before the SDK responded" in str(run.error)
    assert [r.text for r in sim.trace.of(Complained)] == [
        "BaseExceptionGroup left the handler, past the SDK, which answers nothing then"
    ]


def test_gathered_steps_are_all_run_and_only_the_first_is_reported() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> object:
        return await asyncio.gather(*(ctx.step.run(n, lambda n=n: n) for n in "xy"))

    sim = serve(client, a)

    run = run_to_end(sim)

    assert run.output == ["x", "y"]
    assert {name: step.executions for name, step in run.steps.items()} == {"x": 1, "y": 2}


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("in_step", [True, False])
def test_a_mistake_of_the_users_is_not_tried_again(is_async: bool, in_step: bool) -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None:
        if in_step:
            await ctx.step.run("nap", time.sleep, 1)  # type: ignore[arg-type]  # The SDK runs it.
        time.sleep(1)

    @client.create_function(fn_id="a", trigger=GO)
    def plain(ctx: inngest.ContextSync) -> None:
        if in_step:
            ctx.step.run("nap", time.sleep, 1)
        time.sleep(1)

    sim = serve(client, a if is_async else plain)

    run = run_to_end(sim)

    assert run.status == "failed"
    assert "time.sleep was called inside a simulation" in str(run.error)
    assert run.entries == (2 if in_step else 1)


def test_what_takes_a_function_or_an_event_takes_the_sdks() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None:
        await ctx.step.sleep("s", 3_600_000)

    sim = serve(client, a)

    run = sim.send(inngest.Event(name="go", data={"n": 1}, id="mine")).run
    sim.advance("1m")
    sim.pause(a)
    sim.resume(a)

    assert sim.events[0].id == "mine"
    assert [cancelled.id for cancelled in sim.cancel_runs(a)] == [run.id]
    assert run.status == "cancelled"


def test_a_handler_that_waits_long_costs_few_turns_of_the_loop() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None:
        await ctx.step.run("nap", lambda: asyncio.sleep(3600))

    sim = serve(client, a, budget=dwf.Budget(steps=100))

    assert run_to_end(sim).status == "completed"


def test_nothing_unstable_reaches_the_trace() -> None:
    def digest() -> str:
        client = make_client()

        @client.create_function(fn_id="a", trigger=GO, retries=1)
        async def a(ctx: inngest.Context) -> None:
            await ctx.step.run("x", lambda: 1 / 0)

        sim = serve(client, a)
        run_to_end(sim)
        assert os.sep + "inngest" not in repr(list(sim.trace))
        return sim.trace.digest()

    assert digest() == digest()


@pytest.mark.parametrize("version", ["0.4.22", "0.5.18", "0.6.0", "1.0"])
def test_another_version_of_the_sdk_is_refused(version: str) -> None:
    with pytest.raises(dwf.ConfigError, match=r"pip install 'dwf-sim\[inngest\]'"):
        check_version(version)


def test_a_task_group_of_anyio_works_in_a_step() -> None:
    client = make_client()
    done = []

    async def work(nth: int) -> None:
        await anyio.sleep(nth)
        done.append(nth)

    async def body() -> int:
        async with anyio.create_task_group() as group:
            group.start_soon(work, 2)
            group.start_soon(work, 1)
        return len(done)

    @client.create_function(fn_id="f", trigger=GO, retries=0)
    async def function(ctx: inngest.Context) -> int:
        return await ctx.step.run("a", body)

    assert run_to_end(serve(client, function)).output == 2
    assert done == [1, 2]


@pytest.mark.parametrize("app_id", ["shop", "test"])
def test_what_the_functions_own_client_sends_stays_inside_whoever_serves(app_id: str) -> None:
    client = make_client()

    @client.create_function(fn_id="f", trigger=GO, retries=0)
    def function(ctx: inngest.ContextSync) -> int:
        return len(client.send_sync(inngest.Event(name="other")))

    other = inngest.Inngest(app_id=app_id)

    assert run_to_end(dwf.Simulation().serve((other, [function]))).output == 1
