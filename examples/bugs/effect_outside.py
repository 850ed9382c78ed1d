"""A letter is sent outside of steps, and again at each further entry of the handler."""

from __future__ import annotations

import dwf_sim as dwf

EVENTS = [(0, "user/created", {"id": "ada"})]
CREATED = dwf.TriggerEvent(event="user/created")
buggy, mended = dwf.App("club"), dwf.App("club")
post = dwf.Ledger("post")


@buggy.create_function(fn_id="welcome", trigger=CREATED)
async def welcome(ctx: dwf.Context) -> None:
    """The handler is entered anew for each step."""
    post.call("letter", value=None)
    await ctx.step.sleep("a week", "7d")
    await ctx.step.run("ask", lambda: None)


@mended.create_function(fn_id="welcome", trigger=CREATED)
async def welcome_once(ctx: dwf.Context) -> None:
    """What is done outside is done in a step, with a key."""
    key = f"welcome {ctx.event.data['id']}"
    await ctx.step.run("letter", lambda: post.call("letter", key=key, value=None))
    await ctx.step.sleep("a week", "7d")
    await ctx.step.run("ask", lambda: None)
