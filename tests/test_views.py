"""What a user is shown of runs and sends, and told when there is nothing to show."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import Complained, EffectCalled, EventReceived, StepStarted
from tests.drivers.stage import every_driver, serve


@pytest.fixture
def app() -> dwf.App:
    made = dwf.App("shop")

    @made.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order/created"))
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: dwf.Ledger("stripe").call("charge", value=1))
        await ctx.step.send_event("tell", dwf.Event("order/charged"))
        await ctx.step.wait_for_event("paid", event="paid", match="data.oderId", timeout="1h")
        raise ValueError("unlucky")

    return made


def test_a_send_before_serve_says_so() -> None:
    with pytest.raises(dwf.UsageError, match="no function is served yet"):
        _ = dwf.Simulation().send("order/created").run


@every_driver
def test_a_send_that_starts_nothing_names_the_triggers(driver: str, app: dwf.App) -> None:
    with pytest.raises(dwf.UsageError, match=r"Nobody took it.*The triggers are 'order/created'"):
        _ = serve(app, driver).send("order/craeted").run


@every_driver
def test_runs_steps_and_simulations_can_be_read_in_a_failing_assertion(
    driver: str, app: dwf.App
) -> None:
    simulation = serve(app, driver)
    run = simulation.send("order/created", {"orderId": 1}).run
    simulation.run_until_idle()

    assert repr(run) == "<run shop-order#1 failed: ValueError: unlucky>"
    assert repr(run.steps) == "<steps of shop-order#1: charge, tell, paid>"
    assert "seed=0" in repr(simulation)
    assert run.steps.get("nothing") is None
    with pytest.raises(dwf.UsageError, match="its steps: 'charge', 'tell', 'paid'"):
        _ = run.steps["nothing"]


@every_driver
@pytest.mark.rule("A103")
def test_a_match_on_a_field_the_run_does_not_have_is_told(driver: str, app: dwf.App) -> None:
    simulation = serve(app, driver)
    simulation.send("order/created", {"orderId": 1})
    simulation.advance("1s")

    assert "the run's own event does not have" in simulation.trace.of(Complained)[0].text


@every_driver
def test_what_user_code_does_has_its_step_for_a_cause(driver: str, app: dwf.App) -> None:
    simulation = serve(app, driver)
    simulation.send("order/created")
    simulation.advance("1s")

    entries = list(simulation.trace)
    steps = {e.record.step: e.seq for e in entries if isinstance(e.record, StepStarted)}
    effect = next(e for e in entries if isinstance(e.record, EffectCalled))
    told = next(
        e
        for e in entries
        if isinstance(e.record, EventReceived) and e.record.name == "order/charged"
    )
    assert effect.cause == steps["charge"]
    assert told.cause == steps["tell"]


def test_a_signal_is_answered_with_a_bounded_trace_too() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.wait_for_signal("s", signal="ping", timeout="1h", on_conflict="fail")

    simulation = dwf.Simulation(trace_bound=2).serve(app)
    run = simulation.send("go").run
    simulation.advance("1s")

    answered = simulation.signal("ping")
    assert answered is not None
    assert answered.id == run.id


@pytest.mark.rule("A180")
def test_a_run_has_so_many_steps_at_most() -> None:
    """That it is a thousand is shown by a recording, `oracle/step_limit.json`."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        nth = 0
        while True:
            await ctx.step.run(f"x{nth}", lambda: 1)
            nth += 1

    simulation = dwf.Simulation(trace_bound=100, limits=dwf.Limits(steps=30)).serve(app)
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.entries == 30
    assert run.error == {
        "error": "function has too many steps",
        "name": "InngestErrFunctionOverflowed",
        "message": "The function run exceeded the step limit of 30 steps.",
    }
