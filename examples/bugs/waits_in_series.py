"""Two answers are waited for one after the other, and the second may come first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import dwf_sim as dwf

EVENTS = [(0, "loan/wanted")]
WANTED = dwf.TriggerEvent(event="loan/wanted")
buggy, mended = dwf.App("bank"), dwf.App("bank")


@buggy.create_function(fn_id="decide", trigger=WANTED)
async def decide(ctx: dwf.Context) -> str:
    """Who has read the papers is not heard until the house is valued."""
    house, _ = await asyncio.gather(wait(ctx, "house"), invoke(ctx))
    return said([house, await wait(ctx, "papers")])


@mended.create_function(fn_id="decide", trigger=WANTED)
async def decide_in_any_order(ctx: dwf.Context) -> str:
    """Both are waited for at once, before anybody is asked."""
    house, papers, _ = await asyncio.gather(wait(ctx, "house"), wait(ctx, "papers"), invoke(ctx))
    return said([house, papers])


async def invoke(ctx: dwf.Context) -> object:
    """Have everybody asked."""
    return await ctx.step.invoke("ask", function=dwf.reference_function(function_id="ask"))


async def wait(ctx: dwf.Context, name: str) -> dwf.Event | None:
    """Wait for one answer."""
    return await ctx.step.wait_for_event(name, event=f"{name}/checked", timeout="30d")


def said(answers: Sequence[dwf.Event | None]) -> str:
    """Say what is decided."""
    return "granted" if all(answers) else "not enough is known"


async def ask(ctx: dwf.Context) -> None:
    """Ask everybody."""
    await ctx.step.send_event("ask", dwf.Event("loan/asked", id=f"asked {ctx.run_id}"))


async def check_house(ctx: dwf.Context) -> None:
    """Value the house in an hour."""
    await ctx.step.sleep("drive there", "1h")
    await ctx.step.send_event("tell", dwf.Event("house/checked", id=f"house {ctx.event.id}"))


async def read_papers(ctx: dwf.Context) -> None:
    """Read the papers in two hours."""
    await ctx.step.sleep("read", "2h")
    await ctx.step.send_event("tell", dwf.Event("papers/checked", id=f"papers {ctx.event.id}"))


ASKED = dwf.TriggerEvent(event="loan/asked")
for app in (buggy, mended):
    app.create_function(fn_id="ask", trigger=dwf.TriggerEvent(event="loan/invoked"))(ask)
    app.create_function(fn_id="house", trigger=ASKED)(check_house)
    app.create_function(fn_id="papers", trigger=ASKED)(read_papers)
