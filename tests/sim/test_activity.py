"""How a request's tasks end with it, or are dropped with their worker."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import Complained, Logged
from tests.drivers.stage import servable


def run_once(handler: object, driver: str = "native", **options: object) -> dwf.Simulation:
    """Run a handler as a function of an app of its own."""
    app = dwf.App("a")
    app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)(handler)  # type: ignore[call-overload]  # Any handler.
    simulation = dwf.Simulation(**options).serve(servable(app, driver))  # type: ignore[arg-type]  # Options by name.
    simulation.send("go")
    simulation.run_until_idle()
    return simulation


def test_tasks_in_task_groups_end_without_a_complaint() -> None:
    async def branch(ctx: dwf.Context) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(ctx.step.run("a", lambda: 1))
            await ctx.step.run("b", lambda: 2)
            await ctx.step.run("c", lambda: 3)

    async def handler(ctx: dwf.Context) -> str:
        await asyncio.gather(branch(ctx), branch(ctx))
        return "done"

    simulation = run_once(handler)

    assert simulation.runs[0].output == "done"
    assert simulation.trace.of(Complained) == []


def test_a_finally_block_that_awaits_while_its_request_ends_is_told() -> None:
    async def branch(ctx: dwf.Context) -> None:
        try:
            await ctx.step.run("a", lambda: 1)
        finally:
            await asyncio.sleep(1)

    async def handler(ctx: dwf.Context) -> str:
        await asyncio.gather(branch(ctx), branch(ctx))
        return "done"

    simulation = run_once(handler)

    assert simulation.runs[0].output == "done"
    assert "ignored GeneratorExit" in simulation.trace.of(Complained)[0].text


def test_an_interrupt_from_the_keyboard_leaves_nothing_to_be_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(ctx: dwf.Context) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_once(handler)
    gc.collect()

    assert caplog.records == []


@pytest.mark.rule("A194")
def test_a_handler_that_waits_for_nothing_is_given_up_after_two_hours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(ctx: dwf.Context) -> None:
        await asyncio.Event().wait()

    simulation = run_once(handler)
    status, took = simulation.runs[0].status, simulation.now_ms - simulation.start_ms
    del simulation
    gc.collect()

    assert status == "failed"
    assert 2 * 7_200_000 + 15_000 <= took <= 2 * 7_200_000 + 45_000
    assert caplog.records == []


def test_the_dead_send_nothing() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    def f(ctx: dwf.ContextSync) -> None:
        try:
            ctx.step.run("a", lambda: None)
        finally:
            app.send(dwf.Event("from/the.dead"))

    simulation = dwf.Simulation(faults=[dwf.crash.after_effect("a")]).serve(app)
    simulation.send("go")
    simulation.run_until_idle()

    assert "from/the.dead" not in [event.name for event in simulation.events]


@pytest.mark.parametrize("driver", ["native", "sdk"])
@pytest.mark.parametrize(
    "crash", [dwf.crash.before("a"), dwf.crash.inside("a"), dwf.crash.after_effect("a")]
)
@pytest.mark.parametrize("has_more_to_do", [False, True])
def test_the_dead_are_kept_and_their_world_is_not(
    driver: str, crash: dwf.Fault, has_more_to_do: bool
) -> None:
    """Nobody may end their frames, which would be too much with all that was around them."""

    async def body() -> None:
        await asyncio.sleep(1)

    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("a", body)

    def left() -> list[weakref.ref[object]]:
        app, hourly = dwf.App("a"), dwf.TriggerCron(cron="0 * * * *")
        triggers = [dwf.TriggerEvent(event="go"), *([hourly] if has_more_to_do else [])]
        app.create_function(fn_id="f", trigger=triggers)(handler)
        with dwf.Simulation(faults=[crash]).serve(servable(app, driver)) as sim:
            sim.send("go")
            sim.run_until_idle()
        assert sim.unstruck == ()
        return [weakref.ref(sim), weakref.ref(sim.trace)]

    refs = left()
    gc.collect()

    assert [ref() for ref in refs] == [None, None]


@pytest.mark.parametrize("driver", ["native", "sdk"])
@pytest.mark.parametrize("phase", ["before", "after_effect"])
def test_the_stack_of_the_dead_is_unwound_in_the_world_it_has_known(
    driver: str, phase: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Plain code cannot stop where it is; a task that it has made makes it one of several."""
    caplog.set_level("INFO")

    async def nothing() -> None: ...

    def handler(ctx: dwf.ContextSync) -> None:
        asyncio.get_running_loop().create_task(nothing())
        try:
            ctx.step.run("a", int)
        except BaseException:
            ctx.logger.info("bye")
            raise ValueError("the last word") from None

    sim = run_once(handler, driver, faults=[getattr(dwf.crash, phase)("a")])

    assert sim.unstruck == ()
    assert sim.runs[0].status == "failed"
    assert "bye" in caplog.messages


@pytest.mark.parametrize("driver", ["native", "sdk"])
def test_a_step_that_is_killed_in_a_call_logs_in_the_world_it_has_known(
    driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bank = dwf.Ledger("bank")

    async def handler(ctx: dwf.Context) -> None:
        async def body() -> None:
            try:
                bank.call("charge", value=None)
            finally:
                ctx.logger.info("bye")

        await ctx.step.run("a", body)

    sim = run_once(handler, driver, faults=[dwf.crash.inside("a", at_effect=1)])

    assert sim.runs[0].status == "completed"
    assert caplog.messages.count("bye") == 2
    assert len(sim.trace.of(Logged)) == 2


def test_a_step_sends_from_a_thread() -> None:
    def handler(ctx: dwf.ContextSync) -> None:
        with ThreadPoolExecutor(1) as pool:
            here = contextvars.copy_context()
            pool.submit(here.run, ctx.step.send_event, "s", dwf.Event("told")).result()

    sim = run_once(handler, allow=["threads"])

    assert sim.runs[0].status == "completed"
    assert "told" in [event.name for event in sim.events]
