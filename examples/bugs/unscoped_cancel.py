"""A run is cancelled by any order that is cancelled, since the condition lacks whose it is."""

from __future__ import annotations

import datetime
from typing import Any

import inngest

import dwf_sim as dwf

CREATED = inngest.TriggerEvent(event="order/created")
ANY = inngest.Cancel(event="order/cancelled")
SAME = inngest.Cancel(event="order/cancelled", if_exp="event.data.id == async.data.id")
client = inngest.Inngest(app_id="shop-5", is_production=False)
delivered: dict[str, int] = {}  # By order.


@client.create_function(fn_id="deliver", trigger=CREATED, cancel=[ANY])
async def deliver_unless_any_is_cancelled(ctx: inngest.Context) -> None:
    """One customer's change of mind stops the parcels of all."""
    await drive(ctx)


@client.create_function(fn_id="deliver", trigger=CREATED, cancel=[SAME])
async def deliver(ctx: inngest.Context) -> None:
    """Only the same order is meant."""
    await drive(ctx)


async def drive(ctx: inngest.Context) -> None:
    """Deliver in an hour."""
    await ctx.step.sleep("drive", datetime.timedelta(hours=1))
    await ctx.step.run("hand over", hand_over, str(ctx.event.data["id"]))


async def hand_over(order: str) -> None:
    """Hand the parcel over."""
    delivered[order] = 1


def buggy(sim: dwf.Simulation) -> None:
    """Played with a cancellation for all."""
    play(sim, deliver_unless_any_is_cancelled)


def mended(sim: dwf.Simulation) -> None:
    """Played with a cancellation for each."""
    play(sim, deliver)


def play(sim: dwf.Simulation, function: Any) -> None:
    """Deliver A, and later cancel B."""
    delivered.clear()
    sim.serve((client, [function]))
    sim.eventually("A is delivered", lambda: "A" in delivered)
    sim.send("order/created", {"id": "A"})
    sim.advance("2h")
    sim.send("order/created", {"id": "B"})
    sim.advance("30m")
    sim.send("order/cancelled", {"id": "B"})
