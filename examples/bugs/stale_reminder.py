"""A step looks whether an invoice is paid, a day goes by, and then the reminder is sent."""

from __future__ import annotations

from typing import Any

import dwf_sim as dwf


def buggy(sim: dwf.Simulation) -> None:
    """What was seen yesterday is remembered today."""

    async def remind(ctx: dwf.Context, office: Office) -> None:
        is_open = await ctx.step.run("look", lambda: not office.is_paid)
        await ctx.step.sleep("a day", "1d")
        if is_open:
            await ctx.step.run("remind", office.remind)

    play(sim, remind)


def mended(sim: dwf.Simulation) -> None:
    """It is looked at when the letter is written."""

    async def remind(ctx: dwf.Context, office: Office) -> None:
        await ctx.step.sleep("a day", "1d")
        await ctx.step.run("remind", lambda: office.is_paid or office.remind())

    play(sim, remind)


class Office:
    """It knows what is paid, and sends letters."""

    is_paid = False

    def remind(self) -> None:
        """Send a letter, which should not go to somebody who has paid."""
        dwf.always("who has paid is not reminded", not self.is_paid)

    def pay(self) -> None:
        """Note that it is paid."""
        self.is_paid = True


def play(sim: dwf.Simulation, remind: Any) -> None:
    """Send an invoice, which is paid an hour after the reminder."""
    office, app = Office(), dwf.App("office")

    @app.create_function(fn_id="remind", trigger=dwf.TriggerEvent(event="invoice/sent"))
    async def remind_one(ctx: dwf.Context) -> None:
        await remind(ctx, office)

    @app.create_function(fn_id="book", trigger=dwf.TriggerEvent(event="invoice/paid"))
    async def book(ctx: dwf.Context) -> None:
        await ctx.step.run("book", office.pay)

    sim.serve(app)
    sim.send("invoice/sent")
    sim.advance("25h")
    sim.send("invoice/paid")
