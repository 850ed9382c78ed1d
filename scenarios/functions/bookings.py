"""Bookings: what is cancelled, what is cleaned up then, and what sleeps until a day."""

from __future__ import annotations

import datetime

import dwf_sim as dwf

app = dwf.App("bookings")
rooms = dwf.Ledger("rooms")


@app.create_function(
    fn_id="book",
    trigger=dwf.TriggerEvent(event="room/asked"),
    timeouts=dwf.Timeouts(finish="3d"),
    cancel=[dwf.Cancel(event="room/declined")],
)
async def book(ctx: dwf.Context) -> str:
    """Hold a room, which has to be paid within three days."""
    await ctx.step.run("hold", lambda: rooms.call("hold", value=None))
    await ctx.step.wait_for_event("paid", event="room/paid", timeout="7d")
    return "booked"


@app.create_function(
    fn_id="free",
    trigger=dwf.TriggerEvent(
        event="inngest/function.cancelled", expression="event.data.function_id == 'bookings-book'"
    ),
)
async def free(ctx: dwf.Context) -> str:
    """Free the room of a booking that was cancelled."""
    await ctx.step.run("free", lambda: rooms.call("free", value=None))
    return str(ctx.event.data["event"]["data"]["room"])


@app.create_function(fn_id="welcome", trigger=dwf.TriggerEvent(event="room/booked"))
async def welcome(ctx: dwf.Context) -> str:
    """Write on the day before the guest comes."""
    day = datetime.datetime.fromisoformat(ctx.event.data["on"])
    await ctx.step.sleep_until("the day before", day - datetime.timedelta(days=1))
    return "see you tomorrow"
