"""Starts: which event starts what, how often, and functions that start others."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("starts")
stock = dwf.App("stock")
mail = dwf.Ledger("mail")


@app.create_function(
    fn_id="check",
    trigger=dwf.TriggerEvent(event="order/created", expression="event.data.total > 1000"),
)
async def check(ctx: dwf.Context) -> object:
    """Check orders that are large."""
    return ctx.event.data["total"]


@app.create_function(fn_id="audit", trigger=dwf.TriggerEvent(event="order/*"))
async def audit(ctx: dwf.Context) -> str:
    """Note whatever happens to orders."""
    return ctx.event.name


@app.create_function(
    fn_id="notify",
    trigger=[dwf.TriggerEvent(event="cart/paid"), dwf.TriggerEvent(event="cart/*")],
)
async def notify(ctx: dwf.Context) -> str:
    """Notify of each thing that happens to a cart, once."""
    return ctx.event.name


@app.create_function(
    fn_id="thank", trigger=dwf.TriggerEvent(event="cart/paid"), idempotency="event.data.cart"
)
async def thank(ctx: dwf.Context) -> object:
    """Thank once a day for a cart, whatever the ids of its events are."""
    return await ctx.step.run("thank", lambda: mail.call("thank", value=ctx.event.data["cart"]))


@app.create_function(
    fn_id="tidy", trigger=[dwf.TriggerCron(cron="0 * * * *"), dwf.TriggerCron(cron="*/30 * * * *")]
)
async def tidy(ctx: dwf.Context) -> None:
    """Tidy up at each hour and at each half hour."""


@stock.create_function(fn_id="count", trigger=[])
async def count(ctx: dwf.Context) -> int:
    """Count what there is of an item; nothing starts this but who invokes it."""
    return len(ctx.event.data["item"])


@app.create_function(fn_id="ask", trigger=dwf.TriggerEvent(event="asked"))
async def ask(ctx: dwf.Context) -> str:
    """Ask a function of another app, of which only the ids are known."""
    there = dwf.reference_function("count", app_id="stock")
    found = await ctx.step.invoke("count", function=there, data=ctx.event.data)
    return f"{found} left"
