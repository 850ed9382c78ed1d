"""The user's own mistakes: each is found, with its line, by whichever driver; good code is not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import MistakeFound
from tests.drivers.stage import both_kinds, every_kind, play, set_up
from tests.programs import make_program, run_program

FILE = "tests/test_mistakes.py"


def line_of(handler: Callable[..., Any], offset: int) -> str:
    """The place so many lines below the `def` of a function."""
    return f"{FILE}:{handler.__code__.co_firstlineno + offset}"


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_no_generated_program_has_a_mistake(first: int) -> None:
    for number in range(first, first + 20):
        simulation = run_program(make_program(number))
        assert simulation.trace.of(MistakeFound) == [], number


# Steps that differ from entry to entry.


@every_kind
def test_a_step_id_from_chance_is_found_at_its_line(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("first", lambda: 1)
        await ctx.step.run(f"charge-{random.random()}", lambda: 1)

    played = play(handler, kind, limits=dwf.Limits(steps=4))

    warning, *_ = played.sim.warnings
    assert f"app-f#1 at {line_of(handler, 2)}, " in warning
    found = played.records(MistakeFound)
    assert [record.kind for record in found] == ["order"] * len(found)
    assert found[0].text.startswith("step 2 of this entry is 'charge-")
    assert f"was {found[0].subject!r} in an earlier entry" in found[0].text


@every_kind
def test_an_order_that_differs_is_told_by_its_first_difference(kind: str) -> None:
    orders = iter(["abc", "abc", "acb", *["abc"] * 9])

    async def handler(ctx: Any) -> None:
        for step in next(orders):
            await ctx.step.run(step, lambda: 1)

    played = play(handler, kind)

    first, *_ = played.records(MistakeFound)
    assert (first.subject, first.where) == ("b", line_of(handler, 2))
    assert first.text.startswith("step 2 of this entry is 'c', and was 'b' in an earlier entry")


@every_kind
def test_a_step_that_is_not_asked_for_again_is_found_when_the_handler_returns(kind: str) -> None:
    entries = iter(range(9))

    async def handler(ctx: Any) -> str:
        if next(entries):
            return "done"
        await ctx.step.run("a", lambda: 1)
        return "never"

    played = play(handler, kind)

    (warning,) = played.sim.warnings
    assert warning.startswith("app-f#1, once: this entry returned without asking for step 'a'")


@both_kinds
def test_steps_that_ran_in_one_request_are_compared_with_those_of_the_next(kind: str) -> None:
    orders = iter(["abs", "bas"])

    async def handler(ctx: Any) -> None:
        for step in next(orders):
            if step == "s":
                await ctx.step.sleep("s", "1m")
            else:
                await ctx.step.run(step, lambda: 1)

    played = play(handler, kind, checkpointing=True)

    assert [record.subject for record in played.records(MistakeFound)] == ["a"]


def test_parallel_steps_whose_order_differs_are_found() -> None:
    orders = iter(["ab", "ba", *["ab"] * 9])

    async def handler(ctx: Any) -> None:
        await ctx.group.parallel(
            tuple(lambda s=s: ctx.step.run(s, lambda: 1) for s in next(orders))
        )

    played = play(handler)

    assert played.records(MistakeFound)[0].subject == "a"


@every_kind
def test_what_memos_decide_is_no_mistake(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        chance = await ctx.step.run("chance", random.random)
        for n in range(3 if chance > 0.5 else 2):
            await ctx.step.run(f"low-{n}" if chance < 0.5 else f"high-{n}", lambda: 1)
        event = await ctx.step.wait_for_event("w", event="never", timeout="1h")
        if event is None:
            await ctx.step.sleep("s", "1m")
        return chance

    for seed in range(4):
        played = play(handler, kind, seed=seed)
        assert played.run.status == "completed"
        assert played.sim.warnings == []


@every_kind
def test_branches_of_several_steps_are_no_mistake(kind: str) -> None:
    async def branch(ctx: Any, name: str) -> list[object]:
        return [await ctx.step.run(f"{name}{n}", lambda: 1) for n in range(3)]

    async def handler(ctx: Any) -> object:
        await ctx.group.parallel(tuple(lambda name=name: branch(ctx, name) for name in "ab"))
        return await ctx.step.run("end", lambda: 1)

    played = play(handler, kind)

    assert played.run.output == 1
    assert played.sim.warnings == []


@every_kind
def test_a_step_that_fails_is_asked_for_again_and_may_be_caught(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        def body() -> None:
            raise ValueError

        await ctx.step.run("a", lambda: 1)
        try:
            await ctx.step.run("b", body)
        except dwf.StepError:
            await ctx.step.run("c", lambda: 1)

    played = play(handler, kind, retries=2)

    assert played.run.status == "completed"
    assert played.sim.warnings == []


def test_other_code_that_is_deployed_in_mid_run_may_do_otherwise() -> None:
    def version(*steps: str) -> dwf.App:
        app = dwf.App("app")

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def f(ctx: dwf.Context) -> None:
            for step in steps:
                await ctx.step.sleep(step, "1h")

        return app

    sim = dwf.Simulation().serve(version("a", "b"))
    sim.send("go")
    sim.advance("90m")
    sim.deploy(version("a", "c"))
    sim.run_until_idle()

    assert sim.runs[0].status == "completed"
    assert sim.warnings == []


def test_tasks_that_take_turns_by_chance_may_ask_in_any_order() -> None:
    async def handler(ctx: Any) -> None:
        async def two(name: str) -> None:
            await ctx.step.run(f"{name}1", lambda: 1)
            await ctx.step.run(f"{name}2", lambda: 1)

        await asyncio.gather(*(two(name) for name in "abcd"))

    for seed in range(5):
        played = play(handler, seed=seed, interleave="random")
        assert played.run.status == "completed"
        assert played.sim.warnings == []


def test_what_is_known_of_a_run_is_forgotten_with_its_end() -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", lambda: 1)
        if ctx.event.data.get("fails"):
            raise ValueError

    for data in ({}, {"fails": True}):
        played = set_up(handler, data=data)
        played.sim.run_until_idle()
        assert played.sim._runner.book.replays == {}


@pytest.mark.parametrize("kind", ["sdk async def", "async def"])
def test_a_timeline_shows_a_mistake_with_its_line(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run(f"charge-{random.random()}", lambda: 1)

    played = play(handler, kind, limits=dwf.Limits(steps=3))

    assert f"MISTAKE: {line_of(handler, 1)}: step 1" in played.sim.timeline(played.run)
