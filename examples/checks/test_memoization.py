"""A voucher for who had to wait: what a run returns depends on how often it was interrupted.

    pytest examples/checks/test_memoization.py

`test_naive` is meant to fail, and shows what a check says; `test_mended` asks the event, and
passes.
"""

from __future__ import annotations

import dwf_sim as dwf
from dwf_sim import checks

app = dwf.App("shop")


@app.create_function(fn_id="naive", trigger=dwf.TriggerEvent(event="order/created"))
async def naive(ctx: dwf.Context) -> int:
    price = await ctx.step.run("price", lambda: 40)
    return price - 5 if ctx.attempt else price


@app.create_function(fn_id="mended", trigger=dwf.TriggerEvent(event="order/created"))
async def mended(ctx: dwf.Context) -> int:
    price = await ctx.step.run("price", lambda: 40)
    return price - 5 if ctx.event.data.get("was_late") else price


def test_naive() -> None:
    checks.memoization(naive, events="order/created")


@checks.memoization(events="order/created", examples=10)
def test_mended() -> object:
    return mended
