"""One step looks whether a piece is left and the next one takes it: the last is sold twice."""

from __future__ import annotations

from typing import Any

import inngest

import dwf_sim as dwf

CREATED = inngest.TriggerEvent(event="order/created")
client = inngest.Inngest(app_id="shop-3", is_production=False)
sold: dict[str, int] = {}  # By order; there is one piece.


@client.create_function(fn_id="sell", trigger=CREATED)
async def look_and_sell(ctx: inngest.Context) -> None:
    """What a step has seen is remembered, and no longer true."""
    if await ctx.step.run("look", look):
        await ctx.step.run("take", take, str(ctx.event.data["id"]))


@client.create_function(fn_id="sell", trigger=CREATED)
async def sell(ctx: inngest.Context) -> None:
    """One statement looks and takes."""
    await ctx.step.run("take", take_if_left, str(ctx.event.data["id"]))


async def look() -> bool:
    """Say whether it is left."""
    return not sold


async def take(order: str) -> None:
    """Take it."""
    sold[order] = 1


async def take_if_left(order: str) -> None:
    """Take it if it is left."""
    if not sold:
        sold[order] = 1


def buggy(sim: dwf.Simulation) -> None:
    """Played with two steps."""
    play(sim, look_and_sell)


def mended(sim: dwf.Simulation) -> None:
    """Played with one step."""
    play(sim, sell)


def play(sim: dwf.Simulation, function: Any) -> None:
    """Two customers want the piece, five seconds apart."""
    sold.clear()
    sim.serve((client, [function]))
    sim.always("no piece is sold twice", lambda: len(sold) <= 1)
    sim.send("order/created", {"id": "A"})
    sim.advance("5s")
    sim.send("order/created", {"id": "B"})
