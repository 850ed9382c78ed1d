"""Stories of a shop whose functions are made of pieces, each of which can be written wrongly.

As they stand here they are right, whatever goes wrong around them. `of_users.py` has the mistakes.
"""

from __future__ import annotations

import asyncio
from typing import Any

import dwf_sim as dwf
from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep

ORDERED = dwf.TriggerEvent(event="order/created")
AFTER_CHARGE = dwf.crash.after_effect("charge")


class Order:
    """The pieces of the functions below."""

    def __init__(self, ctx: dwf.Context) -> None:
        self.ctx = ctx
        self.number: int = ctx.event.data["n"]

    def key(self) -> str | None:
        """The idempotency key of the charge."""
        return f"charge-{self.number}"

    def step_id(self, item: str) -> str:
        """The id of the step that reserves an item."""
        return f"reserve-{item}"

    def items(self) -> list[str]:
        """What is reserved, in this order."""
        return ["shoes", "socks"]

    async def charge(self, stripe: dwf.Ledger) -> object:
        """Charge the card in a step."""
        return await self.ctx.step.run("charge", self.charge_card, stripe)

    def charge_card(self, stripe: dwf.Ledger) -> object:
        """The body of that step."""
        return stripe.call("charge", key=self.key(), value=42)

    async def notify(self, mail: dwf.Ledger) -> None:
        """Send a letter."""
        await self.ctx.step.run("mail", lambda: mail.call("send", key=f"{self.number}", value=0))

    async def rest(self) -> None:
        """Wait for a second."""
        await self.ctx.step.sleep("rest", "1s")

    async def total(self) -> int:
        """Add up two prices."""
        prices = [await self.ctx.step.run(f"price {n}", lambda n=n: n) for n in (1, 2)]
        return sum(prices)

    async def ask(self) -> object:
        """Ask to be paid, and wait for that, which may come at once."""
        _, paid = await self.ctx.group.parallel(
            (
                lambda: self.ctx.step.send_event("ask", dwf.Event("payment/asked")),
                lambda: self.ctx.step.wait_for_event("paid", event="payment/made", timeout="1h"),
            )
        )
        return paid

    async def ship(self) -> str:
        """Ship what is paid for, and nothing else."""
        try:
            await self.ctx.step.run("pay", self.refuse)
        except dwf.StepError:
            return "not shipped"
        return "shipped"

    def refuse(self) -> None:
        """A card that is refused."""
        raise CardRefused("no money")

    def event(self) -> dwf.Event:
        """What is sent when the order is complete."""
        return dwf.Event("order/complete", {"n": self.number}, id=f"complete-{self.number}")


class CardRefused(dwf.NonRetriableError):
    """An error of the step, which the handler can catch."""

    stays_in_step = True


class Settings:
    """The settings of the functions below."""

    cancel = dwf.Cancel(event="order/cancelled", match="data.n")
    concurrency: list[dwf.Concurrency] = [dwf.Concurrency(limit=1)]
    singleton: dwf.Singleton | None = dwf.Singleton(mode="skip", key="event.data.n")
    retries = 3


def _app(handler: Any, **settings: Any) -> dwf.App:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=ORDERED, **{"retries": Settings.retries, **settings})(
        handler
    )
    return app


def _live(app: dwf.App, *, orders: int = 1, **rest: Any) -> dwf.Simulation:
    with dwf.Simulation(**rest).serve(app) as simulation:
        for number in range(orders):
            simulation.send("order/created", {"n": number})
        simulation.run_until_idle()
    return simulation


def _warned(simulation: dwf.Simulation) -> list[str]:
    return [f"mistake: {text}" for text in simulation.warnings]


def charged() -> None:
    """A charge after which the worker dies."""
    stripe = dwf.Ledger("stripe")

    async def f(ctx: dwf.Context) -> None:
        await Order(ctx).charge(stripe)

    _live(_app(f), faults=AFTER_CHARGE, invariants=(*INVARIANTS, EffectsOncePerStep))


def charged_each() -> list[str]:
    """Two orders, each of which is charged, and one of them twice."""
    stripe = dwf.Ledger("stripe")

    async def f(ctx: dwf.Context) -> None:
        await Order(ctx).charge(stripe)

    _live(_app(f), orders=2, faults=AFTER_CHARGE)
    return [f"verdict: {each}" for each in stripe.verdicts() if not each.is_safe]


def recovered() -> None:
    """An order whose charge is crashed, or is served twice, and comes to the same."""
    stripe = dwf.Ledger("stripe")

    async def f(ctx: dwf.Context) -> object:
        return await Order(ctx).charge(stripe)

    app = _app(f, singleton=Settings.singleton)
    plans = (AFTER_CHARGE, dwf.crash.inside("charge", at_effect=1), dwf.events.duplicate(ORDER))
    dwf.check_recovery(lambda plan: _live(app, faults=plan), *plans)


ORDER = "order/created"


def reserved() -> list[str]:
    """An order whose items are reserved one after the other, by workers that die."""
    cache.clear()

    async def f(ctx: dwf.Context) -> None:
        order = Order(ctx)
        for item in order.items():
            await ctx.step.run(order.step_id(item), lambda: None)

    worker = dwf.Worker(on_restart=cache.clear)
    return _warned(_live(_app(f), worker=worker, faults=dwf.worker.restart(phase="after_effect")))


cache: dict[str, str] = {}  # What a worker remembers while it lives.


def notified() -> list[str]:
    """A letter, and a rest, between two steps."""
    mail = dwf.Ledger("mail")

    async def f(ctx: dwf.Context) -> None:
        order = Order(ctx)
        await order.notify(mail)
        await order.rest()
        await ctx.step.run("done", lambda: None)

    return _warned(_live(_app(f)))


def added_up() -> list[str]:
    """Prices that are added up."""

    async def f(ctx: dwf.Context) -> int:
        return await Order(ctx).total()

    return _warned(_live(_app(f)))


def paid() -> None:
    """A payment that is made at once."""

    async def f(ctx: dwf.Context) -> bool:
        return await Order(ctx).ask() is not None

    app = _app(f)

    @app.create_function(fn_id="pay", trigger=dwf.TriggerEvent(event="payment/asked"))
    async def pay(ctx: dwf.Context) -> None:
        await ctx.step.send_event("pay", dwf.Event("payment/made"))

    with dwf.Simulation().serve(app) as simulation:
        run = simulation.send(ORDER, {"n": 1})
        simulation.eventually("it is paid", lambda: run.runs and run.run.output, within="1m")
        simulation.run_until_idle()


def shipped() -> None:
    """A card that is refused, so that nothing may be shipped."""

    async def f(ctx: dwf.Context) -> str:
        told = await Order(ctx).ship()
        dwf.always("nothing is shipped that is not paid", told == "not shipped")
        return told

    _live(_app(f))


def booked() -> None:
    """Two orders that take from one stock, which is read, and written a moment later."""
    stock = {"left": 2}

    async def take() -> None:
        left = stock["left"]
        await asyncio.sleep(0.1)
        stock["left"] = left - 1

    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("take", take)

    with dwf.Simulation().serve(_app(f, concurrency=Settings.concurrency)) as simulation:
        simulation.eventually("all is taken", lambda: stock["left"] == 0)
        simulation.send([dwf.Event(ORDER, {"n": n}) for n in range(2)])
        simulation.run_until_idle()
        simulation.check()


def cancelled() -> None:
    """Two orders, one of which is cancelled."""

    async def f(ctx: dwf.Context) -> None:
        await ctx.step.sleep("rest", "1h")

    with dwf.Simulation().serve(_app(f, cancel=[Settings.cancel])) as simulation:
        runs = simulation.send([dwf.Event(ORDER, {"n": n}) for n in range(2)])
        simulation.always("the other one goes on", lambda: _goes_on(runs))
        simulation.advance("1s")
        simulation.send("order/cancelled", {"n": 0})
        simulation.run_until_idle()


def _goes_on(sent: dwf.Sent) -> bool:
    return all(run.status != "cancelled" for run in sent.runs[1:])


def completed() -> None:
    """An order whose completion is told, by a worker that dies after that."""
    stripe = dwf.Ledger("stripe")

    async def f(ctx: dwf.Context) -> None:
        await ctx.step.send_event("tell", Order(ctx).event())

    app = _app(f)

    @app.create_function(fn_id="invoice", trigger=dwf.TriggerEvent(event="order/complete"))
    async def invoice(ctx: dwf.Context) -> None:
        await ctx.step.run("invoice", lambda: stripe.call("invoice", key=ctx.run_id, value=0))

    crash = dwf.crash.after_effect("tell")
    dwf.check_recovery(lambda plan: _live(app, faults=plan), crash)
