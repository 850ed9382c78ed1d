"""Reports: many parts in parallel, pages in a loop, and one function that calls another."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("reports")
later = dwf.App("reports")


@app.create_function(fn_id="part", trigger=dwf.TriggerEvent(event="part"))
async def part(ctx: dwf.Context) -> int:
    """Work on one part."""
    await ctx.step.sleep("work", "1m")
    return int(ctx.event.data["n"]) ** 2


@app.create_function(fn_id="whole", trigger=dwf.TriggerEvent(event="report"))
async def whole(ctx: dwf.Context) -> int:
    """Add up the parts, which are worked on side by side."""
    parts = await ctx.group.parallel(
        tuple(
            lambda n=n: ctx.step.invoke(f"part {n}", function=part, data={"n": n}) for n in range(3)
        )
    )
    return sum(parts)


@app.create_function(fn_id="pages", trigger=dwf.TriggerEvent(event="pages"))
async def pages(ctx: dwf.Context) -> int:
    """Read page after page, until one is the last."""
    page, count = 0, 0
    while page is not None:
        found = await ctx.step.run(f"page {page}", read_page, page)
        count += len(found["rows"])
        page = found["next"]
    return count


def read_page(page: int) -> dict[str, object]:
    """Read a page of two rows; the third is the last."""
    return {"rows": [page * 2, page * 2 + 1], "next": page + 1 if page < 2 else None}


@app.create_function(fn_id="draft", trigger=dwf.TriggerEvent(event="draft"))
async def draft(ctx: dwf.Context) -> list[str]:
    """Write a draft, let it lie for a day, and finish it."""
    text = await ctx.step.run("write", lambda: "first version")
    await ctx.step.sleep("lie", "1d")
    return [text, await ctx.step.run("finish", lambda: "as it was")]


@later.create_function(fn_id="draft", trigger=dwf.TriggerEvent(event="draft"))
async def draft_later(ctx: dwf.Context) -> list[str]:
    """The same, as it is deployed a little later."""
    text = await ctx.step.run("write", lambda: "second version")
    await ctx.step.sleep("lie", "1d")
    return [text, await ctx.step.run("finish", lambda: "with more care")]


@app.create_function(fn_id="weekly", trigger=dwf.TriggerCron(cron="TZ=Europe/Berlin 0 9 * * 1"))
async def weekly(ctx: dwf.Context) -> None:
    """Report each Monday at nine in Berlin."""
    await ctx.step.run("report", int)
