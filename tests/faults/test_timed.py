"""Faults that strike by the clock: clocks that are set, new versions, and paused functions."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim import clock, deploy, functions, timers
from dwf_sim.model.records import FaultStruck
from tests.drivers.stage import every_driver, servable, serve

HOUR = 3_600_000


def sleeper(log: list[object] | None = None, last: str = "end") -> dwf.App:
    """Serve a function that looks at its clocks before and after a sleep of ten hours."""
    app = dwf.App("a")
    seen = [] if log is None else log

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> str:
        def look() -> None:
            wall = datetime.datetime.now(datetime.UTC).timestamp()
            seen.append((round(wall), round(time.time()), round(time.monotonic())))

        await ctx.step.run("begin", look)
        await ctx.step.sleep("nap", "10h")
        await ctx.step.run(last, look)
        return last

    return app


def run(app: dwf.App, *faults: dwf.Fault, driver: str = "native") -> dwf.Simulation:
    sim = serve(app, driver, faults=faults)
    sim.send("go")
    sim.run_until_idle()
    return sim


def struck_at(sim: dwf.Simulation) -> list[tuple[str, int]]:
    return [
        (entry.record.site, entry.at - sim.start_ms)
        for entry in sim.trace
        if isinstance(entry.record, FaultStruck)
    ]


@every_driver
@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_shows_in_user_code_and_counting_goes_on(
    driver: str, hours: int
) -> None:
    log: list[object] = []

    sim = run(sleeper(log), clock.jump(by=hours * HOUR, at="2h"), driver=driver)

    start = sim.start_ms // 1000
    end = start + 36_000
    shown = end + hours * 3600
    assert log == [(start, start, start), (shown, shown, end)]
    assert struck_at(sim) == [("//0/clock", 2 * HOUR)]
    assert sim.now_ms == sim.start_ms + 10 * HOUR


@every_driver
@pytest.mark.rule("A93")
def test_a_sleep_lasts_longer_when_the_worker_is_ahead(driver: str) -> None:
    sim = run(sleeper(), clock.skew(by="1h"), driver=driver)

    assert sim.now_ms == sim.start_ms + 11 * HOUR
    assert struck_at(sim) == [("//0/clock", 0)]


def test_the_real_clock_is_back_afterwards() -> None:
    before = time.monotonic()
    run(sleeper(), clock.skew(by="1h"))

    assert 0 <= time.monotonic() - before < 60


@every_driver
def test_an_event_that_user_code_sends_bears_the_time_of_its_worker(driver: str) -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.send_event("send", dwf.Event("sent"))

    sim = run(app, clock.skew(by="-1h"), driver=driver)

    stamps = {event.name: event.ts - sim.start_ms for event in sim.events}
    assert (stamps["go"], stamps["sent"]) == (0, -HOUR)


@every_driver
@pytest.mark.rule("A11", "A13")
def test_runs_go_on_with_the_new_code_and_keep_their_memos(driver: str) -> None:
    log: list[object] = []

    version = servable(sleeper(log, last="other"), driver)
    sim = run(sleeper(log), deploy.new_version(version, at="5h"), driver=driver)

    (went_on,) = sim.runs
    assert went_on.output == "other"
    assert len(log) == 2  # What was done before the deploy is not done again.
    assert struck_at(sim) == [("//0/deploy", 5 * HOUR)]


def renamed() -> dwf.App:
    """Give another version of `sleeper`, whose first step has another id."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> str:
        return await ctx.step.run("start", lambda: "anew")

    return app


later = renamed()


@every_driver
@pytest.mark.rule("A11", "A13")
def test_a_step_whose_id_has_changed_is_run(driver: str) -> None:
    version = servable(later, driver)
    sim = run(sleeper(), deploy.new_version(version, at="5h"), driver=driver)

    (went_on,) = sim.runs
    assert went_on.output == "anew"
    assert (went_on.steps["start"].executions, went_on.steps["begin"].executions) == (1, 1)


def test_a_version_may_be_given_by_where_it_is() -> None:
    sim = run(sleeper(), deploy.new_version(f"{__name__}:later", at="5h"))

    (went_on,) = sim.runs
    assert went_on.output == "anew"


@every_driver
def test_a_simulation_can_be_told_to_serve_other_code(driver: str) -> None:
    sim = serve(sleeper(), driver)
    sim.send("go")
    sim.advance("1h")

    sim.deploy(servable(later, driver)).run_until_idle()

    assert [run.output for run in sim.runs] == ["anew"]


@every_driver
@pytest.mark.rule("B134")
def test_a_function_stands_still_while_it_is_paused(driver: str) -> None:
    sim = run(sleeper(), functions.pause("a-f", at="9h", for_="3h"), driver=driver)

    assert [run.status for run in sim.runs] == ["completed"]
    assert sim.now_ms == sim.start_ms + 12 * HOUR
    assert struck_at(sim) == [("/a-f/0/function", 9 * HOUR)]


def test_a_pause_of_a_function_that_is_never_served_has_not_struck() -> None:
    fault = functions.pause("a-g")

    sim = run(sleeper(), fault)

    assert (list(sim.unstruck), struck_at(sim)) == ([fault], [])
    assert "no function 'a-g' was served; the functions were a-f" in repr(sim.unstruck)


def test_a_pause_waits_until_its_function_is_served() -> None:
    sim = dwf.Simulation(faults=[functions.pause("a-f", at="1h", for_="30m")])
    sim.advance("2h")
    sim.serve(sleeper())
    first = sim.send("go")
    sim.advance("1h")
    second = sim.send("go")
    sim.advance("1m")

    assert struck_at(sim) == [("/a-f/0/function", 2 * HOUR)]
    assert (len(first.runs), len(second.runs)) == (0, 1)


def test_the_end_of_a_faults_pause_leaves_the_users_own() -> None:
    sim = dwf.Simulation(faults=[functions.pause("a-f", for_="1h")]).serve(sleeper())
    sim.pause("a-f")
    sim.advance("2h")

    assert sim.send("go").runs == []
    sim.resume("a-f")
    assert len(sim.send("go").runs) == 1


def test_two_pauses_of_faults_that_overlap_last_until_both_are_over() -> None:
    pauses = [functions.pause("a-f", for_="2h"), functions.pause("a-f", at="1h", for_="2h")]
    sim = dwf.Simulation(faults=pauses).serve(sleeper())
    sim.advance("150m")
    during = sim.send("go")
    sim.advance("1h")

    assert (during.runs, len(sim.send("go").runs)) == ([], 1)


def test_a_user_ends_a_pause_whoever_began_it() -> None:
    sim = dwf.Simulation(faults=[functions.pause("a-f", for_="2h")]).serve(sleeper())
    sim.advance("1h")
    sim.resume("a-f")
    after = sim.send("go")
    sim.pause("a-f")
    sim.advance("2h")

    assert (len(after.runs), sim.send("go").runs) == (1, [])


def test_a_fault_can_be_put_in_force_while_time_goes_on() -> None:
    sim = dwf.Simulation().serve(sleeper())
    sim.send("go")
    sim.advance("3h")

    sim.inject(clock.jump(by="1h", at="1h"))
    sim.inject(functions.pause("a-f", at="9h", for_="3h"))
    sim.run_until_idle()

    assert [at for _, at in struck_at(sim)] == [3 * HOUR, 9 * HOUR]
    assert sim.unstruck == ()


def test_a_fault_by_chance_may_not_strike() -> None:
    sim = run(sleeper(), clock.jump(by="1h", at="1h", chance=0.0))

    assert (struck_at(sim), len(sim.unstruck)) == ([], 1)


def test_nobody_waits_for_a_fault() -> None:
    sim = run(sleeper(), clock.jump(by="1h", at="30d"))

    assert sim.now_ms == sim.start_ms + 10 * HOUR


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (clock.skew(by="-5m"), "set the workers' clock backwards by 5m"),
        (
            clock.jump(by="1h", at="2h"),
            "set the workers' clock forwards by 1h, 2h after the start",
        ),
        (
            deploy.new_version("shop.later:app", at="1h"),
            "deploy shop.later:app, 1h after the start",
        ),
        (functions.pause("shop-f"), "pause shop-f for good"),
        (
            functions.pause("shop-f", at="1h", for_="5s", chance=0.5),
            "pause shop-f for 5s, 1h after the start, with a chance of 50%",
        ),
    ],
)
def test_they_read_as_sentences(fault: dwf.Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: clock.skew(by=0), "by is 0 ms; a clock is set"),
        (lambda: clock.jump(by="1h", at="-1h"), "at is -3600000 ms; it is counted from"),
        (lambda: deploy.new_version("later", at=0), "version is 'later'; it is an app"),
        (lambda: functions.pause(""), "function of a fault is ''"),
        (lambda: functions.pause("f", for_=0), "for_ is 0 ms; a pause lasts"),
        (lambda: dwf.Simulation().deploy("no.such:app"), "'no.such:app', and that cannot be"),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        make()


@every_driver
@pytest.mark.parametrize(
    ("fault", "hours"),
    [
        (timers.late("nap", by="2h"), 12),
        (timers.late(by="2h", times=None), 12),
        (timers.late("other", by="2h"), 10),
        (timers.late("", by="2h"), 10),
    ],
)
@pytest.mark.rule("A90")
def test_a_late_timer_has_a_sleep_last_longer(driver: str, fault: dwf.Fault, hours: int) -> None:
    sim = run(sleeper(), fault, driver=driver)

    assert sim.now_ms - sim.start_ms == hours * HOUR
    assert [site for site, _ in struck_at(sim)] == (["a-f#1/nap/0/timer"] if hours == 12 else [])


@every_driver
def test_a_late_timer_of_a_cron_has_the_run_start_late(driver: str) -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="tick", trigger=dwf.TriggerCron(cron="0 * * * *"))
    async def tick(ctx: dwf.Context) -> None: ...

    sim = serve(app, driver, faults=[timers.late("", by="10m")])
    sim.advance("2h10m")

    minutes = [(run.started_at - sim.start_ms) // 60_000 for run in sim.runs if run.started_at]
    assert minutes == [70, 120]


@every_driver
def test_what_comes_while_a_timer_is_late_is_due_at_once(driver: str) -> None:
    app = dwf.App("a")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        batch_events=dwf.Batch(max_size=3, timeout="4s"),
    )
    async def f(ctx: dwf.Context) -> int:
        return len(ctx.events)

    sim = serve(app, driver, faults=[timers.late("", by="1m")])
    for _ in range(2):
        sim.send("go")
        sim.advance("30s")
    sim.run_until_idle()

    assert [run.output for run in sim.runs] == [2]
