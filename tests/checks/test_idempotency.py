"""`checks.idempotency`: what is done outside for an event is done once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest

import dwf_sim as dwf
from dwf_sim import checks
from dwf_sim.adapters.httpx import EffectTransport
from tests.checks.shop import EXAMPLES, ORDERS, function, told

stripe = dwf.Ledger("stripe")


def charging(key: Any) -> dwf.Function[Any]:
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", key=key(ctx), value=1))

    return function(order)


def no_key(ctx: dwf.Context) -> None:
    """Give none."""


def test_a_charge_without_a_key_is_found_with_the_smallest_plan() -> None:
    screen = told(checks.idempotency, charging(no_key), ORDERS)

    assert screen.splitlines()[:4] == [
        "idempotency: what is done outside for an event is done once, whatever is repeated",
        "broken: step 'charge' of shop-order#1 did stripe charge, and again in shop-order#2; "
        "give it an idempotency key",
        "plan: deliver number 1 of `order` twice",
        "repeat: checks.idempotency(order, events=[dwf_sim.Event('order', {'n': 0})], "
        "faults=[dwf_sim.events.duplicate(event='order', nth=1)])",
    ]
    assert screen.count("EFFECT: stripe charge") == 2


def test_the_line_that_repeats_it_does() -> None:
    order = charging(no_key)
    screen = told(checks.idempotency, order, ORDERS, kinds=["crash"])
    (line,) = re.findall("^repeat: (.*)$", screen, re.MULTILINE)

    with pytest.raises(dwf.InvariantViolated) as caught:
        eval(line, {"checks": checks, "dwf_sim": dwf, "order": order})

    assert str(caught.value) == screen


def test_a_crash_needs_no_more_than_the_step_is_told() -> None:
    screen = told(checks.idempotency, charging(no_key), ORDERS, kinds=["crash"])

    assert "plan: kill the worker inside `charge`, right after effect 1\n" in screen
    assert "did stripe charge twice; give it an idempotency key" in screen


def test_a_key_of_the_event_holds() -> None:
    checked = checks.idempotency(
        charging(lambda ctx: str(ctx.event.data["n"])), ORDERS, examples=EXAMPLES
    )

    assert checked.trials == EXAMPLES
    assert checked.faults_struck >= EXAMPLES // 2
    assert str(checked).startswith(f"{EXAMPLES} trials, ")


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        (lambda ctx: f"{ctx.run_id}-{uuid.uuid4()}", ["crash"]),
        (lambda ctx: f"attempt-{ctx.attempt}", ["crash"]),
        (lambda ctx: ctx.run_id, ["events"]),
    ],
)
def test_a_key_that_differs_each_time_is_none(key: Any, kinds: list[str]) -> None:
    screen = told(checks.idempotency, charging(key), ORDERS, kinds=kinds)

    assert "its key was '" in screen


def test_several_keys_of_one_step_may_each_be_used() -> None:
    async def order(ctx: dwf.Context) -> None:
        def pay() -> None:
            for part in ("first", "second"):
                stripe.call("charge", key=f"{ctx.event.data['n']}-{part}", value=1)

        await ctx.step.run("pay", pay)

    checks.idempotency(function(order), ORDERS, kinds=["crash", "worker"], examples=EXAMPLES)


def test_an_event_that_a_step_sends_twice_is_one() -> None:
    app = dwf.App("shop")

    @app.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order"))
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.send_event("tell", dwf.Event("paid"))

    @app.create_function(fn_id="ship", trigger=dwf.TriggerEvent(event="paid"))
    async def ship(ctx: dwf.Context) -> None:
        await ctx.step.run("post", lambda: stripe.call("post", key=ctx.run_id, value=1))

    screen = told(checks.idempotency, app, "order", kinds=["crash"])

    assert "plan: kill the worker after `tell` returned and before it was recorded\n" in screen
    assert "step 'post' of shop-ship#1 did stripe post, and again in shop-ship#2" in screen


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200)


@pytest.mark.parametrize(("method", "passes"), [("PUT", True), ("POST", False)])
def test_what_may_be_repeated_needs_no_key(method: str, passes: bool) -> None:
    client = httpx.Client(
        transport=EffectTransport(stripe, answer),
        base_url="https://stripe.test",
    )

    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: client.request(method, "/charge").status_code)

    if passes:
        checks.idempotency(function(order), ORDERS, kinds=["crash"], examples=EXAMPLES)
    else:
        assert "stripe POST https://stripe.test/charge twice" in told(
            checks.idempotency, function(order), ORDERS, kinds=["crash"]
        )


def test_an_effect_outside_of_steps_is_found_without_faults() -> None:
    async def order(ctx: dwf.Context) -> None:
        stripe.call("charge", value=1)
        await ctx.step.run("a", lambda: 1)

    screen = told(checks.idempotency, function(order), "order")

    assert "the handler, outside of steps, of shop-order#1 did stripe charge twice" in screen
    assert "\nplan: no faults\n" in screen


def test_a_check_without_effects_proves_nothing() -> None:
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)

    screen = told(checks.idempotency, function(order), ORDERS, examples=5)

    assert screen.splitlines()[:2] == [
        "checks.idempotency proves nothing:",
        "  no effect was seen; let calls go through a Ledger, or an adapter of one",
    ]
