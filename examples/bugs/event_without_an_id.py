"""A step sends an event without an id, and a retry sends it again: the parcel leaves twice."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = dwf.TriggerEvent(event="order/created")
buggy, mended = dwf.App("shop"), dwf.App("shop")
parcels = dwf.Ledger("parcels")


@buggy.create_function(fn_id="sell", trigger=CREATED)
async def sell(ctx: dwf.Context) -> None:
    """The server cannot know that it is the same event."""
    await ctx.step.send_event("tell", dwf.Event("order/sold"))


@mended.create_function(fn_id="sell", trigger=CREATED)
async def sell_once(ctx: dwf.Context) -> None:
    """Within a day, the server takes an id once."""
    name = f"sold {ctx.event.data['id']}"
    await ctx.step.send_event("tell", dwf.Event("order/sold", id=name))


async def ship(ctx: dwf.Context) -> None:
    """Ship once for each event."""
    key = ctx.event.id
    await ctx.step.run("ship", lambda: parcels.call("ship", key=key, value=None))


for app in (buggy, mended):
    app.create_function(fn_id="ship", trigger=dwf.TriggerEvent(event="order/sold"))(ship)
