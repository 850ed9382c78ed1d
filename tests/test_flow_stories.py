"""Flow control as users ask about it, through whole simulations."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import ItemDelayed
from tests.drivers.stage import every_driver, serve


async def slow() -> None:
    """A step's body of five seconds."""
    await asyncio.sleep(5)


def shop(fn_id: str = "f", **settings: Any) -> tuple[dwf.App, dwf.Function[Any]]:
    """Make a function of one slow step under these settings."""
    app = dwf.App("shop")

    @app.create_function(fn_id=fn_id, trigger=dwf.TriggerEvent(event="go"), **settings)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", slow)

    return app, f


def running(sim: dwf.Simulation) -> int:
    """How many requests are in flight."""
    return sum(run.entries == 1 and run.status == "running" for run in sim.runs)


@every_driver
def test_a_tenant_that_is_starved_wholly_shows_in_the_figures(driver: str) -> None:
    by_tenant = dwf.Concurrency(limit=9, key="event.data.tenant")
    app, _ = shop(throttle=dwf.Throttle(limit=1, period="1h"), concurrency=by_tenant)
    sim = serve(app, driver)
    for tenant in [*["big"] * 20, "small"]:
        sim.send("go", {"tenant": tenant})

    sim.advance("3h")
    small = sim.stats()["concurrency of shop-f: event.data.tenant = small"]

    assert (small.not_started, small.queued_ms) == (1, (3 * 3_600_000,))


@every_driver
def test_requests_that_take_no_time_are_counted_all_the_same(driver: str) -> None:
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), concurrency=3)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)

    sim = serve(app, driver)
    for _ in range(10):
        sim.send("go")
    sim.run_until_idle()

    assert sim.stats()["shop-f"].in_flight_max == 3


@every_driver
def test_figures_nobody_has_say_which_there_are(driver: str) -> None:
    app, _ = shop()
    sim = serve(app, driver)
    sim.send("go")

    with pytest.raises(dwf.UsageError, match="no figures of 'f'; those there are: 'shop-f'"):
        sim.stats()["f"]


@every_driver
def test_a_run_explains_that_its_function_is_paused(driver: str) -> None:
    app, f = shop(concurrency=1)
    sim = serve(app, driver)
    sim.send("go")
    second = sim.send("go").run
    sim.advance("1s")

    sim.pause(f)
    sim.advance("1h")
    paused = sim.explain(second)
    sim.resume(f)
    sim.run_until_idle()

    assert "The function was paused at 2030-01-01T00:00:01.000Z." in paused.splitlines()
    assert "The function was resumed at 2030-01-01T01:00:01.000Z." in sim.explain(second)


@every_driver
@pytest.mark.rule("B119")
def test_a_run_that_is_put_off_by_its_priority_says_so(driver: str) -> None:
    app, _ = shop(priority=dwf.Priority(run="-60"))
    sim = serve(app, driver)

    told = sim.explain(sim.send("go").run).splitlines()

    assert told == [
        "Run shop-f#1 was scheduled at 2030-01-01T00:00:00.000Z, as if 1m later by its priority, "
        "to start at 2030-01-01T00:01:00.000Z at the earliest.",
        "It has not started.",
    ]


@every_driver
def test_a_bounded_trace_does_not_make_things_up(driver: str) -> None:
    app, _ = shop()
    sim = serve(app, driver, trace_bound=3)
    for _ in range(8):
        sim.send("go")
    sim.run_until_idle()

    assert "does not hold the beginning of run" in sim.explain(sim.runs[0])


@every_driver
def test_an_event_says_which_run_it_cancelled_and_which_trigger_it_did_not_meet(
    driver: str,
) -> None:
    app, _ = shop(cancel=[dwf.Cancel("stop")])

    @app.create_function(
        fn_id="g", trigger=dwf.TriggerEvent(event="stop", expression="event.data.n > 5")
    )
    async def g(ctx: dwf.Context) -> None:
        pass

    sim = serve(app, driver)
    run = sim.send("go").run
    sim.advance("1s")
    stop = sim.send("stop", {"n": 1})

    assert sim.explain(stop).splitlines() == [
        "'stop' was received at 2030-01-01T00:00:01.000Z.",
        f"It cancelled run {run.id}.",
        "shop-g started nothing: its trigger's expression is not true.",
    ]
    assert "cancelled: event stop" in sim.timeline(run)


@every_driver
@pytest.mark.rule("A103")
def test_a_cancellation_that_compares_with_nothing_is_a_warning(driver: str) -> None:
    app, _ = shop(cancel=[dwf.Cancel("stop", match="data.idd")])
    sim = serve(app, driver)

    sim.send("go", {"id": 1})

    assert "reads a field that the run's own event does not have" in sim.warnings[0]


def test_a_cancellation_has_one_condition() -> None:
    with pytest.raises(dwf.ConfigError, match="give one of them"):
        dwf.Cancel("stop", match="data.id", if_exp="async.data.x == 1")


@every_driver
@pytest.mark.rule("B87")
def test_a_limit_that_is_raised_lets_those_who_wait_go(driver: str) -> None:
    sim = serve(shop(concurrency=1)[0], driver)
    for _ in range(4):
        sim.send("go")
    sim.advance("1s")
    before = running(sim)

    serve(shop(concurrency=3)[0], driver, sim)
    sim.advance("1s")

    assert (before, running(sim)) == (1, 3)


@every_driver
@pytest.mark.rule("B87")
def test_new_runs_have_the_new_limit_of_a_key(driver: str) -> None:
    def keyed(limit: int) -> dwf.App:
        return shop(concurrency=dwf.Concurrency(limit=limit, key="'x'"))[0]

    sim = serve(keyed(3), driver)
    for _ in range(6):
        sim.send("go")
    serve(keyed(1), driver, sim)
    for _ in range(3):
        sim.send("go")
    sim.advance("12s")

    assert [run.status for run in sim.runs[6:]] == ["running", "scheduled", "scheduled"]


@every_driver
@pytest.mark.rule("B19")
def test_a_rerun_of_a_debounced_function_is_debounced_and_runs(driver: str) -> None:
    app, _ = shop(debounce=dwf.Debounce(period="5s"))
    sim = serve(app, driver)
    sim.send("go")
    sim.run_until_idle()

    with pytest.raises(dwf.UsageError, match="no run has started: debounce"):
        sim.rerun(sim.runs[0])
    sim.run_until_idle()

    assert [run.status for run in sim.runs] == ["completed", "completed"]


@every_driver
def test_a_rerun_of_many_gives_those_that_have_started(driver: str) -> None:
    app = dwf.App("shop")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        retries=0,
        singleton=dwf.Singleton(mode="skip"),
    )
    async def f(ctx: dwf.Context) -> None:
        raise ValueError

    sim = serve(app, driver)
    for _ in range(3):
        sim.send("go")
        sim.run_until_idle()

    again = sim.rerun(status="failed")

    assert len(again) == 1
    with pytest.raises(dwf.UsageError, match="a run, or else a status"):
        sim.rerun(again[0], status="failed")  # type: ignore[call-overload]  # Meant.


@pytest.mark.rule("A182", "A208")
def test_a_checkpoint_that_is_too_big_is_refused_and_its_step_retried() -> None:
    app = dwf.App("shop", checkpointing=True)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: "x" * 1000)

    sim = dwf.Simulation(limits=dwf.Limits(step_bytes=100)).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert (run.status, run.steps["a"].executions) == ("failed", 2)
    assert any("the output of step 'a' is over 100 bytes" in text for text in sim.warnings)


@pytest.mark.rule("A185", "A208")
def test_what_is_reported_with_the_result_must_have_room_as_well() -> None:
    app = dwf.App("shop", checkpointing=dwf.Checkpointing(buffered_steps=9))

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def f(ctx: dwf.Context) -> None:
        for nth in range(3):
            await ctx.step.run(f"s{nth}", lambda: "x" * 300)

    sim = dwf.Simulation(limits=dwf.Limits(state_bytes=700)).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "failed"
    assert run.error is not None
    assert run.error["name"] == "InngestErrStateOverflowed"


@every_driver
def test_many_functions_that_share_a_key_do_not_repeat_themselves(driver: str) -> None:
    app = dwf.App("shop")
    for nth in range(20):

        @app.create_function(
            fn_id=f"f{nth}",
            trigger=dwf.TriggerEvent(event="go"),
            concurrency=dwf.Concurrency(limit=1, key="'x'", scope="account"),
        )
        async def f(ctx: dwf.Context) -> None:
            await ctx.step.run("a", slow)

    sim = serve(app, driver)
    for _ in range(5):
        sim.send("go")
    sim.run_until_idle()

    assert {run.status for run in sim.runs} == {"completed"}
    assert len(sim.trace.of(ItemDelayed)) <= 3 * len(sim.runs)
