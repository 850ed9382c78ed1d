"""Trips: steps side by side, an offer against a deadline, and what is undone when one fails."""

from __future__ import annotations

import asyncio

import dwf_sim as dwf

app = dwf.App("trips")
bookings = dwf.Ledger("bookings")


async def book(what: str, seconds: float = 0) -> str:
    """Book something, which takes its time."""
    await asyncio.sleep(seconds)
    return bookings.call("book", key=what, value=what)


@app.create_function(fn_id="both", trigger=dwf.TriggerEvent(event="trip/booked"))
async def both(ctx: dwf.Context) -> list[str]:
    """Book a flight and a room at once."""
    return list(
        await ctx.group.parallel(
            (
                lambda: ctx.step.run("flight", book, "flight", 20),
                lambda: ctx.step.run("room", book, "room", 5),
            )
        )
    )


@app.create_function(fn_id="offer", trigger=dwf.TriggerEvent(event="trip/asked"))
async def offer(ctx: dwf.Context) -> str:
    """Take the agency's offer, or the price of last year when it takes too long."""
    found = await ctx.group.race(
        (
            lambda: ctx.step.run("agency", book, "offer", ctx.event.data["seconds"]),
            lambda: ctx.step.sleep("deadline", "1m"),
        )
    )
    return found or await ctx.step.run("look up", lambda: "the price of last year")


@app.create_function(fn_id="all", trigger=dwf.TriggerEvent(event="trip/planned"), retries=1)
async def all_or_nothing(ctx: dwf.Context) -> str:
    """Book a flight, a car and a room, or nothing of these."""
    booked: list[str] = []
    try:
        for what in ("flight", "car", "room"):
            await ctx.step.run(what, find, what, ctx.event.data["lacks"])
            booked.append(what)
    except dwf.StepError as error:
        for what in reversed(booked):
            await ctx.step.run(f"undo {what}", undo, what)
        return f"nothing is booked: {error.message}"
    return "all is booked"


def find(what: str, lacking: str) -> str:
    """Book something, unless that is what there is none of."""
    if what == lacking:
        raise LookupError(f"there is no {what}")
    return bookings.call("book", key=what, value=what)


def undo(what: str) -> None:
    """Give back what was booked."""
    bookings.call("cancel", key=f"cancel {what}", value=None)
