"""The idempotency key has the number of the attempt in it, so that it is another one on a retry."""

from __future__ import annotations

import inngest

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = inngest.TriggerEvent(event="order/created")
client = inngest.Inngest(app_id="shop-1", is_production=False)
bank = dwf.Ledger("bank")


@client.create_function(fn_id="pay", trigger=CREATED)
async def buggy(ctx: inngest.Context) -> str:
    """A retry is another attempt, and the same payment."""
    key = f"{ctx.event.data['id']}-{ctx.attempt}"
    return await ctx.step.run("charge", charge, key)


@client.create_function(fn_id="pay", trigger=CREATED)
async def mended(ctx: inngest.Context) -> str:
    """The key says what is paid for, and nothing of how it came about."""
    return await ctx.step.run("charge", charge, str(ctx.event.data["id"]))


async def charge(key: str) -> str:
    """Charge the card."""
    return bank.call("charge", key=key, value="paid")
