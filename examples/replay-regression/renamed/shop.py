"""An order: stock is reserved, a card charged, and a week given to pay the rest."""

import dwf_sim as dwf

app = dwf.App("shop")


async def reserve(sku: str) -> str:
    """Stands for a call of the warehouse."""
    return f"reserved {sku}"


async def charge(sku: str) -> str:
    """Stands for a call of the payment provider."""
    return f"charged for {sku}"


@app.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order/created"))
async def order(ctx: dwf.Context) -> str:
    sku = ctx.event.data["sku"]
    await ctx.step.run("reserve", reserve, sku)
    await ctx.step.run("charge-card", charge, sku)
    rest = await ctx.step.wait_for_event(
        "rest-paid", event="order/paid", match="data.order", timeout="7d"
    )
    return "expired" if rest is None else "shipped"
