"""A batch is taken to be in the order in which things happened, and its last event to be newest."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "price/set", {"version": n, "price": 10 * n}) for n in (1, 2, 3)]
SET = dwf.TriggerEvent(event="price/set")
BATCH = dwf.Batch(max_size=3, timeout="1m")
buggy, mended = dwf.App("shop"), dwf.App("shop")


@buggy.create_function(fn_id="label", trigger=SET, batch_events=BATCH)
async def label(ctx: dwf.Context) -> int:
    """Events come in any order."""
    return await ctx.step.run("print", lambda: ctx.events[-1].data["price"])


@mended.create_function(fn_id="label", trigger=SET, batch_events=BATCH)
async def label_with_the_newest(ctx: dwf.Context) -> int:
    """Which one is the newest, the events say themselves."""
    newest = max(ctx.events, key=lambda event: event.data["version"])
    return await ctx.step.run("print", lambda: newest.data["price"])
