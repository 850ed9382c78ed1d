"""Re-runs and bulk cancellation: what an operator does to runs from outside."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_driver, serve


def shop(driver: str, **settings: object) -> tuple[dwf.Simulation, dwf.Function[object]]:
    """Serve a function that fails for an order of 0 and sleeps for any other."""
    app = dwf.App("shop")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        retries=0,
        **settings,  # type: ignore[arg-type]  # Each test gives its own.
    )
    async def f(ctx: dwf.Context) -> object:
        if ctx.event.data["order"] == 0:
            raise ValueError("no order")
        await ctx.step.sleep("nap", "1h")
        return ctx.event.data

    return serve(app, driver), f


@every_driver
@pytest.mark.rule("B19", "B132")
def test_a_rerun_is_a_new_run_of_the_same_event_and_no_dedupe_stands_against_it(
    driver: str,
) -> None:
    sim, _ = shop(driver)
    first = sim.send(dwf.Event("go", {"order": 7}, id="one")).run
    sim.run_until_idle()

    second = sim.rerun(first)
    sim.run_until_idle()

    assert (first.id == second.id, second.status, second.output) == (
        False,
        "completed",
        {"order": 7},
    )
    assert len(sim.runs) == 2


@every_driver
def test_all_runs_of_a_status_can_be_run_again(driver: str) -> None:
    sim, f = shop(driver)
    for order in (0, 1, 0):
        sim.send("go", {"order": order})
    sim.run_until_idle()

    again = sim.rerun(status="failed", function=f)
    sim.run_until_idle()

    assert [run.status for run in again] == ["failed", "failed"]
    assert len(sim.runs) == 5


@every_driver
@pytest.mark.rule("B132")
def test_flow_control_applies_to_a_rerun_and_says_why_there_is_none(driver: str) -> None:
    sim, _ = shop(driver, rate_limit=dwf.RateLimit(limit=1, period="1h"))
    run = sim.send("go", {"order": 1}).run

    with pytest.raises(dwf.UsageError, match="no run has started: rate limit: 1 in 1h"):
        sim.rerun(run)


def test_a_status_that_no_run_ends_with_is_refused() -> None:
    sim, _ = shop("native")

    with pytest.raises(dwf.UsageError, match="one of completed, failed, cancelled; status is 'bad"):
        sim.rerun(status="bad")


@every_driver
@pytest.mark.rule("A159")
def test_runs_can_be_cancelled_in_bulk_by_an_expression_over_their_event(driver: str) -> None:
    sim, f = shop(driver)
    runs = [sim.send("go", {"order": order}).run for order in (1, 2, 3)]
    sim.advance("1m")

    cancelled = sim.cancel_runs(f, if_exp="event.data.order > 1")
    later = sim.send("go", {"order": 9}).run
    sim.run_until_idle()

    assert [run.id for run in cancelled] == [run.id for run in runs[1:]]
    assert [run.status for run in (*runs, later)] == [
        "completed",
        "cancelled",
        "cancelled",
        "completed",
    ]


@every_driver
@pytest.mark.rule("A159", "A154")
def test_bulk_cancellation_leaves_ended_runs_and_other_functions_alone(driver: str) -> None:
    sim, f = shop(driver)
    ended = sim.send("go", {"order": 0}).run
    sim.advance("1m")

    assert sim.cancel_runs(f) == []
    assert ended.status == "failed"


def test_an_expression_that_cannot_be_compiled_is_refused() -> None:
    sim, f = shop("native")

    with pytest.raises(dwf.ConfigError, match=r"if_exp 'event\.data\.'"):
        sim.cancel_runs(f, if_exp="event.data.")


@every_driver
def test_a_function_that_is_not_served_cannot_be_paused(driver: str) -> None:
    sim, _ = shop(driver)

    with pytest.raises(dwf.UsageError, match="function is 'x'; the served functions are shop-f"):
        sim.pause("x")


@every_driver
@pytest.mark.rule("B134", "A226")
def test_a_paused_function_stands_still_and_misses_what_comes(driver: str) -> None:
    sim, f = shop(driver)
    run = sim.send("go", {"order": 1}).run
    sim.advance("1m")

    sim.pause(f)
    missed = sim.send("go", {"order": 2})
    sim.advance("2h")
    seen = run.status, run.entries, missed.runs
    sim.resume(f)
    sim.run_until_idle()

    assert seen == ("running", 1, [])
    assert (run.status, missed.runs) == ("completed", [])
    assert "pause: the function is paused" in sim.explain(missed)
