"""A step that was planned and is met again as a step of another kind: two branches share an id."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.drivers.stage import every_kind, every_way, play, together

PAST = datetime.datetime(2029, 1, 1, tzinfo=datetime.UTC)


def branches_of(ctx: Any) -> tuple[Any, Any]:
    """Once the first use of the id has a memo, its repeat is the sleep and not the other branch."""

    async def first() -> None:
        await ctx.step.sleep_until("a", PAST)
        await ctx.step.sleep("a", 2000)

    async def second() -> object:
        return await ctx.step.run("a", lambda: 7)

    return first, second


@every_kind
@pytest.mark.rule("A12", "A41")
def test_in_a_group_it_is_reported_as_what_it_is(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return list(await ctx.group.parallel(branches_of(ctx)))

    played = play(handler, kind)

    assert played.answers[:2] == ["Sleep:a + StepPlanned:a:1", "Sleep:a:1"]
    assert (played.run.status, played.run.output) == ("completed", [None, 7])
    assert played.executions["a:2"] == 1


@every_kind
@pytest.mark.rule("A41")
def test_without_a_group_it_is_reported_as_what_it_is(kind: str) -> None:
    """New code has a sleep where the old had a body."""
    entries: list[int] = []

    async def handler(ctx: Any) -> object:
        entries.append(0)
        if len(entries) > 1:
            await ctx.step.sleep("a", 1000)
            return None
        branches = (lambda: ctx.step.run("a", int), lambda: ctx.step.run("b", int))
        return await ctx.group.parallel(branches)

    played = play(handler, kind)

    assert played.answers[:2] == ["StepPlanned:a + StepPlanned:b", "Sleep:a"]


@every_way
@pytest.mark.rule("A41")
def test_among_tasks_it_is_reported_as_what_it_is(kind: str) -> None:
    entries: list[int] = []

    async def handler(ctx: Any) -> object:
        entries.append(0)
        step = ctx.step.run if len(entries) == 1 else ctx.step.sleep
        names, given = ("ab", int) if len(entries) == 1 else ("ba", 1000)
        return await together(ctx, kind, *(lambda n=n: step(n, given) for n in names))

    played = play(handler, kind)

    assert played.answers[:3] == ["StepPlanned:a + StepPlanned:b", "Sleep:a", "Sleep:b"]
    assert played.run.output == [None, None]
