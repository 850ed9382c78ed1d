"""A step sets a variable of the handler, which is not set when the step is only remembered."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "cart/sent", {"prices": [3, 4]})]
SENT = dwf.TriggerEvent(event="cart/sent")
buggy, mended = dwf.App("shop"), dwf.App("shop")


@buggy.create_function(fn_id="total", trigger=SENT)
async def total(ctx: dwf.Context) -> int:
    """The bodies of steps are not run at the next entry."""
    found = 0

    def add(price: int) -> None:
        nonlocal found
        found += price

    for nth, price in enumerate(ctx.event.data["prices"]):
        await ctx.step.run(f"price {nth}", add, price)
    return found


@mended.create_function(fn_id="total", trigger=SENT)
async def total_of_what_steps_return(ctx: dwf.Context) -> int:
    """What a step returns is remembered."""
    found = 0
    for nth, price in enumerate(ctx.event.data["prices"]):
        found += await ctx.step.run(f"price {nth}", lambda price=price: price)
    return found
