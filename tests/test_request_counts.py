"""How many requests a program takes: the cheat sheet of the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import ParallelMode
from tests.drivers.stage import Fails, Handler, every_kind, set_up

Program = Callable[[int], Handler]


def returns(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        pass

    return handler


def runs(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for _ in range(n):
            await ctx.step.run("a", lambda: None)

    return handler


def sleeps(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for _ in range(n):
            await ctx.step.sleep("s", "1m")

    return handler


def waits(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for _ in range(n):
            await ctx.step.wait_for_event("w", event="answer", timeout="1h")

    return handler


def waits_in_vain(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for _ in range(n):
            await ctx.step.wait_for_event("w", event="never", timeout="1m")

    return handler


def invokes(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        for _ in range(n):
            await ctx.step.invoke_by_id("i", function_id="child")

    return handler


def group(ctx: Any, n: int, mode: ParallelMode) -> Any:
    return ctx.group.parallel(
        tuple(lambda i=i: ctx.step.run(f"p{i}", lambda: None) for i in range(n)), mode
    )


def parallel(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        await group(ctx, n, ParallelMode.WAIT)

    return handler


def parallel_in_race_mode(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        await group(ctx, n, ParallelMode.RACE)

    return handler


def parallel_and_sleep(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        await ctx.group.parallel(
            (
                *(lambda i=i: ctx.step.run(f"p{i}", lambda: None) for i in range(n)),
                lambda: ctx.step.sleep("s", "1m"),
            )
        )

    return handler


def parallel_and_run(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        await group(ctx, n, ParallelMode.WAIT)
        await ctx.step.run("after", lambda: None)

    return handler


def fails_and_succeeds(n: int) -> Handler:
    fails = Fails(n)

    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", fails)

    return handler


def fails_and_is_caught(n: int) -> Handler:
    fails = Fails()

    async def handler(ctx: Any) -> None:
        try:
            await ctx.step.run("a", fails)
        except dwf.StepError:
            return

    return handler


def fails_after_a_step(n: int) -> Handler:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", lambda: None)
        raise ValueError

    return handler


@every_kind
@pytest.mark.rule("A16", "A27", "A29", "A31", "A32", "A69", "A74", "A90", "A107")
@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize(
    ("program", "requests"),
    [
        (returns, lambda _: 1),
        (runs, lambda n: n + 1),
        (sleeps, lambda n: n + 1),
        (waits, lambda n: n + 1),
        (waits_in_vain, lambda n: n + 1),
        (invokes, lambda n: n + 1),
        (parallel, lambda n: 1 + n + 1),
        (parallel_in_race_mode, lambda n: 1 + n + n),
        (parallel_and_sleep, lambda n: 1 + n + 1),
        (parallel_and_run, lambda n: n + 3),
        (fails_and_succeeds, lambda n: n + 2),
        (fails_and_is_caught, lambda n: n + 2),
        (fails_after_a_step, lambda n: 1 + (n + 1)),
    ],
)
def test_a_program_takes_as_many_requests_as_the_cheat_sheet_says(
    kind: str, program: Program, requests: Callable[[int], int], n: int
) -> None:
    app = dwf.App("app")
    app.create_function(fn_id="child", trigger=[])(returns(0))

    # Where something fails, n is the number of retries, and of failures.
    played = set_up(program(n), kind, retries=n, app=app)
    if program is waits:
        for _ in range(n):
            played.sim.advance("1s")
            played.sim.send("answer")
    played.to_end()

    assert len(played.requests) == requests(n)
    assert played.run.entries == requests(n)
    assert played.run.status == ("failed" if program is fails_after_a_step else "completed")
