"""A shop: an order is charged, cools off for a day, waits to be paid, and is shipped."""

from __future__ import annotations

import dwf_sim as dwf
from dwf_sim.demo.orders import mended_shop, naive_shop

naive = naive_shop(dwf.Ledger("stripe"))
mended = mended_shop(dwf.Ledger("stripe"))

delivery = dwf.App("delivery")
parcels = dwf.Ledger("parcels")


@delivery.create_function(
    fn_id="deliver",
    trigger=dwf.TriggerEvent(event="order/shipped"),
    cancel=[dwf.Cancel(event="order/returned", if_exp="event.data.id == async.data.id")],
    timeouts=dwf.Timeouts(finish="2d"),
)
async def deliver(ctx: dwf.Context) -> str:
    """Deliver a parcel an hour after it was shipped, unless it is returned before."""
    await ctx.step.sleep("drive", "1h")
    return await ctx.step.run("hand over", hand_over, ctx.event.data["id"])


def hand_over(parcel: str) -> str:
    """Hand a parcel over."""
    return parcels.call("hand over", key=parcel, value=f"{parcel} is there")
