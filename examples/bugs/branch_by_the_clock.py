"""The time of day decides outside of steps which step comes next, and goes on between entries."""

from __future__ import annotations

import datetime
from typing import Any

import inngest

import dwf_sim as dwf

CREATED = inngest.TriggerEvent(event="order/created")
client = inngest.Inngest(app_id="shop-6", is_production=False)


@client.create_function(fn_id="ship", trigger=CREATED)
async def ship(ctx: inngest.Context) -> None:
    """Just before noon, one entry may ask for a van, and the next for a train."""
    is_morning = datetime.datetime.now(datetime.UTC).hour < 12
    await ctx.step.run("van" if is_morning else "train", book)
    await ctx.step.run("tell", book)


@client.create_function(fn_id="ship", trigger=CREATED)
async def ship_as_decided(ctx: inngest.Context) -> None:
    """It is decided once, in a step."""
    is_morning = await ctx.step.run("look at the clock", look)
    await ctx.step.run("van" if is_morning else "train", book)
    await ctx.step.run("tell", book)


async def look() -> bool:
    """Say whether it is morning."""
    return datetime.datetime.now(datetime.UTC).hour < 12


async def book() -> None:
    """Book it."""


def buggy(sim: dwf.Simulation) -> None:
    """Played with the clock in the handler."""
    play(sim, ship)


def mended(sim: dwf.Simulation) -> None:
    """Played with the clock in a step."""
    play(sim, ship_as_decided)


def play(sim: dwf.Simulation, function: Any) -> None:
    """Send an order a few seconds before noon."""
    sim.serve((client, [function]))
    noon = sim.now.replace(hour=12, minute=0, second=0, microsecond=0)
    sim.advance(noon - sim.now - datetime.timedelta(seconds=5))
    sim.send("order/created")
