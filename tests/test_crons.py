"""Functions that start by the clock, from the outside: ticks, their events, and what bends them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import TriggerCron, TriggerEvent
from dwf_sim.model.records import RunSkipped
from tests.drivers.parity import watch
from tests.drivers.stage import every_driver, serve

MINUTELY, HOURLY = TriggerCron("* * * * *"), TriggerCron("0 * * * *")


def world(
    driver: str, *functions: dwf.Function[Any], start: str = "2030-01-01T00:00:30"
) -> dwf.Simulation:
    """Serve functions from an instant of UTC on, by default half a minute past midnight."""
    at = datetime.datetime.fromisoformat(f"{start}+00:00")
    return serve(functions, driver, start=at)


def function(
    trigger: TriggerEvent | TriggerCron | Sequence[TriggerEvent | TriggerCron],
    fn_id: str = "f",
    **settings: Any,
) -> dwf.Function[Any]:
    """Make a function that returns the event that started it."""

    async def handler(ctx: dwf.Context) -> object:
        event = ctx.event
        return {"name": event.name, "id": event.id, "ts": event.ts, "data": dict(event.data)}

    return dwf.App("app").create_function(fn_id=fn_id, trigger=trigger, **settings)(handler)


def starts(sim: dwf.Simulation, fn_id: str = "f") -> list[str]:
    """List when the runs of a function started."""
    runs = [run for run in sim.runs if run.function_id == f"app-{fn_id}"]
    return [f"{moment(run.started_at):%d %H:%M:%S}" for run in runs]


def moment(at: int | None) -> datetime.datetime:
    """Read a time of a run."""
    assert at is not None, "the run has got so far"
    return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC)


def delay_of(run: dwf.RunView) -> int:
    """Give by how much a run started after its tick."""
    tick = datetime.datetime.fromisoformat(run.output["data"]["scheduledAt"])
    assert run.started_at is not None, "it has run"
    return run.started_at - round(tick.timestamp() * 1000)


@every_driver
@pytest.mark.rule("B41", "B52")
def test_a_function_starts_at_each_tick_after_it_is_served(driver: str) -> None:
    sim = world(driver, function(MINUTELY))

    sim.advance("3m")

    assert starts(sim) == ["01 00:01:00", "01 00:02:00", "01 00:03:00"]
    assert [run.status for run in sim.runs] == ["completed"] * 3


@every_driver
@pytest.mark.rule("B41", "B52")
def test_a_function_served_at_a_tick_starts_at_the_next(driver: str) -> None:
    sim = world(driver, function(MINUTELY), start="2030-01-01T00:00:00")

    sim.advance("2m")

    assert starts(sim) == ["01 00:01:00", "01 00:02:00"]


@every_driver
@pytest.mark.rule("B47")
def test_a_run_gets_a_timer_event_that_names_its_tick(driver: str) -> None:
    sim = world(driver, function(MINUTELY))

    sim.advance("1m")

    assert sim.runs[0].output == {
        "name": "inngest/scheduled.timer",
        "id": "2030-01-01T00:01:00Z",
        "ts": 1_893_456_060_000,
        "data": {
            "cron": "* * * * *",
            "fireAt": "2030-01-01T00:01:00Z",
            "scheduledAt": "2030-01-01T00:01:00Z",
        },
    }


@every_driver
@pytest.mark.rule("B39", "B47")
def test_a_schedule_may_name_its_zone_and_the_event_repeats_it(driver: str) -> None:
    sim = world(driver, function(TriggerCron("TZ=America/New_York 0 9 * * *")))

    sim.advance("1d")

    assert starts(sim) == ["01 14:00:00"]
    assert sim.runs[0].output["data"]["cron"] == "TZ=America/New_York 0 9 * * *"
    assert sim.runs[0].output["id"] == "2030-01-01T14:00:00Z"


@every_driver
@pytest.mark.rule("B42")
def test_a_time_that_the_clocks_leap_over_has_no_run_that_day(driver: str) -> None:
    trigger = TriggerCron("TZ=America/New_York 30 2 * * *")
    sim = world(driver, function(trigger), start="2025-03-08T00:00:00")

    sim.advance("3d")

    assert starts(sim) == ["08 07:30:00", "10 06:30:00"]


@every_driver
@pytest.mark.rule("B43")
def test_a_time_that_the_clocks_repeat_has_two_runs(driver: str) -> None:
    trigger = TriggerCron("TZ=America/New_York 30 1 * * *")
    sim = world(driver, function(trigger), start="2024-11-03T00:00:00")

    sim.advance("1d")

    assert starts(sim) == ["03 05:30:00", "03 06:30:00"]


@every_driver
@pytest.mark.rule("B48")
def test_a_listener_to_timer_events_runs_for_the_crons_of_others(driver: str) -> None:
    sim = world(
        driver, function(MINUTELY), function(TriggerEvent("inngest/scheduled.timer"), "listener")
    )

    sim.advance("2m")

    assert starts(sim, "listener") == ["01 00:01:00", "01 00:02:00"]


@every_driver
@pytest.mark.rule("B17", "B48")
def test_a_listener_runs_once_for_an_instant_at_which_two_crons_tick(driver: str) -> None:
    sim = world(
        driver,
        function(MINUTELY, "one"),
        function(MINUTELY, "two"),
        function(TriggerEvent("inngest/*"), "listener"),
    )

    sim.advance("1m")

    timers = [run for run in sim.runs if run.output["name"] == "inngest/scheduled.timer"]
    assert [run.label for run in timers] == ["app-one#1", "app-two#1", "app-listener#1"]


@every_driver
@pytest.mark.rule("B49")
def test_two_crons_of_a_function_give_one_run_where_they_meet(driver: str) -> None:
    sim = world(driver, function([HOURLY, TriggerCron("*/30 * * * *")]))

    sim.advance("2h")

    assert starts(sim) == ["01 00:30:00", "01 01:00:00", "01 01:30:00", "01 02:00:00"]


@every_driver
@pytest.mark.rule("B50")
def test_a_tick_is_not_batched(driver: str) -> None:
    batch = dwf.Batch(max_size=10, timeout="1h")
    sim = world(driver, function([MINUTELY, TriggerEvent("go")], batch_events=batch))

    sim.advance("2m")

    assert starts(sim) == ["01 00:01:00", "01 00:02:00"]


@every_driver
@pytest.mark.rule("B50", "B51", "B59")
def test_a_tick_above_the_rate_limit_is_dropped_and_the_next_ones_come(driver: str) -> None:
    sim = world(driver, function(MINUTELY, rate_limit=dwf.RateLimit(limit=1, period="3m")))

    sim.advance("8m")

    assert starts(sim) == ["01 00:01:00", "01 00:04:00", "01 00:07:00"]
    skips = [entry.record for entry in sim.trace if isinstance(entry.record, RunSkipped)]
    assert [skip.policy for skip in skips] == ["rate limit"] * 5


@every_driver
@pytest.mark.rule("B51")
def test_a_tick_of_a_paused_function_is_dropped_and_the_next_ones_come(driver: str) -> None:
    paused = function(MINUTELY)
    sim = world(driver, paused)
    sim.pause(paused)
    sim.advance("2m")

    sim.resume(paused)
    sim.advance("1m")

    assert starts(sim) == ["01 00:03:00"]


@every_driver
@pytest.mark.rule("B50", "B51")
def test_a_singleton_that_is_still_running_skips_a_tick(driver: str) -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.sleep("nap", "90s")

    slow = dwf.App("app").create_function(
        fn_id="f", trigger=MINUTELY, singleton=dwf.Singleton(mode="skip")
    )(handler)
    sim = world(driver, slow)

    sim.advance("4m")

    assert starts(sim) == ["01 00:01:00", "01 00:03:00"]


@every_driver
@pytest.mark.rule("B50")
def test_the_key_of_a_setting_is_evaluated_over_the_timer_event(driver: str) -> None:
    limit = dwf.RateLimit(limit=1, period="24h", key="event.data.cron")
    sim = world(driver, function([MINUTELY, TriggerCron("*/2 * * * *")], rate_limit=limit))

    sim.advance("10m")

    assert [run.output["data"]["cron"] for run in sim.runs] == ["* * * * *", "*/2 * * * *"]


@every_driver
@pytest.mark.rule("B44", "B45")
def test_jitter_puts_each_tick_off_by_a_second_or_more_and_less_than_itself(driver: str) -> None:
    sim = world(driver, function(TriggerCron("*/10 * * * *", jitter="1m")))

    sim.advance("10h")

    delays = [delay_of(run) for run in sim.runs]
    assert len(delays) == 60
    assert all(1_000 <= delay < 60_000 for delay in delays)
    assert len(set(delays)) > 50


@every_driver
@pytest.mark.rule("B45", "B47")
def test_a_timer_event_tells_the_tick_and_when_it_fires(driver: str) -> None:
    sim = world(driver, function(TriggerCron("*/10 * * * *", jitter="1m")))

    sim.advance("15m")

    event, fired = sim.runs[0].output, moment(sim.runs[0].started_at)
    assert event["id"] == event["data"]["scheduledAt"] == "2030-01-01T00:10:00Z"
    assert event["data"]["fireAt"] == f"{fired:%Y-%m-%dT%H:%M:%SZ}"
    assert event["ts"] == sim.runs[0].started_at


@every_driver
@pytest.mark.rule("B45")
def test_a_jitter_longer_than_the_interval_loses_no_tick(driver: str) -> None:
    sim = world(driver, function(TriggerCron("* * * * *", jitter="5m")))

    sim.advance("20m")

    ticks = [run.output["data"]["scheduledAt"][14:16] for run in sim.runs]
    assert ticks == [f"{minute:02}" for minute in range(1, len(ticks) + 1)]
    assert len(ticks) >= 15


@every_driver
@pytest.mark.rule("B45")
def test_jitter_is_the_same_in_equal_simulations(driver: str) -> None:
    def play() -> list[str]:
        sim = world(driver, function(TriggerCron("*/10 * * * *", jitter="1m")))
        sim.advance("1h")
        return starts(sim)

    assert play() == play()


@every_driver
@pytest.mark.rule("B52")
def test_a_function_that_is_served_again_goes_by_its_new_schedule(driver: str) -> None:
    sim = world(driver, function(TriggerCron("*/10 * * * *")))
    sim.advance("15m")

    serve(function(TriggerCron("30 * * * *")), driver, sim)
    sim.advance("1h")

    assert starts(sim) == ["01 00:10:00", "01 00:30:00"]


@every_driver
@pytest.mark.rule("B52")
def test_a_function_that_is_served_again_does_not_tick_twice(driver: str) -> None:
    sim = world(driver, function(MINUTELY))
    sim.advance("1m")

    serve(function(MINUTELY), driver, sim)
    sim.advance("2m")

    assert starts(sim) == ["01 00:01:00", "01 00:02:00", "01 00:03:00"]


@every_driver
@pytest.mark.rule("B52")
def test_a_function_served_late_does_not_catch_up(driver: str) -> None:
    sim = watch(dwf.Simulation(start=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)))
    sim.advance("3h30m")

    serve(function(HOURLY), driver, sim)
    sim.advance("1h")

    assert starts(sim) == ["01 04:00:00"]


@every_driver
@pytest.mark.rule("B52")
def test_a_function_that_loses_its_schedule_ticks_no_more(driver: str) -> None:
    sim = world(driver, function(MINUTELY))

    serve(function(TriggerEvent("go")), driver, sim)
    sim.advance("5m")

    assert sim.runs == []


@every_driver
@pytest.mark.rule("B41")
def test_a_date_that_never_comes_starts_nothing(driver: str) -> None:
    sim = world(driver, function(TriggerCron("0 0 30 2 *")))

    sim.advance("3650d")

    assert sim.runs == []


@every_driver
def test_a_simulation_of_crons_alone_is_idle(driver: str) -> None:
    sim = world(driver, function(MINUTELY))

    sim.run_until_idle()

    assert sim.runs == []
    assert sim.now.second == 30


@every_driver
def test_crons_tick_while_something_else_goes_on(driver: str) -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.sleep("nap", "150s")

    app = dwf.App("app")
    sleeper = app.create_function(fn_id="sleeper", trigger=TriggerEvent("go"))(handler)
    sim = world(driver, function(MINUTELY), sleeper)
    sim.send("go")

    sim.run_until_idle()

    assert starts(sim) == ["01 00:01:00", "01 00:02:00", "01 00:03:00"]
    assert f"{sim.now:%H:%M:%S}" == "00:03:00"


@every_driver
def test_crons_tick_until_a_condition_holds(driver: str) -> None:
    sim = world(driver, function(HOURLY))

    sim.run_until(lambda: len(sim.runs) == 3)

    assert starts(sim)[:2] == ["01 01:00:00", "01 02:00:00"]
    assert f"{sim.now:%H:%M:%S}" == "03:00:00"


@every_driver
def test_a_condition_that_crons_never_bring_about_uses_up_the_budget(driver: str) -> None:
    at = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    sim = serve(function(HOURLY), driver, start=at, budget=dwf.Budget(virtual="2d"))

    with pytest.raises(dwf.BudgetError, match="virtual time"):
        sim.run_until(lambda: False)


@every_driver
@pytest.mark.rule("B29")
def test_a_function_with_a_schedule_and_an_event_starts_for_both(driver: str) -> None:
    sim = world(driver, function([HOURLY, TriggerEvent("go")]))

    sim.send("go")
    sim.advance("1h")

    assert [run.output["name"] for run in sim.runs] == ["go", "inngest/scheduled.timer"]


@every_driver
def test_a_year_costs_no_more_than_its_ticks(driver: str) -> None:
    sim = world(driver, function(TriggerCron("0 0 1 * *")))

    sim.advance("365d")

    assert len(sim.runs) == 12
