"""Stats: who was kept waiting by flow control, and how many were at work."""

from __future__ import annotations

import asyncio

import dwf_sim as dwf


def tenants(**settings: object) -> dwf.Simulation:
    """Serve a function whose step takes ten seconds, to a big tenant and then to a small one."""
    app = dwf.App("shop")

    async def work() -> None:
        await asyncio.sleep(10)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), **settings)  # type: ignore[arg-type]  # Each test gives its own.
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", work)

    sim = dwf.Simulation().serve(app)
    for tenant in ("big", "big", "big", "big", "small"):
        sim.send("go", {"tenant": tenant})
    sim.run_until_idle()
    return sim


BIG, SMALL = (f"concurrency of shop-f: event.data.tenant = {tenant}" for tenant in ("big", "small"))


def test_a_limit_for_all_makes_the_small_tenant_wait_for_the_big_one() -> None:
    sim = tenants(concurrency=1)

    figures = sim.stats()["shop-f"]

    assert figures.queued_ms == (0, 10_000, 20_000, 30_000, 40_000)
    assert figures.queued_ms_at(0.5) == 20_000
    assert figures.queued_ms_at(1) == 40_000
    assert figures.in_flight_max == 1
    assert figures.in_flight_mean == 1.0


def test_a_limit_for_each_key_does_not() -> None:
    sim = tenants(concurrency=dwf.Concurrency(limit=1, key="event.data.tenant"))

    stats = sim.stats()

    assert stats[BIG].queued_ms == (0, 10_000, 20_000, 30_000)
    assert stats[SMALL].queued_ms == (0,)
    assert (stats[BIG].in_flight_max, stats["shop-f"].in_flight_max) == (1, 2)
    assert stats["shop-f"].in_flight_mean == 50 / 40


def test_runs_that_never_started_are_counted_as_waiting() -> None:
    sim = tenants(concurrency=1, timeouts=dwf.Timeouts(start="15s"))

    figures = sim.stats()["shop-f"]

    assert (figures.runs, figures.not_started) == (5, 3)
    assert figures.queued_ms == (0, 10_000, 15_001, 15_001, 15_001)


def test_the_figures_are_printed_as_a_table() -> None:
    sim = tenants(concurrency=dwf.Concurrency(limit=1, key="event.data.tenant"))

    lines = str(sim.stats()).splitlines()

    head = "key runs not started queued: median 95 % max in flight: mean max"
    assert " ".join(lines[0].split()) == head
    assert lines[2].startswith(BIG)
    assert lines[2].split()[-7:] == ["4", "0", "10s", "30s", "30s", "1.00", "1"]
    assert len({len(line) for line in lines}) == 1


def test_a_simulation_in_which_nothing_happened_has_no_figures() -> None:
    assert len(dwf.Simulation().stats()) == 0
