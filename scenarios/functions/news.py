"""News: who hears of an event, in which of its versions, and in which order."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("news")


@app.create_function(fn_id="check-out", trigger=dwf.TriggerEvent(event="cart/checked-out"))
async def check_out(ctx: dwf.Context) -> int:
    """Tell of the orders of a cart, each once."""
    orders = [
        dwf.Event(name="order/created", data=order, id=f"order-created-{order['id']}")
        for order in ctx.event.data["orders"]
    ]
    return len(await ctx.step.send_event("tell", orders))


@app.create_function(
    fn_id="bill",
    trigger=dwf.TriggerEvent(event="order/created", expression="event.data.version == 2"),
)
async def bill(ctx: dwf.Context) -> str:
    """Bill an order that says its currency."""
    return f"{ctx.event.data['total']['amount']} {ctx.event.data['total']['currency']}"


@app.create_function(
    fn_id="bill-old",
    trigger=dwf.TriggerEvent(event="order/created", expression="event.data.version == null"),
)
async def bill_old(ctx: dwf.Context) -> str:
    """Bill an order of the time when all were in euros."""
    return f"{ctx.event.data['total']} EUR"


@app.create_function(fn_id="pack", trigger=dwf.TriggerEvent(event="order/*"), retries=0)
async def pack(ctx: dwf.Context) -> str:
    """Pack an order, unless it is of nothing."""
    if not ctx.event.data["total"]:
        raise ValueError("an order of nothing")
    return f"packed {ctx.event.data['id']}"


@app.create_function(fn_id="operator", trigger=dwf.TriggerEvent(event="inngest/function.failed"))
async def operator(ctx: dwf.Context) -> str:
    """Hear of every run that has failed."""
    data = ctx.event.data
    return f"{data['function_id']}: {data['error']['message']}"


@app.create_function(
    fn_id="price",
    trigger=dwf.TriggerEvent(event="price/changed"),
    batch_events=dwf.Batch(max_size=3, timeout="30s"),
)
async def price(ctx: dwf.Context) -> dict[str, object]:
    """Take the latest of some prices, whichever came last."""
    latest = max(ctx.events, key=lambda event: event.ts)
    return {"came": [event.data["price"] for event in ctx.events], "is": latest.data["price"]}
