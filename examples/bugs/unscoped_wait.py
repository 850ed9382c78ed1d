"""An order waits for a payment, and takes that of any other order."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [
    (0, "order/created", {"id": "A"}),
    ("1h", "order/paid", {"id": "A"}),
    ("2h", "order/created", {"id": "B"}),
    ("3h", "order/paid", {"id": "B"}),
]
CREATED = dwf.TriggerEvent(event="order/created")
buggy, mended = dwf.App("shop"), dwf.App("shop")


@buggy.create_function(fn_id="sell", trigger=CREATED)
async def sell(ctx: dwf.Context) -> str:
    """Whose payment it is, is not asked."""
    payment = await ctx.step.wait_for_event("payment", event="order/paid", timeout="3d")
    return ship(ctx, payment)


@mended.create_function(fn_id="sell", trigger=CREATED)
async def sell_what_is_paid(ctx: dwf.Context) -> str:
    """The payment has to be of the same order."""
    same = "event.data.id == async.data.id"
    payment = await ctx.step.wait_for_event(
        "payment", event="order/paid", if_exp=same, timeout="3d"
    )
    return ship(ctx, payment)


def ship(ctx: dwf.Context, payment: dwf.Event | None) -> str:
    """Ship what was paid for."""
    if payment is None:
        return "not paid"
    own = payment.data["id"] == ctx.event.data["id"]
    dwf.always("an order is shipped for its own payment", own)
    return "shipped"
