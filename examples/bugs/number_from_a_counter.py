"""An invoice is numbered by a counter inside the step that writes it: a retry writes another."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import dwf_sim as dwf

CREATED = dwf.TriggerEvent(event="order/created")
books = dwf.Ledger("books")


def buggy(sim: dwf.Simulation) -> None:
    """The body takes the next number each time."""
    numbers = itertools.count(1)

    async def bill(ctx: dwf.Context) -> None:
        def write() -> int:
            number = next(numbers)
            return books.call("invoice", key=f"invoice {number}", value=number)

        await ctx.step.run("write", write)

    play(sim, bill)


def mended(sim: dwf.Simulation) -> None:
    """The number is kept by order, so that who takes it again takes the same."""
    numbers: dict[str, int] = {}

    async def bill(ctx: dwf.Context) -> None:
        order = str(ctx.event.data["id"])
        take = partial(numbers.setdefault, order, len(numbers) + 1)
        number = await ctx.step.run("take a number", take)
        key = f"invoice {number}"
        await ctx.step.run("write", lambda: books.call("invoice", key=key, value=number))

    play(sim, bill)


def play(sim: dwf.Simulation, bill: Any) -> None:
    """Bill an order; a copy of its event is skipped, as it is no order of its own."""
    app = dwf.App("shop")
    app.create_function(fn_id="bill", trigger=CREATED, idempotency="event.data.id")(bill)
    sim.serve(app)
    sim.send("order/created", {"id": "A-17"})
