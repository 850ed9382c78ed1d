"""`checks.flow_control`: limits hold, and are reached."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import checks, strategies
from dwf_sim.engine import queue
from dwf_sim.flow.concurrency import ConcurrencyLimits
from tests.checks.shop import EXAMPLES, function, told

ORDERS = strategies.events(
    "order", {"user": st.sampled_from(["ann", "bob"]), "urgent": st.integers(-3, 3)}
)


async def order(ctx: dwf.Context) -> None:
    await ctx.step.run("a", lambda: 1)


LIMITS: dict[str, dict[str, Any]] = {
    "concurrency": {"concurrency": 2},
    "concurrency by key": {"concurrency": dwf.Concurrency(limit=1, key="event.data.user")},
    "concurrency in account": {"concurrency": dwf.Concurrency(limit=1, key="'x'", scope="account")},
    "throttle": {"throttle": dwf.Throttle(limit=1, period="1m")},
    "rate limit": {"rate_limit": dwf.RateLimit(limit=1, period="1m")},
    "idempotency": {"idempotency": "event.data.user"},
    "debounce": {"debounce": dwf.Debounce(period="5s", key="event.data.user")},
    "batch": {"batch_events": dwf.Batch(max_size=3, timeout="5s")},
    "singleton, skip": {"singleton": dwf.Singleton(mode="skip")},
    "singleton, cancel": {"singleton": dwf.Singleton(mode="cancel")},
    "priority": {"concurrency": 1, "priority": dwf.Priority(run="int(event.data.urgent)")},
}


@pytest.mark.parametrize("settings", LIMITS.values(), ids=LIMITS)
def test_a_limit_is_reached_and_holds(settings: dict[str, Any]) -> None:
    checked = checks.flow_control(function(order, **settings), ORDERS, examples=EXAMPLES // 2)

    assert checked.trials == EXAMPLES // 2


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"rate_limit": dwf.RateLimit(limit=1, period="1m", key="event.data.usr")}, "rate limit"),
        ({"singleton": dwf.Singleton(mode="skip", key="event.data.usr")}, "singleton"),
        ({"concurrency": [dwf.Concurrency(limit=9, key="event.data.user")]}, "concurrency"),
        ({"concurrency": 1, "priority": dwf.Priority(run="event.data.urgent")}, "priority"),
    ],
)
def test_a_limit_that_is_never_reached_is_told(settings: dict[str, Any], name: str) -> None:
    made = function(order, **settings)

    screen = told(checks.flow_control, made, ORDERS, examples=EXAMPLES // 2, burst=5)

    assert screen.startswith(f"checks.flow_control proves nothing:\n  {name} of shop-order")
    checks.flow_control(made, ORDERS, examples=EXAMPLES // 2, burst=5, must_reach=False)


def test_a_limit_that_the_engine_does_not_keep_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConcurrencyLimits, "stops", lambda *_: ())

    screen = told(
        checks.flow_control, function(order, concurrency=2), ORDERS, examples=EXAMPLES // 2
    )

    assert "broken: concurrency kept: no more requests are in flight for a function" in screen
    assert "3 requests are in flight, 2 may be (concurrency of shop-order)" in screen
    assert "\nplan: no faults\n" in screen
    assert screen.count("dwf_sim.Event(") == 3


def test_a_priority_that_the_engine_does_not_heed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_score", lambda _, item: item.run.created_at)
    settings = {"concurrency": 1, "priority": dwf.Priority(run="int(event.data.urgent)")}
    sends = [dwf.Event("order", {"urgent": urgent}) for urgent in (0, 0, 9)]

    screen = told(checks.flow_control, function(order, **settings), sends, faults=[])

    assert "broken: priority: " in screen


def test_functions_without_limits_are_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="shop-order has no flow control"):
        checks.flow_control(function(order), ORDERS)


def test_a_list_is_sent_as_it_is() -> None:
    sends = [dwf.Event("order"), ("2s", dwf.Event("order")), "order"]
    limit = function(order, singleton=dwf.Singleton(mode="skip"))

    checked = checks.flow_control(limit, sends, faults=[], latency=dwf.Latency(step="3s"))

    assert checked.runs == 1
