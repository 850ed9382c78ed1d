"""Both drivers give the same: a program written natively, and as a function of the vendor's SDK."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import dwf_sim as dwf
from dwf_sim.model.records import AppServed
from tests.drivers.stage import Played, set_up
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


def facts(played: Played) -> list[str]:
    """All that happened and when, but for who was served how.

    Within an instant in any order: the SDK needs some more turns of the event loop.
    """
    entries = [entry for entry in played.sim.trace if not isinstance(entry.record, AppServed)]
    return [text for _, text in sorted((entry.at, str(entry.record)) for entry in entries)]


def play(program: Program, kind: str) -> Played:
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

    native, sdk = play(program, kind), play(program, f"sdk {kind}")

    assert sdk.requests == native.requests
    assert sdk.run.output == native.run.output
    assert facts(sdk) == facts(native)
