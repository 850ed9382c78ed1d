"""A step that must not be tried again says so, and the handler ships all the same."""

from __future__ import annotations

import contextlib
from typing import Any

import dwf_sim as dwf

CREATED = dwf.TriggerEvent(event="order/created")


class HoldExpired(dwf.NonRetriableError):
    """The bank keeps money for half a minute; a step that is late fails, which can be caught."""

    stays_in_step = True


def buggy(sim: dwf.Simulation) -> None:
    """Whatever became of the payment is passed over."""

    async def pay(ctx: dwf.Context, bank: Bank) -> None:
        await ctx.step.run("hold", bank.hold)
        with contextlib.suppress(Exception):
            await ctx.step.run("capture", bank.capture)

    play(sim, pay)


def mended(sim: dwf.Simulation) -> None:
    """Another hold is asked for."""

    async def pay(ctx: dwf.Context, bank: Bank) -> None:
        nth = 0
        while True:
            await ctx.step.run(f"hold {nth}", bank.hold)
            try:
                return await ctx.step.run(f"capture {nth}", bank.capture)
            except dwf.StepError:
                nth += 1

    play(sim, pay)


class Bank:
    """It holds money for half a minute, and captures it once."""

    def __init__(self, sim: dwf.Simulation) -> None:
        self.sim = sim
        self.held_at = 0
        self.is_captured = False

    def hold(self) -> None:
        """Keep the money back."""
        self.held_at = self.sim.now_ms

    def capture(self) -> None:
        """Take it. Raises `HoldExpired`."""
        if self.sim.now_ms > self.held_at + 30_000 and not self.is_captured:
            raise HoldExpired("the hold has expired")
        self.is_captured = True


def play(sim: dwf.Simulation, pay: Any) -> None:
    """Ship an order that is paid for."""
    bank, app = Bank(sim), dwf.App("shop")

    @app.create_function(fn_id="sell", trigger=CREATED)
    async def sell(ctx: dwf.Context) -> None:
        await pay(ctx, bank)
        await ctx.step.run("ship", lambda: dwf.always("paid when shipped", bank.is_captured))

    sim.serve(app)
    sim.send("order/created")
