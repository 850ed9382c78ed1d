"""Limits: how many runs start, when, and which of them."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("limits")
ROOM = "event.data.room"


@app.create_function(
    fn_id="search",
    trigger=dwf.TriggerEvent(event="search"),
    rate_limit=dwf.RateLimit(limit=1, period="1m", key=ROOM),
)
async def search(ctx: dwf.Context) -> object:
    """Search once a minute for each room; what comes more often is dropped."""
    return ctx.event.data["n"]


@app.create_function(
    fn_id="save",
    trigger=dwf.TriggerEvent(event="typed"),
    debounce=dwf.Debounce(period="10s"),
)
async def save(ctx: dwf.Context) -> object:
    """Save what was typed last, once nothing was typed for ten seconds."""
    return ctx.event.data["n"]


@app.create_function(
    fn_id="index",
    trigger=dwf.TriggerEvent(event="changed"),
    batch_events=dwf.Batch(max_size=3, timeout="30s"),
)
async def index(ctx: dwf.Context) -> object:
    """Index changes, three at a time or whatever there is after half a minute."""
    return [event.data["n"] for event in ctx.events]


@app.create_function(
    fn_id="call",
    trigger=dwf.TriggerEvent(event="call"),
    throttle=dwf.Throttle(limit=1, period="1m"),
)
async def call(ctx: dwf.Context) -> object:
    """Call once a minute; what comes more often waits."""
    return ctx.event.data["n"]


@app.create_function(
    fn_id="sync",
    trigger=dwf.TriggerEvent(event="sync"),
    singleton=dwf.Singleton(mode="skip", key=ROOM),
)
async def sync(ctx: dwf.Context) -> object:
    """Synchronize a room, unless that is under way."""
    await ctx.step.sleep("work", "1m")
    return ctx.event.data["n"]


@app.create_function(
    fn_id="print",
    trigger=dwf.TriggerEvent(event="print"),
    concurrency=[dwf.Concurrency(limit=1)],
    priority=dwf.Priority(run="event.data.urgent ? 100 : 0"),
)
async def print_(ctx: dwf.Context) -> object:
    """Print one at a time, the urgent ones first."""

    async def work() -> object:
        import asyncio

        await asyncio.sleep(5)
        return ctx.event.data["n"]

    return await ctx.step.run(f"print {ctx.event.data['n']}", work)
