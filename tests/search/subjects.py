"""Subjects that searches are tried on, importable by their place."""

from __future__ import annotations

import asyncio
from typing import Any

import dwf_sim as dwf

GO = dwf.TriggerEvent(event="go")
bank = dwf.Ledger("bank")
outside: dict[str, int] = {}

keyed, keyless, counting = dwf.App("keyed"), dwf.App("keyless"), dwf.App("counting")


@keyed.create_function(fn_id="f", trigger=GO)
async def pay_with_key(ctx: dwf.Context) -> object:
    """Pay once per run."""
    key = str(ctx.event.data["n"])
    return await ctx.step.run("pay", lambda: bank.call("pay", key=key, value=1))


@keyless.create_function(fn_id="f", trigger=GO)
async def pay_without(ctx: dwf.Context) -> object:
    """Pay once per execution."""
    await ctx.step.run("think", int)
    return await ctx.step.run("pay", lambda: bank.call("pay", value=1))


@counting.create_function(fn_id="f", trigger=GO)
async def pay_by_counter(ctx: dwf.Context) -> object:
    """Pay with a key that differs in each execution."""

    def pay() -> int:
        outside["n"] = outside.get("n", 0) + 1
        return bank.call("pay", key=str(outside["n"]), value=1)

    return await ctx.step.run("pay", pay)


def forget() -> None:
    """Put back what is outside."""
    outside.clear()


def build() -> dwf.App:
    """Make an app whose function waits for an answer and does not look whether it came."""
    app = dwf.App("made")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> object:
        answer = await ctx.step.wait_for_event("w", event="answer", timeout="1h")
        return answer.data["n"]  # type: ignore[union-attr]  # The mistake.

    return app


def lost_update(sim: dwf.Simulation) -> None:
    """Take two from a stock at once, with a body that reads, awaits, and writes."""
    stock = {"left": 10}
    app = dwf.App("shop")

    @app.create_function(fn_id="take", trigger=GO)
    async def take(ctx: dwf.Context) -> None:
        async def body() -> None:
            left = stock["left"]
            await asyncio.sleep(0)
            stock["left"] = left - 1

        if ctx.event.data["n"]:
            await ctx.step.run("think", int)
        await ctx.step.run("take", body)

    sim.serve(app)
    sim.send([dwf.Event("go", {"n": n}) for n in range(2)])
    sim.run_until_idle()
    assert stock["left"] == 8


def late_wait(sim: dwf.Simulation) -> None:
    """Wait for an answer after a step that may take its time."""
    app = dwf.App("late")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> Any:
        await ctx.step.run("ask", int)
        answer = await ctx.step.wait_for_event("w", event="answer", timeout="1d")
        return answer is not None

    sim.serve(app)
    sim.send("go")
    sim.advance("5s")
    sim.send("answer")


def asks_for_no_run(sim: dwf.Simulation) -> None:
    """Ask for the run of an event that starts none, as a play does that is not up to date."""
    sim.serve(keyed)
    assert sim.send("other").run.status == "completed"
