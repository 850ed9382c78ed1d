"""A card is charged without an idempotency key, so that a retry charges it again."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = dwf.TriggerEvent(event="order/created")
buggy, mended = dwf.App("shop"), dwf.App("shop")
bank = dwf.Ledger("bank")


@buggy.create_function(fn_id="pay", trigger=CREATED)
async def pay(ctx: dwf.Context) -> str:
    """The bank cannot know that it is asked for the same again."""
    return await ctx.step.run("charge", lambda: bank.call("charge", value="paid"))


@mended.create_function(fn_id="pay", trigger=CREATED)
async def pay_with_key(ctx: dwf.Context) -> str:
    """The order's id is the key."""
    key = ctx.event.data["id"]
    return await ctx.step.run("charge", lambda: bank.call("charge", key=key, value="paid"))
