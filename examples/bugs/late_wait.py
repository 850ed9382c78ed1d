"""A wait begins after the step that asks, so that a fast answer comes before anybody waits."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "door/locked")]
LOCKED = dwf.TriggerEvent(event="door/locked")
buggy, mended = dwf.App("door"), dwf.App("door")


@buggy.create_function(fn_id="open", trigger=LOCKED)
async def open_door(ctx: dwf.Context) -> str:
    """Between the two steps there is a request, which may take its time."""
    await ctx.step.send_event("ask", dwf.Event("door/asked", id=f"asked {ctx.run_id}"))
    code = await ctx.step.wait_for_event("code", event="door/code", timeout="30d")
    return "open" if code else "nobody has answered"


@buggy.create_function(fn_id="answer", trigger=dwf.TriggerEvent(event="door/asked"))
async def send_code(ctx: dwf.Context) -> None:
    """Answer after five seconds."""
    await ctx.step.sleep("remember", "5s")
    await ctx.step.send_event("answer", dwf.Event("door/code", id=f"for {ctx.event.id}"))


@mended.create_function(fn_id="open", trigger=LOCKED)
async def open_door_by_invoking(ctx: dwf.Context) -> str:
    """To invoke is to ask and to wait at once."""
    code = await ctx.step.invoke("ask", function=give_code, timeout="30d")
    return "open" if code else "nobody has answered"


@mended.create_function(fn_id="answer", trigger=dwf.TriggerEvent(event="door/asked"))
async def give_code(ctx: dwf.Context) -> int:
    """Answer after five seconds."""
    await ctx.step.sleep("remember", "5s")
    return 42
