"""Approvals: something waits for somebody to say yes, by an event or by a signal."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("approvals")


@app.create_function(fn_id="ask", trigger=dwf.TriggerEvent(event="expense/filed"))
async def ask(ctx: dwf.Context) -> str:
    """Wait three days for the approval of the same expense."""
    answer = await ctx.step.wait_for_event(
        "approval", event="expense/approved", match="data.id", timeout="3d"
    )
    if answer is None:
        return "nobody answered"
    return f"approved by {answer.data['by']}"


@app.create_function(fn_id="ring", trigger=dwf.TriggerEvent(event="door/rung"))
async def ring(ctx: dwf.Context) -> object:
    """Wait a minute for a signal."""
    return await ctx.step.wait_for_signal(
        "open", signal="door-opens", timeout="1m", on_conflict="fail"
    )
