"""A wait that times out gives None, and the function reads the data of it."""

from __future__ import annotations

import datetime

import inngest

EVENTS = [(0, "order/created", {"id": "A"}), ("10m", "order/paid", {"id": "A", "amount": 5})]
CREATED = inngest.TriggerEvent(event="order/created")
HOUR = datetime.timedelta(hours=1)
client = inngest.Inngest(app_id="shop-4", is_production=False)


@client.create_function(fn_id="sell", trigger=CREATED)
async def buggy(ctx: inngest.Context) -> str:
    """Whoever pays later than in an hour lets the run fail."""
    paid = await ctx.step.wait_for_event("paid", event="order/paid", timeout=HOUR)
    return f"paid {paid.data['amount']}"


@client.create_function(fn_id="sell", trigger=CREATED)
async def mended(ctx: inngest.Context) -> str:
    """Not to be paid is an outcome as well."""
    paid = await ctx.step.wait_for_event("paid", event="order/paid", timeout=HOUR)
    return "not paid" if paid is None else f"paid {paid.data['amount']}"
