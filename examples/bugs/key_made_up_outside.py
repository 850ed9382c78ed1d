"""A key from chance is made outside of steps, where each entry of the handler makes another one."""

from __future__ import annotations

import uuid

import inngest

import dwf_sim as dwf

EVENTS = [(0, "order/created", {"id": "A-17"})]
CREATED = inngest.TriggerEvent(event="order/created")
ONCE = "event.data.id"
client = inngest.Inngest(app_id="shop-2", is_production=False)
bank = dwf.Ledger("bank")


@client.create_function(fn_id="pay", trigger=CREATED, idempotency=ONCE)
async def buggy(ctx: inngest.Context) -> str:
    """It looks as if there were one key for the run."""
    key = str(uuid.uuid4())
    return await ctx.step.run("charge", charge, key)


@client.create_function(fn_id="pay", trigger=CREATED, idempotency=ONCE)
async def mended(ctx: inngest.Context) -> str:
    """The key follows from the order, so that each entry and each run of it make the same."""
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, str(ctx.event.data["id"])))
    return await ctx.step.run("charge", charge, key)


async def charge(key: str) -> str:
    """Charge the card."""
    return bank.call("charge", key=key, value="paid")
