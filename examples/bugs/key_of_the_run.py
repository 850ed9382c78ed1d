"""The id of the run is the idempotency key, and an event that comes twice starts two runs."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = dwf.TriggerEvent(event="order/created")
buggy, mended = dwf.App("shop"), dwf.App("shop")
bank = dwf.Ledger("bank")


@buggy.create_function(fn_id="pay", trigger=CREATED)
async def pay(ctx: dwf.Context) -> str:
    """The key is good for a retry only."""
    key = ctx.run_id
    return await ctx.step.run("charge", lambda: bank.call("charge", key=key, value="paid"))


@mended.create_function(fn_id="pay", trigger=CREATED)
async def pay_by_order(ctx: dwf.Context) -> str:
    """Both runs are for one order."""
    key = ctx.event.data["id"]
    return await ctx.step.run("charge", lambda: bank.call("charge", key=key, value="paid"))
