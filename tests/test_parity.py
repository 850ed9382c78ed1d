"""Both drivers give the same: programs written natively, and as functions of the vendor's SDK.

All tests with `every_kind` or `every_driver` are compared in the same way; here are generated
programs, and a handler for each difference that the comparison leaves out or cannot make.
"""

from __future__ import annotations

import asyncio
import datetime
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


def nests(how: str) -> Any:
    async def handler(ctx: Any) -> object:
        async def body() -> None:
            if how == "sleep":
                await ctx.step.sleep("inner", "1h")
            else:
                await ctx.group.parallel((lambda: ctx.step.run("inner", lambda: 1),))

        return await ctx.step.run("outer", body)

    return handler


async def is_cancelled(ctx: Any) -> None:
    raise asyncio.CancelledError


async def raises_what_says_nothing(ctx: Any) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    raise Mute


async def waits_for_a_second_and_a_bit(ctx: Any) -> object:
    timeout = datetime.timedelta(milliseconds=1001)
    return await ctx.step.wait_for_event("w", event="never", timeout=timeout)


async def turns_its_steps_round(ctx: Any) -> object:
    names = "ab" if datetime.datetime.now().second == 0 else "ba"
    return await ctx.group.parallel(
        tuple(lambda n=n: ctx.step.run(n, lambda: asyncio.sleep(1)) for n in names)
    )


SHOWN: dict[str, list[Callable[[str], Played]]] = {
    "Stacks of errors": [partial(play, shows_a_stack)],
    "How a handler was left": [partial(play, returns_no_json)],
    "Complaints of a swallowed interrupt": [partial(play, swallows)],
    "asyncio's own parallelism": [partial(play, gathers), partial(play, groups)],
    "Other steps in the body of a step": [
        partial(play, nests("sleep")),
        partial(play, nests("group")),
    ],
    "Errors that the SDK does not catch or cannot write": [
        partial(play, is_cancelled),
        partial(play, raises_what_says_nothing),
    ],
    "A millisecond more than a second": [partial(play, waits_for_a_second_and_a_bit)],
    "Line of a step in a lambda of a group": [partial(play, turns_its_steps_round)],
    "Order within an instant": [partial(play_program, make_program(0))],
}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[each.name for each in DIFFERENCES])
def test_a_difference_that_is_listed_is_there(difference: Difference) -> None:
    others = tuple(each for each in DIFFERENCES if each is not difference)

    for play_kind in SHOWN[difference.name]:
        native, sdk = play_kind("async def").sim, play_kind("sdk async def").sim

        assert facts(native, others) != facts(sdk, others)
        assert (facts(native) == facts(sdk)) is (difference.smooth is not None)
