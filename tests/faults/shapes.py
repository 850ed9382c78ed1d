"""Ten functions of different shapes, whose orders no fault should bring out of step.

Each is an app, what is sent to it and when; `drivers` says which drivers can play it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import attrs

import dwf_sim as dwf
from tests.drivers.stage import serve

GO = dwf.TriggerEvent(event="go")
BY_N = "string(int(event.data.n) % 2)"
TO_2 = tuple((at, "go") for at in (0, 0, 700, 900))


@attrs.frozen
class Shape:
    """A function to break: `build` makes its app; `sends` are milliseconds and names of events."""

    build: Callable[[], dwf.App]
    sends: tuple[tuple[int, str], ...] = ((0, "go"), (2_000, "go"))
    has_twin: bool = True  # Whether the vendor's SDK can play it, too.


def sequence() -> dwf.App:
    app = dwf.App("sequence")
    ledger = dwf.Ledger("bank")

    @app.create_function(fn_id="f", trigger=GO, retries=3)
    async def f(ctx: dwf.Context) -> object:
        async def pay() -> int:
            await asyncio.sleep(0.01)
            return ledger.call("pay", key=f"{ctx.run_id}", value=1)

        first = await ctx.step.run("a", pay)
        await ctx.step.sleep("nap", "5s")
        return [first, await ctx.step.run("b", pay)]

    return app


def parallel() -> dwf.App:
    app = dwf.App("parallel")

    @app.create_function(fn_id="f", trigger=GO, retries=3)
    async def f(ctx: dwf.Context) -> object:
        async def work(n: int) -> int:
            await asyncio.sleep(n / 100)
            return n

        found = await ctx.group.parallel(
            tuple(lambda n=n: ctx.step.run(f"s{n}", work, n) for n in range(3))
        )
        return [*found, await ctx.step.run("last", work, 9)]

    return app


def waits() -> dwf.App:
    app = dwf.App("waits")

    @app.create_function(fn_id="f", trigger=GO, retries=2)
    async def f(ctx: dwf.Context) -> object:
        got = await ctx.step.wait_for_event("w", event="answer", timeout="10s")
        again = await ctx.step.wait_for_event("w", event="answer", timeout="3s")
        return [got is not None, again is not None]

    return app


def invoke() -> dwf.App:
    app = dwf.App("invoke")

    @app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="child"), retries=1)
    async def child(ctx: dwf.Context) -> object:
        await ctx.step.sleep("nap", "1s")
        return await ctx.step.run("double", lambda: ctx.event.data["n"] * 2)

    @app.create_function(fn_id="f", trigger=GO, retries=2)
    async def f(ctx: dwf.Context) -> object:
        return await ctx.step.invoke("c", function=child, data={"n": 4})

    return app


def failing() -> dwf.App:
    app = dwf.App("failing")
    told = dwf.Ledger("mail")

    async def on_failure(ctx: dwf.Context) -> object:
        return await ctx.step.run("tell", lambda: told.call("tell", value="told"))

    @app.create_function(fn_id="f", trigger=GO, retries=1, on_failure=on_failure)
    async def f(ctx: dwf.Context) -> object:
        def fail() -> object:
            raise ValueError("no")

        try:
            await ctx.step.run("caught", fail)
        except dwf.StepError:
            await ctx.step.run("instead", int)
        return await ctx.step.run("final", fail)

    return app


def limited() -> dwf.App:
    app = dwf.App("limited")

    @app.create_function(
        fn_id="f",
        trigger=GO,
        retries=2,
        concurrency=[dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key=BY_N)],
        throttle=dwf.Throttle(limit=1, period="2s", key=BY_N),
        priority=dwf.Priority(run="int(event.data.n) % 100 - 50"),
    )
    async def f(ctx: dwf.Context) -> object:
        await ctx.step.run("a", int)
        await ctx.step.sleep("nap", "1s")
        return await ctx.step.run("b", int)

    return app


def gathered() -> dwf.App:
    app = dwf.App("gathered")

    @app.create_function(
        fn_id="f",
        trigger=GO,
        retries=1,
        batch_events=dwf.Batch(max_size=3, timeout="4s"),
    )
    async def f(ctx: dwf.Context) -> object:
        return await ctx.step.run("count", lambda: len(ctx.events))

    @app.create_function(fn_id="g", trigger=GO, debounce=dwf.Debounce(period="3s", timeout="8s"))
    async def g(ctx: dwf.Context) -> object:
        return await ctx.step.run("last", lambda: ctx.event.data["n"])

    return app


def checkpointed() -> dwf.App:
    app = dwf.App(
        "checkpointed",
        checkpointing=dwf.Checkpointing(buffered_steps=2, max_interval="50ms", max_runtime="100ms"),
    )

    @app.create_function(fn_id="f", trigger=GO, retries=2)
    async def f(ctx: dwf.Context) -> object:
        async def work(n: int) -> int:
            await asyncio.sleep(0.04)
            return n

        return [await ctx.step.run(f"s{n}", work, n) for n in range(5)]

    return app


def cancelled() -> dwf.App:
    app = dwf.App("cancelled")

    @app.create_function(
        fn_id="f",
        trigger=GO,
        retries=1,
        cancel=[dwf.Cancel(event="answer", if_exp="async.data.n > 500")],
        singleton=dwf.Singleton(mode="cancel", key=BY_N),
        timeouts=dwf.Timeouts(finish="1m"),
    )
    async def f(ctx: dwf.Context) -> object:
        await ctx.step.run("a", int)
        await ctx.step.sleep("nap", "20s")
        return await ctx.step.run("b", int)

    return app


def fan_out() -> dwf.App:
    app = dwf.App("fan")

    @app.create_function(fn_id="f", trigger=GO, retries=2)
    async def f(ctx: dwf.Context) -> object:
        await ctx.step.send_event("send", [dwf.Event("part", {"n": n}) for n in range(3)])
        done = await ctx.step.wait_for_signal(
            "done", signal=f"done-{ctx.run_id}", timeout="9s", on_conflict="fail"
        )
        return done is not None

    @app.create_function(
        fn_id="part",
        trigger=dwf.TriggerEvent(event="part"),
        rate_limit=dwf.RateLimit(limit=2, period="10s"),
    )
    async def part(ctx: dwf.Context) -> object:
        return await ctx.step.run("part", lambda: ctx.event.data["n"])

    return app


SHAPES: dict[str, Shape] = {
    "sequence": Shape(sequence),
    "parallel": Shape(parallel),
    "waits": Shape(waits, ((0, "go"), (0, "go"), (1_500, "answer"), (4_000, "answer"))),
    "invoke": Shape(invoke),
    "failing": Shape(failing),
    "limited": Shape(limited, TO_2),
    "gathered": Shape(gathered, (*TO_2, (6_000, "go"))),
    "checkpointed": Shape(checkpointed, has_twin=False),  # The SDK of Python has none.
    "cancelled": Shape(cancelled, (*TO_2, (3_000, "answer"))),
    "fan-out": Shape(fan_out, has_twin=False),  # Nor has it signals.
}


def play(name: str, driver: str, **settings: Any) -> dwf.Simulation:
    """Run a shape to its end, by the driver "native" or "sdk"."""
    shape = SHAPES[name]
    simulation = serve(shape.build(), driver, dwf.Simulation(**settings))
    for nth, (at, event) in enumerate(shape.sends):
        simulation.advance(max(0, at - (simulation.now_ms - simulation.start_ms)))
        with contextlib.suppress(dwf.SendEventsError):  # A fault can make a send fail.
            simulation.send(event, {"n": at + nth})
    simulation.run_until_idle()
    return simulation
