"""The order workflow: charge a card, cool off for a day, wait for `order/paid`, ship.

`naive_shop` charges without an idempotency key: a worker that dies after the charge and before
it is remembered charges again. `mended_shop` gives the order's id as the key.
"""

from __future__ import annotations

from typing import Any

import dwf_sim as dwf

Json = dict[str, Any]


def naive_shop(stripe: dwf.Ledger) -> dwf.App:
    """Build the shop that charges without a key."""
    return _shop(stripe, has_key=False)


def mended_shop(stripe: dwf.Ledger) -> dwf.App:
    """Build the shop that charges with the order's id as idempotency key."""
    return _shop(stripe, has_key=True)


def _shop(stripe: dwf.Ledger, *, has_key: bool) -> dwf.App:
    app = dwf.App("shop")

    def charge_card(order: Json) -> Json:
        key = str(order["orderId"]) if has_key else None
        return stripe.call("charge", key=key, value={"amount": order["total"]})

    def ship(order: Json) -> str:
        return f"parcel for {order['orderId']}"

    @app.create_function(fn_id="process-order", trigger=dwf.TriggerEvent(event="order/created"))
    async def process_order(ctx: dwf.Context) -> Json:
        order = dict(ctx.event.data)
        charge = await ctx.step.run("charge", charge_card, order)
        await ctx.step.sleep("cool-off", "1d")
        paid = await ctx.step.wait_for_event(
            "paid", event="order/paid", match="data.orderId", timeout="7d"
        )
        if paid is None:
            return {"charge": charge, "shipped": None}
        return {"charge": charge, "shipped": await ctx.step.run("ship", ship, order)}

    return app
