"""Generated code and generated edits of it, whose work is counted: for both drivers."""

from __future__ import annotations

import datetime
import functools
import random
from typing import Any

import attrs

from tests.histories.shop import served

__tracebackhide__ = True  # What a handler does is reported at its own line.

KINDS = ("run", "run", "run", "sleep", "wait")
WAYS = ("rename", "kind", "delete", "insert", "move", "split", "merge")
HOUR = datetime.timedelta(hours=1)


@attrs.frozen
class Item:
    """A step: its kind, its id, and the work that it does, which an edit of the id leaves."""

    kind: str
    step: str
    work: str


Code = tuple[tuple[Item, ...], ...]  # Groups, one after the other; what is in one is in parallel.


def make_code(chance: random.Random) -> Code:
    """Draw one to four groups of up to three steps."""
    sizes = [chance.choice((1, 1, 2, 3)) for _ in range(chance.randint(1, 4))]
    starts = [sum(sizes[:nth]) for nth in range(len(sizes))]
    return tuple(
        tuple(
            Item(chance.choice(KINDS), f"s{nth}", f"work {nth}")
            for nth in range(start, start + size)
        )
        for start, size in zip(starts, sizes, strict=True)
    )


def edit(chance: random.Random, code: Code) -> Code:
    """Change one thing or two."""
    groups = [list(group) for group in code]
    for nth in range(chance.choice((1, 1, 2))):
        place = chance.randrange(len(groups))
        group = groups[place]
        at = chance.randrange(len(group))
        item, kind = group[at], chance.choice(KINDS)
        match chance.choice(WAYS):
            case "rename":
                group[at] = attrs.evolve(item, step=f"{item.step}x")
            case "kind":
                group[at] = attrs.evolve(item, kind=kind)
            case "delete" if sum(map(len, groups)) > 1:
                del group[at]
            case "insert":
                groups.insert(place, [Item(kind, f"new{nth}", f"new work {nth}")])
            case "move":
                del group[at]
                groups.insert(chance.randint(0, len(groups)), [item])
            case "split":
                groups[place : place + 1] = [[each] for each in group]
            case "merge":
                groups[place : place + 2] = [
                    [each for part in groups[place : place + 2] for each in part]
                ]
        groups = [group for group in groups if group]
    return tuple(map(tuple, groups))


def serve(code: Code, driver: str, done: list[str]) -> Any:
    """Make the function `shop-order` of it; what it does is added to `done`."""

    def ask(ctx: Any, item: Item) -> Any:
        if item.kind == "sleep":
            return ctx.step.sleep(item.step, HOUR)
        if item.kind == "wait":
            event = f"event-{item.work}"
            return ctx.step.wait_for_event(item.step, event=event, timeout=3 * HOUR)
        return ctx.step.run(item.step, functools.partial(done.append, item.work))

    async def order(ctx: Any) -> list[int]:
        counts = []
        for group in code:
            if len(group) == 1:
                await ask(ctx, group[0])
                counts.append(1)
            else:
                asks = tuple([functools.partial(ask, ctx, item) for item in group])
                counts.append(len(await ctx.group.parallel(asks)))
        return counts

    return served(order, driver)
