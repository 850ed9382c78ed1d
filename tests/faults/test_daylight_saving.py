"""Clocks that are set over a night in which summer time begins or ends.

That people set their clocks by an hour moves no instant; that a worker's clock is set does move
what is counted from it. Crons go by the engine's clock, and their zones by the engine's tables.
"""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

import dwf_sim as dwf
from dwf_sim import clock
from dwf_sim.model.served import CronTicked

UTC, PARIS = datetime.UTC, ZoneInfo("Europe/Paris")
# Summer time begins and ends in Paris at one o'clock UTC of these nights.
SPRING = datetime.datetime(2030, 3, 31, 1, tzinfo=UTC)
AUTUMN = datetime.datetime(2030, 10, 27, 1, tzinfo=UTC)
BEFORE = datetime.timedelta(hours=10)  # How long before the change a simulation starts.

# By an hour in both directions, at the change itself, before it and after it; and none at all.
JUMPS: list[tuple[dwf.Fault, ...]] = [
    (),
    *((clock.jump(by=by, at=at),) for by in ("1h", "-1h") for at in ("9h", "10h", "10h30m")),
    (clock.jump(by="1h", at="10h"), clock.jump(by="-1h", at="34h")),
]
every_jump = pytest.mark.parametrize("faults", JUMPS, ids=lambda faults: str(dwf.FaultPlan(faults)))
both_ways = pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])


def ticks(cron: str, change: datetime.datetime, faults: tuple[dwf.Fault, ...]) -> list[str]:
    """Say when a cron of Paris ticks in two days around a change, in UTC."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerCron(cron=f"TZ=Europe/Paris {cron}"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("look", lambda: None)

    with dwf.Simulation(start=change - BEFORE, faults=faults).serve(app) as simulation:
        simulation.advance("48h")
    found = [e.at for e in simulation.trace if isinstance(e.record, CronTicked)]
    assert len(simulation.runs) == len(found)
    return [f"{datetime.datetime.fromtimestamp(at / 1000, UTC):%d. %H:%M}" for at in found]


@every_jump
@pytest.mark.rule("B42")
def test_what_is_in_the_gap_of_spring_is_skipped_that_day_and_nothing_else(
    faults: tuple[dwf.Fault, ...],
) -> None:
    assert ticks("30 2 * * *", SPRING, faults) == ["01. 00:30"]
    assert ticks("30 3 * * *", SPRING, faults) == ["31. 01:30", "01. 01:30"]


@every_jump
@pytest.mark.rule("B43")
def test_what_is_in_the_hour_that_autumn_repeats_ticks_twice_and_nothing_else(
    faults: tuple[dwf.Fault, ...],
) -> None:
    assert ticks("30 2 * * *", AUTUMN, faults) == ["27. 00:30", "27. 01:30", "28. 01:30"]
    assert ticks("30 3 * * *", AUTUMN, faults) == ["27. 02:30", "28. 02:30"]


@both_ways
@every_jump
@pytest.mark.rule("B42", "B43")
def test_a_cron_of_every_hour_ticks_each_hour_once(
    change: datetime.datetime, faults: tuple[dwf.Fault, ...]
) -> None:
    start = change - BEFORE
    hours = [start + datetime.timedelta(hours=nth) for nth in range(1, 49)]

    assert ticks("0 * * * *", change, faults) == [f"{hour:%d. %H:%M}" for hour in hours]


def slept(until: object, change: datetime.datetime, faults: tuple[dwf.Fault, ...]) -> float:
    """Say how many hours a sleep lasts that begins half an hour before a change."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        if isinstance(until, datetime.datetime):
            await ctx.step.sleep_until("nap", until)
        else:
            assert callable(until)
            await ctx.step.sleep_until("nap", until())

    simulation = dwf.Simulation(start=change - BEFORE, faults=faults).serve(app)
    simulation.advance("9h30m")
    run = simulation.send("go").run
    simulation.run_until_idle()
    assert run.ended_at is not None
    return (run.ended_at - run.scheduled_at) / 3_600_000


@both_ways
@every_jump
@pytest.mark.rule("A93", "A95")
def test_a_sleep_until_an_instant_ends_at_that_instant_of_the_engine(
    change: datetime.datetime, faults: tuple[dwf.Fault, ...]
) -> None:
    noon = datetime.datetime(change.year, change.month, change.day, 12, tzinfo=PARIS)
    hours = (noon.astimezone(UTC) - change).total_seconds() / 3600 + 0.5

    assert hours == (9.5 if change is SPRING else 10.5)
    assert slept(noon, change, faults) == hours


@both_ways
@pytest.mark.rule("A93")
@pytest.mark.parametrize("by", [1, -1])
def test_a_sleep_that_is_counted_from_a_clock_that_was_set_before_is_off_by_so_much(
    change: datetime.datetime, by: int
) -> None:
    def in_a_day() -> datetime.datetime:
        return datetime.datetime.now(UTC) + datetime.timedelta(hours=24)

    before = clock.jump(by=f"{by}h", at="9h")
    after = clock.jump(by=f"{by}h", at="10h")

    assert slept(in_a_day, change, (before,)) == 24 + by
    assert slept(in_a_day, change, (after,)) == 24


@pytest.mark.rule("A95")
def test_a_time_of_the_hour_that_is_repeated_means_what_its_fold_says() -> None:
    first = datetime.datetime(2030, 10, 27, 2, 30, tzinfo=PARIS)

    assert slept(first, AUTUMN, ()) == 0.0  # Half past two by the summer's clock is now.
    assert slept(first.replace(fold=1), AUTUMN, ()) == 1.0
