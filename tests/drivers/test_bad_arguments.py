"""Arguments of steps that are not what they must be: the run fails at once and says why."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from tests.drivers.stage import both_kinds, play

NAN = {"x": [math.nan]}
CALLS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda step: step.wait_for_event("a", event=["a"], timeout=1000), "event is ['a']; it must"),
    (lambda step: step.wait_for_event("a", event="", timeout=1000), "event is ''; it must"),
    (
        lambda step: step.wait_for_event("a", event="e", timeout=1000, if_exp=5),
        "if_exp is 5; it must be a text, or None",
    ),
    (
        lambda step: step.wait_for_event("a", event="e", timeout=1000, match=5),
        "match is 5; it must be a text, or None",
    ),
    (
        lambda step: step.wait_for_signal("a", signal=["a"], timeout=1000, on_conflict="fail"),
        "signal is ['a']; it must",
    ),
    (
        lambda step: step.wait_for_signal("a", signal="s", timeout=1000, on_conflict=["fail"]),
        "on_conflict is ['fail']; it is",
    ),
    (lambda step: step.send_signal("a", signal=5), "signal is 5; it must be a text"),
    (lambda step: step.send_event("a", "x"), "events holds 'x'; give an Event(…), or a list"),
    (lambda step: step.send_event("a", [dwf.Event("x"), 5]), "events holds 5; give"),
    (lambda step: step.invoke_by_id("a", function_id="g", v=5), "v is 5; it must be a text"),
    (lambda step: step.invoke_by_id("a", function_id="g", data="text"), "data is 'text' (str); it"),
    (lambda step: step.invoke_by_id("a", function_id=5), "function_id is 5; it must be a text"),
    (lambda step: step.invoke_by_id("a", app_id=5, function_id="g"), "app_id is 5; it must be"),
    (lambda step: step.invoke("a", function=dwf.reference_function(5)), "function_id is 5; it"),  # type: ignore[arg-type]  # Meant.
    (lambda step: step.run("a", 5), "the body of a step is 5; it must be a function"),
    (lambda step: step.run("a", _body()), "is the coroutine of _body, already called; give the"),
]


async def _body() -> None:
    pass


@both_kinds
@pytest.mark.parametrize(("call", "text"), CALLS, ids=[text[:30] for _, text in CALLS])
def test_a_bad_argument_fails_the_run_at_once(
    kind: str, call: Callable[[Any], Any], text: str
) -> None:
    async def handler(ctx: Any) -> None:
        await call(ctx.step)

    played = play(handler, kind, retries=3)

    assert played.run.status == "failed"
    assert played.run.error is not None
    assert played.run.error["name"] in ("UsageError", "StepError")
    assert text in played.run.error["message"]
    assert all(step.executions <= 1 for step in played.run.steps.values())


@both_kinds
@pytest.mark.parametrize(
    "call",
    [
        lambda step: step.invoke_by_id("a", function_id="g", data=NAN),
        lambda step: step.send_signal("a", signal="s", data=NAN),
        lambda step: step.send_event("a", dwf.Event("x", NAN)),
    ],
    ids=["invoke", "signal", "event"],
)
def test_numbers_that_json_lacks_are_refused(kind: str, call: Callable[[Any], Any]) -> None:
    async def handler(ctx: Any) -> None:
        await call(ctx.step)

    played = play(handler, kind)

    assert played.run.status == "failed"
    assert played.run.error is not None
    assert "JSON, which has no NaN and no Infinity" in played.run.error["message"]
    assert [event.name for event in played.sim.events] == ["go", "inngest/function.finished", *FAIL]


FAIL = ["inngest/function.failed"]
