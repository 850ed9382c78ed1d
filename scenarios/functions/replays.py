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
