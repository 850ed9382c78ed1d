"""Both drivers give the same: programs written natively, and as functions of the vendor's SDK.

All tests with `every_kind` or `every_driver` are compared in the same way; here are generated
programs, and a handler for each difference that the comparison leaves out or cannot make.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pytest

import dwf_sim as dwf
from tests.drivers.differences import DIFFERENCES, Difference
from tests.drivers.parity import compare, facts
from tests.drivers.stage import Played, play, set_up
from tests.programs import Interpreter, Op, Program, make_program

# What both can express: the SDK has no signals, and asyncio's own parallelism is none of its.
SHARED = ("run", "awaits", "fails", "sleep", "wait", "parallel", "invoke", "send", "caught", "log")


def shared(ops: tuple[Op, ...], kind: str) -> tuple[Op, ...]:
    """Leave out of a program what only one driver can do, or no plain `def`."""
    return tuple(
        attrs.evolve(op, branches=tuple(filter(None, (shared(b, kind) for b in op.branches))))
        for op in ops
        if op.kind in SHARED and (op.kind != "awaits" or "async" in kind)
    )


def play_program(program: Program, kind: str) -> Played:
    app = dwf.App("app")
    failures: dict[str, int] = {}

    @app.create_function(fn_id="child", trigger=[], retries=1)
    async def child(ctx: dwf.Context) -> int:
        return await ctx.step.run("child", lambda: 7)

    async def handler(ctx: Any) -> object:
        return await Interpreter(ctx, child, failures).all(shared(program.ops, kind))

    played = set_up(
        handler,
        kind,
        retries=2,
        app=app,
        seed=program.seed,
        faults=program.faults,
        latency=dwf.Latency(request=("0ms", "80ms"), step=("0ms", "20ms")),
    )
    for at, name in program.sends[1:]:
        played.sim.advance(at - (played.sim.now_ms - played.sim.start_ms))
        played.sim.send(name, {"n": at})
    return played.to_end()


@pytest.mark.parametrize("kind", ["async def", "def"])
@pytest.mark.parametrize("number", range(30))
def test_both_drivers_leave_the_same_trace(kind: str, number: int) -> None:
    program = make_program(number)

    native, sdk = play_program(program, kind), play_program(program, f"sdk {kind}")

    assert sdk.requests == native.requests
    assert sdk.run.output == native.run.output
    compare([native.sim], [sdk.sim])


# The handlers that show the differences.


async def shows_a_stack(ctx: Any) -> object:
    def body() -> None:
        raise ValueError("boom")

    try:
        await ctx.step.run("a", body)
    except dwf.StepError as error:
        return {"stack": error.stack}


async def returns_no_json(ctx: Any) -> object:
    return {1}


async def swallows(ctx: Any) -> object:
    try:
        return await ctx.step.run("a", lambda: 1)
    except:  # noqa: E722  # What this is about.
        return "swallowed"


async def gathers(ctx: Any) -> object:
    return await asyncio.gather(*(ctx.step.run(name, lambda: 1) for name in "ab"))


async def groups(ctx: Any) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(ctx.step.run("a", lambda: 1))


SHOWN: dict[str, list[Callable[[str], Played]]] = {
    "Stacks of errors": [partial(play, shows_a_stack)],
    "How a handler was left": [partial(play, returns_no_json)],
    "Complaints of a swallowed interrupt": [partial(play, swallows)],
    "asyncio's own parallelism": [partial(play, gathers), partial(play, groups)],
    "Order within an instant": [partial(play_program, make_program(0))],
}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[each.name for each in DIFFERENCES])
def test_a_difference_that_is_listed_is_there(difference: Difference) -> None:
    others = tuple(each for each in DIFFERENCES if each is not difference)

    for play_kind in SHOWN[difference.name]:
        native, sdk = play_kind("async def").sim, play_kind("sdk async def").sim

        assert facts(native, others) != facts(sdk, others)
        assert (facts(native) == facts(sdk)) is (difference.smooth is not None)
