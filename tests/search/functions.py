"""A mistake in all forms in which functions are served, each a global of this module."""

from __future__ import annotations

import inngest

import dwf_sim as dwf
from dwf_sim.drivers.native import Function

GO = dwf.TriggerEvent(event="go")
bank = dwf.Ledger("bank")
app = dwf.App("shop")
client = inngest.Inngest(app_id="store", is_production=False)


@app.create_function(fn_id="pay", trigger=GO)
async def native(ctx: dwf.Context) -> None:
    """Pay once per execution."""
    await ctx.step.run("pay", lambda: bank.call("pay", value=1))


@client.create_function(fn_id="pay", trigger=inngest.TriggerEvent(event="go"))
async def of_the_sdk(ctx: inngest.Context) -> None:
    """The same for the SDK."""

    async def pay() -> None:
        bank.call("pay", value=1)

    await ctx.step.run("pay", pay)


several: list[Function] = [native]
with_client = (client, [of_the_sdk])
