"""`run_until`: waiting for a condition, and what is said of one that never holds."""

from __future__ import annotations

import datetime

import pytest

import dwf_sim as dwf
from dwf_sim import TriggerCron, TriggerEvent
from tests.drivers.stage import every_driver, serve

NEW_YEAR = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def world(driver: str, *crons: str) -> dwf.Simulation:
    """Serve a function that fails for the event `go`, one that waits, and some that tick."""
    app = dwf.App("app")

    @app.create_function(fn_id="fails", trigger=TriggerEvent("go"), retries=0)
    async def fails(ctx: dwf.Context) -> None:
        raise ValueError("boom")

    @app.create_function(fn_id="sleeps", trigger=TriggerEvent("nap"))
    async def sleeps(ctx: dwf.Context) -> None:
        await ctx.step.sleep("nap", "300d")

    for number, cron in enumerate(crons):

        @app.create_function(fn_id=f"ticks-{number}", trigger=TriggerCron(cron))
        async def ticks(ctx: dwf.Context) -> None: ...

    return serve(app, driver, start=NEW_YEAR)


def complaint_of(sim: dwf.Simulation, within: str | None = None) -> str:
    """Wait for what never comes."""
    with pytest.raises(dwf.UnmetConditionError) as caught:
        sim.run_until(lambda: False, within=within)
    return str(caught.value)


def test_crons_alone_are_not_waited_for_as_long_as_the_budget_lasts() -> None:
    sim = world("native", "0 9 * * *")
    sim.send("go")

    complaint = complaint_of(sim)

    assert "only crons are left, and they have ticked for 142w5d9h" in complaint
    assert 'say how long: run_until(condition, within="400d").' in complaint
    assert "These runs have failed: app-fails#1 (ValueError: boom)." in complaint
    assert "Last records:\n#" in complaint
    assert len(sim.runs) == 1001


def test_each_schedule_comes_twice_at_least() -> None:
    sim = world("native", "*/2 * * * *", "0 12 * * *")

    complaint_of(sim)

    assert f"{sim.now:%d %H:%M}" == "02 12:00"


@every_driver
def test_a_date_that_never_comes_is_not_waited_for(driver: str) -> None:
    assert "nothing is left to happen" in complaint_of(world(driver, "0 0 30 2 *"))


def test_what_else_happens_is_waited_for_however_often_crons_tick() -> None:
    sim = world("native", "0 */6 * * *")
    run = sim.send("nap").run

    sim.run_until(lambda: run.status == "completed")

    assert len(sim.runs) == 1 + 4 * 300


def test_within_a_time_crons_tick_as_often_as_they_do() -> None:
    sim = world("native", "* * * * *")

    assert "have passed" in complaint_of(sim, within="18h")
    assert len(sim.runs) == 18 * 60


@every_driver
def test_without_crons_there_is_nothing_to_wait_for(driver: str) -> None:
    sim = world(driver)
    for _ in range(7):
        sim.send("go")
    sim.send("nap")
    sim.advance("1m")
    sim.pause("app-sleeps")

    complaint = complaint_of(sim)

    assert complaint.startswith("the condition never held: nothing is left to happen. ")
    assert "app-fails#5 (ValueError: boom) and 2 more." in complaint
    assert "These have not ended: app-sleeps#1 (running)." in complaint
