"""A function of six steps, and what can be done to its code: for both drivers, and as `def` too.

Each body notes the work it does, by what is done and not by the step's id, so that a test can see
whether any of it is done twice.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

import dwf_sim as dwf
from tests.drivers.sdk_app import sdk_client

__tracebackhide__ = True  # What a handler does is reported at its own line.

Handler = Callable[["Till", Any], Awaitable[Any]]

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)
DRIVERS = ("native", "inngest")
BOUNDARIES = (
    *("start", "after reserve", "after charge", "after fetch", "after fetch:1"),
    *("at paid", "after paid", "after ship"),
)


@attrs.define(eq=False)
class Till:
    """The steps of an order, each with the work that it does."""

    work: list[str] = attrs.field(factory=list)

    async def do(self, ctx: Any, what: str, step: str | None = None) -> Any:
        """Do a piece of work in a step of its name, or of another."""
        return await ctx.step.run(step or what, functools.partial(self._done, what))

    async def paid(self, ctx: Any) -> Any:
        """Wait for the payment."""
        return await ctx.step.wait_for_event("paid", event="order/paid", timeout=WEEK)

    def _done(self, *what: str) -> dict[str, str]:
        self.work.extend(what)
        return {"done": what[0]}


async def before(till: Till, ctx: Any) -> Any:
    """The code as it was recorded."""
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge")
    for _ in range(2):
        await till.do(ctx, "fetch")
    await till.paid(ctx)
    return await till.do(ctx, "ship")


async def rename(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge", step="charge-card")
    return await _rest(till, ctx)


async def reorder(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "charge")
    await till.do(ctx, "reserve")
    return await _rest(till, ctx)


async def insert_before(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "verify")
    return await before(till, ctx)


async def insert_after(till: Till, ctx: Any) -> Any:
    await before(till, ctx)
    return await till.do(ctx, "mail")


async def delete(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    return await _rest(till, ctx)


async def change_type(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await ctx.step.sleep("charge", DAY)
    return await _rest(till, ctx)


async def split(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "authorize")
    await till.do(ctx, "charge", step="capture")
    return await _rest(till, ctx)


async def merge(till: Till, ctx: Any) -> Any:
    await ctx.step.run("take", functools.partial(till._done, "reserve", "charge"))
    return await _rest(till, ctx)


async def fewer_rounds(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge")
    return await _rest(till, ctx, rounds=1)


async def more_rounds(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge")
    return await _rest(till, ctx, rounds=3)


async def parallelise(till: Till, ctx: Any) -> Any:
    await ctx.group.parallel((lambda: till.do(ctx, "reserve"), lambda: till.do(ctx, "charge")))
    return await _rest(till, ctx)


async def add_wait(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge")
    await ctx.step.wait_for_event("approved", event="order/approved", timeout=WEEK)
    return await _rest(till, ctx)


async def change_retries(till: Till, ctx: Any) -> Any:
    """Its settings differ: see `RETRIES`."""
    return await before(till, ctx)


async def rename_wait(till: Till, ctx: Any) -> Any:
    await till.do(ctx, "reserve")
    await till.do(ctx, "charge")
    for _ in range(2):
        await till.do(ctx, "fetch")
    await ctx.step.wait_for_event("payment", event="order/paid", timeout=WEEK)
    return await till.do(ctx, "ship")


async def _rest(till: Till, ctx: Any, rounds: int = 2) -> Any:
    for _ in range(rounds):
        await till.do(ctx, "fetch")
    await till.paid(ctx)
    return await till.do(ctx, "ship")


RETRIES: dict[Handler, int] = {change_retries: 0}


def code(handler: Handler, driver: str = "native", till: Till | None = None) -> Any:
    """Make of a handler what a simulation serves."""
    counter = till or Till()

    async def order(ctx: Any) -> Any:
        return await handler(counter, ctx)

    return served(order, driver, retries=RETRIES.get(handler, 3))


def served(order: Callable[[Any], Any], driver: str = "native", *, retries: int = 3) -> Any:
    """Make the function `shop-order` of code that is written for either driver."""
    if driver == "native":
        app = dwf.App("shop")
        trigger = dwf.TriggerEvent(event="order/created")
        app.create_function(fn_id="order", trigger=trigger, retries=retries)(order)
        return app
    import inngest

    client: Any = sdk_client("shop")
    sdk_trigger = inngest.TriggerEvent(event="order/created")
    make = client.create_function(fn_id="order", trigger=sdk_trigger, retries=retries)
    return client, [make(order)]


def pay_late(simulation: dwf.Simulation) -> None:
    """An order, and its payment two days later."""
    simulation.send("order/created", {"order": 7})
    simulation.advance(2 * DAY)
    simulation.send("order/paid", {"order": 7})
