"""A run sends its children off and then waits for each: who is done sooner is missed."""

from __future__ import annotations

import asyncio
from typing import Any

import dwf_sim as dwf

EVENTS = [(0, "book/sent")]
SENT = dwf.TriggerEvent(event="book/sent")
PAGES = (1, 2)
buggy, mended = dwf.App("press"), dwf.App("press")


@buggy.create_function(fn_id="print", trigger=SENT)
async def print_book(ctx: dwf.Context) -> list[Any]:
    """While it waits for page 1, nobody waits for page 2."""
    await ctx.step.send_event("pages", [dwf.Event("page/sent", {"n": n}) for n in PAGES])
    done = []
    for n in PAGES:
        page = await ctx.step.wait_for_event(
            f"page {n}", event="page/printed", if_exp=f"async.data.n == {n}", timeout="1d"
        )
        done.append(page and page.data["n"])
    return done


@buggy.create_function(fn_id="page", trigger=dwf.TriggerEvent(event="page/sent"))
async def print_page(ctx: dwf.Context) -> None:
    """Print a page, which takes some minutes, and say so."""
    n = ctx.event.data["n"]
    await ctx.step.sleep("ink", f"{n}m")
    await ctx.step.send_event("printed", dwf.Event("page/printed", {"n": n}, id=f"printed {n}"))


@mended.create_function(fn_id="print", trigger=SENT)
async def print_book_by_invoking(ctx: dwf.Context) -> list[Any]:
    """To invoke is to send and to wait at once."""
    return await asyncio.gather(
        *(ctx.step.invoke(f"page {n}", function=print_invoked, data={"n": n}) for n in PAGES)
    )


@mended.create_function(fn_id="page", trigger=dwf.TriggerEvent(event="page/sent"))
async def print_invoked(ctx: dwf.Context) -> int:
    """Print a page."""
    await ctx.step.sleep("ink", f"{ctx.event.data['n']}m")
    return ctx.event.data["n"]
