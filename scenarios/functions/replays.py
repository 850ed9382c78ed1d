"""Replays: what is remembered, under which ids, and what is reported in one request."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("replays")
stripe = dwf.Ledger("stripe")


@app.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order"))
async def order(ctx: dwf.Context) -> str:
    """Charge, cool off for a day, and ship."""
    charge = await ctx.step.run("charge", lambda: stripe.call("charge", value="ch_1"))
    await ctx.step.sleep("cool off", "1d")
    return await ctx.step.run("ship", lambda: f"paid by {charge}")


@app.create_function(fn_id="reserve", trigger=dwf.TriggerEvent(event="reserve"))
async def reserve(ctx: dwf.Context) -> list[str]:
    """Reserve each item of a cart by a step with one and the same id."""
    return [
        await ctx.step.run("reserve", lambda item=item: f"{item} reserved")
        for item in ctx.event.data["items"]
    ]


@app.create_function(fn_id="remind", trigger=dwf.TriggerEvent(event="remind"))
async def remind(ctx: dwf.Context) -> str:
    """Remind after so many days, of which there may be 366."""
    await ctx.step.sleep("days", f"{ctx.event.data['days']}d")
    return "do not forget"


@app.create_function(
    fn_id="bill",
    trigger=dwf.TriggerEvent(event="bill"),
    checkpointing=dwf.Checkpointing(buffered_steps=2),
)
async def bill(ctx: dwf.Context) -> str:
    """Take three payments in one request, which reports two together."""
    for name in ("rent", "water", "light"):
        await ctx.step.run(name, lambda name=name: stripe.call("charge", key=None, value=name))
    return "all paid"


@app.create_function(fn_id="ship", trigger=dwf.TriggerEvent(event="ship"))
async def ship(ctx: dwf.Context) -> str:
    """Weigh a parcel, and send it by air only if it is light."""
    weight = await ctx.step.run("weigh", lambda: ctx.event.data["kg"])
    if weight < 2:
        return await ctx.step.run("air", lambda: "by air")
    return await ctx.step.run("sea", lambda: "by sea")
