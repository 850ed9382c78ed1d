"""Bodies of steps that are in flight together interleave at their awaits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_driver, serve


def shop_with_counter(stock: dict[str, int]) -> dwf.App:
    """An app whose step reads a value, awaits, and writes it back."""
    app = dwf.App("shop")

    @app.create_function(fn_id="reserve", trigger=dwf.TriggerEvent(event="order"))
    async def reserve(ctx: dwf.Context) -> int:
        async def take() -> int:
            seen = stock["left"]
            await asyncio.sleep(0)
            stock["left"] = seen - 1
            return seen

        await ctx.step.run("think", lambda: None)
        return await ctx.step.run("take", take)

    return app


def left_after_two_orders(seed: int) -> int:
    """Send two orders a little apart, under random latency and interleaving."""
    stock = {"left": 10}
    simulation = dwf.Simulation(
        seed, interleave="random", latency=dwf.Latency(request=(0, 3))
    ).serve(shop_with_counter(stock))
    simulation.send("order")
    simulation.advance(1)
    simulation.send("order")
    simulation.run_until_idle()
    assert [run.status for run in simulation.runs] == ["completed", "completed"]
    return stock["left"]


def test_a_lost_update_shows_up_under_some_seed_and_always_under_that_seed() -> None:
    left = {seed: left_after_two_orders(seed) for seed in range(50)}

    losing = [seed for seed, value in left.items() if value == 9]

    assert losing, "two runs never met between read and write"
    assert set(left.values()) == {8, 9}, "under other seeds they do not meet"
    assert all(left_after_two_orders(seed) == 9 for seed in losing[:5])


def test_steps_that_sleep_take_turns_in_virtual_time() -> None:
    app, order = dwf.App("a"), []

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        async def body(name: str, pause: float) -> None:
            for turn in range(2):
                order.append(f"{name}{turn}")
                await asyncio.sleep(pause)

        await asyncio.gather(
            ctx.step.run("slow", body, "slow", 3), ctx.step.run("fast", body, "fast", 1)
        )

    simulation = dwf.Simulation().serve(app)
    simulation.send("go")
    simulation.run_until_idle()

    assert order == ["slow0", "fast0", "fast1", "slow1"]
    assert simulation.now_ms - simulation.start_ms == 6000


@every_driver
def test_a_lock_of_the_module_is_shared_by_the_runs_of_a_simulation(driver: str) -> None:
    app, lock, inside, worst = dwf.App("a"), asyncio.Lock(), [0], [0]

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        async def body() -> None:
            async with lock:
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
                await asyncio.sleep(1)
                inside[0] -= 1

        await ctx.step.run("locked", body)

    simulation = serve(app, driver)
    for _ in range(3):
        simulation.send("go")
    simulation.run_until_idle()

    assert [run.status for run in simulation.runs] == ["completed"] * 3
    assert worst == [1]


def test_an_unknown_way_to_interleave_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="'fifo', 'random', or a function"):
        dwf.Simulation(interleave="sometimes")


def test_a_function_says_which_goes_next() -> None:
    def order(interleave: Any) -> list[int]:
        seen: list[int] = []
        app = dwf.App("a")

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def f(ctx: dwf.Context) -> None:
            await ctx.step.run("note", lambda: seen.append(ctx.event.data["n"]))

        simulation = dwf.Simulation(interleave=interleave).serve(app)
        for n in range(3):
            simulation.send("go", {"n": n})
        simulation.run_until_idle()
        return seen

    assert order(lambda _: 0) == order("fifo") == [0, 1, 2]
    assert order(lambda ready: len(ready) - 1) == [2, 1, 0]


def test_a_callback_cancelled_at_the_last_moment_does_not_hang_its_request() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> str:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(ctx.step.run("one", lambda: 1))
        await asyncio.sleep(0)
        loop.call_soon(print, "never").cancel()
        return f"{await task}"

    simulation = dwf.Simulation().serve(app)
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.output == "1"
    assert simulation.now_ms == simulation.start_ms
