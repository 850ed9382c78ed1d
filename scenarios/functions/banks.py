"""Banks: which limits of a function keep the others from being asked, and which add up."""

from __future__ import annotations

import asyncio

import dwf_sim as dwf

app = dwf.App("banks")
BANK = "event.data.bank"


@app.create_function(
    fn_id="pay",
    trigger=dwf.TriggerEvent(event="pay"),
    concurrency=[dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key=BANK)],
)
async def pay(ctx: dwf.Context) -> None:
    """Pay, at two banks at once and once at each."""
    await ctx.step.run(f"pay {ctx.event.data['n']}", asyncio.sleep, 10)


@app.create_function(
    fn_id="report",
    trigger=dwf.TriggerEvent(event="report"),
    rate_limit=dwf.RateLimit(limit=1, period="1h"),
    debounce=dwf.Debounce(period="10s"),
)
async def report(ctx: dwf.Context) -> object:
    """Report the first number of an hour, since the rate limit is asked before the debounce."""
    return ctx.event.data["n"]


@app.create_function(
    fn_id="move",
    trigger=dwf.TriggerEvent(event="move"),
    singleton=dwf.Singleton(mode="skip", key=BANK),
    throttle=dwf.Throttle(limit=1, period="1h", burst=0),
)
async def move(ctx: dwf.Context) -> object:
    """Move to another bank, once in an hour; who waits for that is under way already."""
    return ctx.event.data["n"]
