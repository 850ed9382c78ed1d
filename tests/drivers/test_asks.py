"""Asks: whoever listens hears of every step a handler asks for, in every entry, from its line."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import dwf_sim as dwf
from tests.histories.shop import DRIVERS, served

MINUTE = datetime.timedelta(minutes=1)


async def order(ctx: Any) -> None:
    await ctx.step.run("pack", len, [1])
    await ctx.step.sleep("rest", MINUTE)
    await ctx.step.wait_for_event("paid", event="order/paid", timeout=MINUTE)
    await ctx.step.invoke_by_id("tell", function_id="none")


def plain(ctx: Any) -> None:
    ctx.step.run("pack", len, [1])
    ctx.step.sleep("rest", MINUTE)
    ctx.step.wait_for_event("paid", event="order/paid", timeout=MINUTE)
    ctx.step.invoke_by_id("tell", function_id="none")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("handler", [order, plain], ids=["async def", "def"])
def test_each_entry_tells_of_its_steps_with_kind_and_line(handler: Any, driver: str) -> None:
    simulation = dwf.Simulation(watch=True).serve(served(handler, driver))
    heard: dict[int, list[tuple[str, str, str]]] = {}

    def listen(request: Any, ask: Any) -> None:
        heard.setdefault(request.number, []).append((ask.step, ask.kind, ask.place))

    simulation._runner.on_ask = listen
    simulation.send("order/created")
    simulation.run_until_idle()

    first = handler.__code__.co_firstlineno + 1
    kinds = [("pack", "run"), ("rest", "sleep"), ("paid", "wait"), ("tell", "invoke")]
    full = [
        (step, kind, f"tests/drivers/test_asks.py:{first + nth}")
        for nth, (step, kind) in enumerate(kinds)
    ]
    assert list(heard.values()) == [full[:1], full[:2], full[:3], full, full]


def test_a_body_and_what_it_is_given_are_told_too() -> None:
    simulation = dwf.Simulation(watch=True).serve(served(order))
    heard = []
    simulation._runner.on_ask = lambda _, ask: heard.append(ask)
    simulation.send("order/created")
    simulation.run_until(lambda: bool(heard))

    assert heard[0].body is len
    assert heard[0].given == {"argument 1": "[1]"}
