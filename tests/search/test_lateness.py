"""Whoever waits is not to blame for an answer that comes after the wait is over, or never."""

from __future__ import annotations

import pytest

import dwf_sim as dwf

GO = dwf.TriggerEvent(event="go")


@pytest.mark.parametrize("is_heard", [True, False])
def test_another_output_is_no_mistake_if_nobody_has_answered_in_time(is_heard: bool) -> None:
    """Given one who answers late; then it counts only if an answer came and was not heard."""
    app = dwf.App("made")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> bool:
        if not is_heard:
            await ctx.step.sleep("think", "1m")
        answer = await ctx.step.wait_for_event("w", event="answer", timeout="1h")
        return answer is not None

    @app.create_function(fn_id="other", trigger=GO)
    async def other(ctx: dwf.Context) -> None:
        await ctx.step.sleep("think" if is_heard else "wait", "2m")
        await ctx.step.send_event("answer", dwf.Event("answer", id=f"for {ctx.event.id}"))

    found = dwf.explore(app, "go", kinds=["timers.late"], strategy="random", runs=60)

    assert found.holds is is_heard
    assert found.struck


def test_no_timer_is_a_year_late_because_an_invoke_would_wait_as_long() -> None:
    app = dwf.App("made")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> object:
        return await ctx.step.invoke("call", function=called)

    @app.create_function(fn_id="called", trigger=dwf.TriggerEvent(event="never"))
    async def called(ctx: dwf.Context) -> int:
        await ctx.step.sleep("think", "1m")
        return 1

    assert dwf.explore(app, "go", kinds=["timers.late"], strategy="random", runs=60).holds
