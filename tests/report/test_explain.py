"""Explanations: each decision of flow control can be read as a sentence."""

from __future__ import annotations

import asyncio

import pytest

import dwf_sim as dwf


async def slow() -> None:
    """A step's body of four seconds."""
    await asyncio.sleep(4)


def shop(**settings: object) -> dwf.Simulation:
    """Serve a function of one slow step under these settings."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), **settings)  # type: ignore[arg-type]  # Each test gives its own.
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", slow)

    return dwf.Simulation().serve(app)


def test_a_run_that_was_not_held_up_started_at_once() -> None:
    sim = shop()

    run = sim.send("go").run
    sim.run_until_idle()

    assert sim.explain(run).splitlines() == [
        "Run shop-f#1 was scheduled at 2030-01-01T00:00:00.000Z.",
        "Its first request was sent at once.",
        "It ended at 2030-01-01T00:00:04.000Z: completed.",
    ]


def test_each_gate_that_held_a_run_up_is_named_with_key_and_numbers() -> None:
    limit = dwf.Concurrency(limit=1, key="event.data.t")
    throttle = dwf.Throttle(limit=1, period="10s", burst=0, key="event.data.t")
    sim = shop(concurrency=limit, throttle=throttle)

    sim.send("go", {"t": "a"})
    second = sim.send("go", {"t": "a"}).run
    sim.run_until_idle()

    assert sim.explain(second).splitlines() == [
        "Run shop-f#2 was scheduled at 2030-01-01T00:00:00.000Z.",
        "It has to wait: concurrency: 1 of 1 are in flight "
        "(concurrency of shop-f: event.data.t = a).",
        "It has to wait: throttle: 1 in 10s with a burst of 0 "
        "(throttle of shop-f: event.data.t = a); the next start is at 2030-01-01T00:00:10.000Z.",
        "Its first request was sent 10s later, at 2030-01-01T00:00:10.000Z.",
        "It ended at 2030-01-01T00:00:14.000Z: completed.",
    ]


def test_a_run_still_in_the_queue_says_so() -> None:
    sim = shop(concurrency=1)

    sim.send("go")
    second = sim.send("go").run

    assert sim.explain(second).splitlines()[1:] == [
        "It has to wait: concurrency: 1 of 1 are in flight (concurrency of shop-f).",
        "It has not started.",
    ]


def test_a_start_in_the_future_is_told() -> None:
    sim = shop()

    run = sim.send(dwf.Event("go", ts=sim.now_ms + 60_000)).run

    assert "to start at 2030-01-01T00:01:00.000Z at the earliest" in sim.explain(run)


EVENTS: list[tuple[dict[str, object], str]] = [
    (
        {"rate_limit": dwf.RateLimit(limit=1, period="1h")},
        "rate limit: 1 in 1h, of which 1 may come at once",
    ),
    ({"idempotency": "event.data.t"}, "rate limit: idempotency: a run with event.data.t = 'a'"),
    ({"singleton": dwf.Singleton(mode="skip")}, "singleton: run 01"),
    ({"debounce": dwf.Debounce(period="1m")}, "held it back to 2030-01-01T00:01:00.000Z: debounce"),
    ({"batch_events": dwf.Batch(max_size=9, timeout="1m")}, "2 of 9 events (no key)"),
]


@pytest.mark.parametrize(("settings", "words"), EVENTS)
def test_an_event_that_started_nothing_says_why(settings: dict[str, object], words: str) -> None:
    sim = shop(**settings)

    sim.send("go", {"t": "a"})
    second = sim.send("go", {"t": "a"})

    assert words in sim.explain(second)
    assert words in sim.explain(sim.events[-1])


def test_an_event_nobody_took_says_so() -> None:
    sim = shop()

    sent = sim.send("misspelt")

    assert sim.explain(sent.ids[0]).splitlines() == [
        "'misspelt' was received at 2030-01-01T00:00:00.000Z.",
        "Nobody took it: no trigger and no wait matched it.",
    ]


def test_a_newer_event_that_takes_the_place_of_another_is_named() -> None:
    sim = shop(debounce=dwf.Debounce(period="1m"))

    first, second = sim.send("go"), sim.send("go")
    sim.run_until_idle()

    assert f"debounce: event {second.ids[0]} is newer" in sim.explain(first)
    assert "shop-f started run shop-f#1 for it." in sim.explain(second)


def test_what_is_neither_run_nor_event_is_refused() -> None:
    sim = shop()

    with pytest.raises(dwf.UsageError, match="explain was given 'x'; it takes a run"):
        sim.explain("x")


def test_a_fault_and_the_retry_after_it_are_told() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("one", lambda: 1)
        raise ValueError("no")

    sim = dwf.Simulation(faults=[dwf.crash.after_effect("one")]).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    told = sim.explain(run).splitlines()
    assert told[2:4] == [
        "A fault struck it at 2030-01-01T00:00:00.000Z: kill the worker after `one` returned and "
        "before it was recorded.",
        "Attempt 0 of the handler failed at 2030-01-01T00:00:00.000Z (Unable to reach SDK URL); "
        "the next was due at 2030-01-01T00:00:15.000Z or later.",
    ]
    assert told[-1].startswith("It ended at ")
    assert ": failed, with " in told[-1]
    assert "ValueError" in told[-1]


def test_an_event_that_was_waited_for_says_by_whom() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.wait_for_event("paid", event="order/paid", timeout="1d")

    sim = dwf.Simulation().serve(app)
    sim.send("go")
    sim.advance("1h")
    sent = sim.send("order/paid")
    sim.run_until_idle()

    assert sim.explain(sent).splitlines()[1:] == ["It is what step paid of run a-f#1 waited for."]
