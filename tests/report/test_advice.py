"""Advice: what to do about an effect that came twice; nothing about one that did not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim.report.advice import advice


def told(key: Callable[[dwf.Context], str | None], *faults: dwf.Fault) -> list[str]:
    """Charge with a key, and take the advice."""
    app, stripe = dwf.App("shop"), dwf.Ledger("stripe")

    @app.create_function(fn_id="buy", trigger=dwf.TriggerEvent(event="order"))
    async def buy(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", key=key(ctx), value=1))

    sim = dwf.Simulation(faults=faults).serve(app)
    sim.send("order", {"id": "A"})
    sim.run_until_idle()
    return advice(sim.trace)


CRASH = dwf.crash.after_effect("charge")


@pytest.mark.parametrize("faults", [(), (CRASH,)])
def test_an_effect_that_came_once_needs_none(faults: tuple[dwf.Fault, ...]) -> None:
    assert told(lambda ctx: str(ctx.event.data["id"]), *faults) == []


def test_an_effect_without_a_key_needs_one() -> None:
    (text,) = told(lambda _: None, CRASH)

    assert text == (
        "step 'charge' of shop-buy#1 made the effect stripe charge 2 times, in 2 executions, "
        "without an idempotency key: a step may run again, so give the call a key that is the "
        'same each time, such as key=ctx.event.data["orderId"]'
    )


def test_a_key_that_differs_is_no_key() -> None:
    (text,) = told(lambda _: f"k{random.random()}", CRASH)

    assert ", with the keys 'k" in text
    assert "take the key from the event or from a step's result" in text
