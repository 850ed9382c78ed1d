"""Records tell what a check needs to know, so that none has to look into the engine."""

from __future__ import annotations

import dwf_sim as dwf
from dwf_sim.model.records import EventReceived, ResponseReceived, RunCancelling, StepStarted
from dwf_sim.model.served import CronTicked, FunctionServed
from tests.drivers.stage import every_driver, serve


def shop() -> dwf.App:
    """An app with one setting of each kind that a record tells of."""
    app = dwf.App("shop")

    @app.create_function(
        fn_id="order",
        trigger=[
            dwf.TriggerEvent(event="order", expression="event.data.n > 0"),
            dwf.TriggerCron(cron="0 * * * *"),
        ],
        retries=2,
        cancel=[dwf.Cancel("stop", match="data.n", timeout="1h")],
        concurrency=[dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key="event.data.n")],
        throttle=dwf.Throttle(limit=3, period="1m", burst=2),
        rate_limit=dwf.RateLimit(limit=4, period="2m", key="event.data.n"),
        debounce=dwf.Debounce(period="1s", timeout="9s"),
        singleton=dwf.Singleton(mode="skip"),
    )
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("work", lambda: None)
        await ctx.step.sleep("nap", "10m")

    return app


def test_a_function_is_served_with_its_settings() -> None:
    simulation = dwf.Simulation().serve(shop())

    assert simulation.trace.of(FunctionServed) == [
        FunctionServed(
            "shop-order",
            attempts_max=3,
            triggers=(("order", "event.data.n > 0"),),
            crons=(("0 * * * *", 0),),
            cancel=(("stop", "event.data.n == async.data.n", 3_600_000),),
            concurrency=((2, None, None), (1, "event.data.n", None)),
            throttle=(3, 60_000, 2, None),
            rate_limit=(4, 120_000, "event.data.n"),
            debounce=(1000, None, 9000),
            singleton=("skip", None),
        )
    ]


@every_driver
def test_ticks_events_requests_and_cancellations_say_what_they_are_about(driver: str) -> None:
    simulation = serve(shop(), driver)
    simulation.send("order", {"n": 7})
    simulation.advance("2s")
    (stop,) = simulation.send("stop", {"n": 7}).ids
    simulation.advance("1h")

    trace = simulation.trace
    (tick,) = trace.of(CronTicked)
    assert (tick.function, tick.tick) == ("shop-order", simulation.start_ms + 3_600_000)
    assert [event.data for event in trace.of(EventReceived)][:2] == ['{"n":7}', '{"n":7}']
    assert [record.event for record in trace.of(RunCancelling)] == [stop]
    assert [record.number for record in trace.of(StepStarted)][:1] == [1]


@every_driver
def test_the_data_of_events_about_runs_stays_out_of_the_trace(driver: str) -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=3)
    async def f(ctx: dwf.Context) -> None:
        raise dwf.NonRetriableError("no")

    simulation = serve(app, driver)
    run = simulation.send("go").run
    simulation.run_until_idle()

    about = [event for event in simulation.trace.of(EventReceived) if event.about is not None]
    assert [event.data for event in about] == ["{}", "{}"]
    assert {event.about for event in about} == {run.id}
    assert [answer.is_final for answer in simulation.trace.of(ResponseReceived)] == [True]


def test_a_long_field_is_shown_shortened_and_hashed_whole() -> None:
    def played(last: str) -> dwf.Simulation:
        simulation = dwf.Simulation()
        simulation.send("go", {"text": "x" * 1000 + last})
        return simulation

    one, other = played("1"), played("2")

    assert max(len(str(entry)) for entry in one.trace) < 500
    assert one.trace.digest() != other.trace.digest()
