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
        'same each time, such as key=ctx.event.data["id"]'
    )


def test_a_key_that_differs_is_no_key() -> None:
    (text,) = told(lambda _: f"k{random.random()}", CRASH)

    assert ", with the keys 'k" in text
    assert "take the key from the event or from a step's result" in text


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"note": "x", "tenantId": "t", "id": "7"}, 'ctx.event.data["id"]'),
        ({"note": "x", "orderId": 7}, 'ctx.event.data["orderId"]'),
        ({"note": "x", "lines": []}, 'ctx.event.data["note"]'),
        ({"lines": []}, "ctx.event.id"),
        ({}, "ctx.event.id"),
    ],
)
def test_the_key_that_is_advised_is_a_field_the_event_has(
    data: dict[str, object], key: str
) -> None:
    app, stripe = dwf.App("shop"), dwf.Ledger("stripe")

    @app.create_function(fn_id="buy", trigger=dwf.TriggerEvent(event="order"))
    async def buy(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", value=1))

    sim = dwf.Simulation(faults=[CRASH]).serve(app)
    sim.send("order", data)
    sim.run_until_idle()

    (text,) = advice(sim.trace)
    assert text.endswith(f"such as key={key}")


@pytest.mark.parametrize("faults", [(), (dwf.crash.before("undo"),)])
@pytest.mark.rule("A165")
def test_a_failure_handler_that_failed_had_no_retries(faults: tuple[dwf.Fault, ...]) -> None:
    app = dwf.App("shop")

    async def undo(ctx: dwf.Context) -> None:
        await ctx.step.run("undo", lambda: None)

    @app.create_function(
        fn_id="buy", trigger=dwf.TriggerEvent(event="order"), on_failure=undo, retries=0
    )
    async def buy(ctx: dwf.Context) -> None:
        raise ValueError

    sim = dwf.Simulation(faults=faults).serve(app)
    sim.send("order")
    sim.run_until_idle()

    expected = (
        "shop-buy-failure#1 was tried once, as every failure handler: have what must not be missed "
        "done by a function with retries, of the trigger 'inngest/function.failed' and the "
        "expression \"event.data.function_id == 'shop-buy'\""
    )
    assert advice(sim.trace) == ([expected] if faults else [])
