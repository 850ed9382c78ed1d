"""Two runs read a row, wait for the database, and write it back: one of the updates is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import dwf_sim as dwf

Row = dict[str, tuple[str, ...]]


def buggy(sim: dwf.Simulation) -> None:
    """What has changed in between is overwritten."""

    async def take(row: Row, order: str) -> None:
        orders = row["orders"]
        await asyncio.sleep(1)  # The database takes its time.
        if order not in orders:
            row["orders"] = (*orders, order)

    play(sim, take)


def mended(sim: dwf.Simulation) -> None:
    """It is written only if it is what was read, as UPDATE … WHERE version = … does."""

    async def take(row: Row, order: str) -> None:
        while order not in (orders := row["orders"]):
            await asyncio.sleep(1)
            if row["orders"] is orders:
                row["orders"] = (*orders, order)

    play(sim, take)


def play(sim: dwf.Simulation, take: Callable[[Row, str], Awaitable[None]]) -> None:
    """Take two orders, a minute apart."""
    row: Row = {"orders": ()}
    app = dwf.App("shop")

    @app.create_function(fn_id="take", trigger=dwf.TriggerEvent(event="order/created"))
    async def take_order(ctx: dwf.Context) -> None:
        await ctx.step.run("take", take, row, ctx.event.data["id"])

    sim.serve(app)
    sim.eventually("both are taken", lambda: set(row["orders"]) == {"A", "B"})
    sim.send("order/created", {"id": "A"})
    sim.advance("1m")
    sim.send("order/created", {"id": "B"})
