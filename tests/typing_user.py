"""What a user's editor knows: checked by mypy, never run. Each `assert_type` is a promise."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, assert_type

import dwf_sim as dwf
from dwf_sim import strategies

app = dwf.App("typing")
dwf.App("on", checkpointing=dwf.Checkpointing(max_interval="1s", max_runtime=5000))


def price(item: str, count: int) -> float:
    return 1.5 * count


async def charge(amount: float, *, currency: str) -> dict[str, str]:
    return {"id": f"{amount} {currency}"}


@app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="a"))
async def child(ctx: dwf.Context) -> list[int]:
    return [1]


@app.create_function(fn_id="plain", trigger=[dwf.TriggerEvent(event="a")], retries=2)
def plain(ctx: dwf.ContextSync) -> str:
    assert_type(ctx.step.run("price", price, "x", 2), float)
    assert_type(ctx.step.invoke("child", function=child), list[int])
    assert_type(ctx.step.sleep_until("s", datetime.datetime.now()), None)
    assert_type(ctx.step.wait_for_event("w", event="a", timeout="1h"), dwf.Event | None)
    return "done"


@app.create_function(fn_id="parent", trigger=dwf.TriggerEvent(event="a"))
async def parent(ctx: dwf.Context) -> None:
    assert_type(await ctx.step.run("price", price, "x", 2), float)
    assert_type(await ctx.step.run("charge", charge, 2.0, currency="EUR"), dict[str, str])
    assert_type(await ctx.step.run("lambda", lambda: 3), int)
    assert_type(await ctx.step.invoke("child", function=child), list[int])
    assert_type(await ctx.step.invoke("plain", function=plain), str)
    assert_type(await ctx.step.invoke_by_id("id", function_id="child"), object)
    assert_type(await ctx.step.wait_for_event("w", event="a", timeout="1h"), dwf.Event | None)
    assert_type(await ctx.step.send_event("send", dwf.Event("a")), list[str])
    assert_type(
        await ctx.step.wait_for_signal("sig", signal="a", timeout="1h", on_conflict="fail"),
        dict[str, Any] | None,
    )
    one = ctx.step.run("a", price, "x", 1)
    two = ctx.step.run("b", charge, 1.0, currency="EUR")
    price_of: Coroutine[Any, Any, float] = one
    charged: Coroutine[Any, Any, dict[str, str]] = two
    await asyncio.gather(price_of, charged)
    assert_type(
        await ctx.group.parallel((lambda: ctx.step.run("c", price, "x", 1),)), tuple[float, ...]
    )
    assert_type(await ctx.group.race((lambda: ctx.step.run("d", price, "x", 1),)), float)
    await ctx.step.run("charge", charge, "2.0", currency="EUR")  # type: ignore[arg-type]  # amount is a float.
    await ctx.step.invoke("child", function="child")  # type: ignore[arg-type]  # A text is no function.


assert_type(child, dwf.Function[list[int]])
assert_type(plain, dwf.Function[str])
assert_type(dwf.Simulation().send("a").run.status, str)


def play(plan: dwf.FaultPlan) -> dwf.Simulation:
    return dwf.Simulation(faults=plan)


dwf.check_recovery(play, dwf.crash.before("a"), [dwf.crash.inside("a")], dwf.FaultPlan())
dwf.check_recovery(play, dwf.crash.before("a"), compare=lambda run: run.output["id"])
dwf.check_recovery(dwf.Simulation, dwf.crash.before("a"))  # type: ignore[arg-type]  # It takes a plan.
assert_type(dwf.record(app, "a", {"n": 1}).save("histories"), list[Path])
assert_type(dwf.Replayer("a.history.json", answers={"b": 1}).replay(child).is_breaking, bool)


class Machine(strategies.FlowControlMachine):
    events = strategies.events("a")
    without = ("cancel",)
    options = {"seed": 7}

    def functions(self) -> dwf.App:
        return app

    def settled(self) -> None:
        assert_type(self.simulation.runs, list[dwf.RunView])


TestMachine = Machine.TestCase
