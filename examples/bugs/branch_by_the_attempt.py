"""A handler asks for another step when it is a retry, which the next entry no longer is."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = dwf.TriggerEvent(event="order/created")
buggy, mended = dwf.App("shop"), dwf.App("shop")
bank = dwf.Ledger("bank")


@buggy.create_function(fn_id="pay", trigger=CREATED)
async def pay(ctx: dwf.Context) -> None:
    """The attempt is that of one step, not of the run."""
    if ctx.attempt > 0:
        await ctx.step.run("look what was done", lambda: None)
    await charge(ctx)


@mended.create_function(fn_id="pay", trigger=CREATED)
async def pay_in_the_same_steps(ctx: dwf.Context) -> None:
    """The same steps, however often it is tried."""
    await ctx.step.run("look what was done", lambda: None)
    await charge(ctx)


async def charge(ctx: dwf.Context) -> None:
    """Charge the card, and write it down."""
    key = ctx.event.data["id"]
    await ctx.step.run("charge", lambda: bank.call("charge", key=key, value=None))
    await ctx.step.run("write down", lambda: None)
