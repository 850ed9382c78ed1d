"""A charge without an idempotency key: a check finds the smallest plan that charges twice.

    pytest examples/checks/test_idempotency.py

`test_naive` is meant to fail, and shows what a check says; `test_mended` gives a key, and passes.
"""

from __future__ import annotations

from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import checks, strategies

app = dwf.App("shop")
stripe = dwf.Ledger("stripe")
orders = strategies.events("order/created", {"order": st.integers(1, 3)})


@app.create_function(fn_id="naive", trigger=dwf.TriggerEvent(event="order/created"))
async def naive(ctx: dwf.Context) -> str:
    await ctx.step.run("charge", lambda: stripe.call("charge", value="ch_1"))
    return await ctx.step.run("ship", lambda: "shipped")


@app.create_function(fn_id="mended", trigger=dwf.TriggerEvent(event="order/created"))
async def mended(ctx: dwf.Context) -> str:
    key = f"order-{ctx.event.data['order']}"
    await ctx.step.run("charge", lambda: stripe.call("charge", key=key, value="ch_1"))
    return await ctx.step.run("ship", lambda: "shipped")


def test_naive() -> None:
    checks.idempotency(naive, events=orders)


def test_mended() -> None:
    checks.idempotency(mended, events=orders, examples=10)
