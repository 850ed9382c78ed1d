"""Signals: what only the TypeScript SDK has, in the obvious Python spelling."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import SignalReceived
from tests.drivers.stage import Played, both_kinds, play, set_up


async def wait(ctx: Any, timeout: str = "4s", on_conflict: str = "fail") -> object:
    return await ctx.step.wait_for_signal("s", signal="a", timeout=timeout, on_conflict=on_conflict)


def conflict(run: dwf.RunView) -> object:
    """The error of a run that lost a signal to another."""
    return run.error["message"]


@both_kinds
@pytest.mark.rule("A123", "A124")
def test_a_signal_resumes_the_run_that_waits_for_it(kind: str) -> None:
    """signal_received."""

    async def handler(ctx: Any) -> object:
        return await wait(ctx)

    played = set_up(handler, kind)
    played.sim.advance("1s")
    taker = played.sim.signal("a", {"x": 1})
    played.to_end()

    assert taker is not None
    assert taker.id == played.run.id
    assert played.run.output == {"signal": "a", "data": {"x": 1}}
    assert played.run.entries == 2
    assert played.took_ms == 1000


@both_kinds
@pytest.mark.rule("A123")
def test_a_signal_that_does_not_come_is_none(kind: str) -> None:
    """signal_timeout."""

    async def handler(ctx: Any) -> object:
        return [await wait(ctx, "2s")]

    played = play(handler, kind)

    assert played.run.output == [None]
    assert played.took_ms == 2000


@both_kinds
@pytest.mark.rule("A123")
def test_a_wait_for_a_signal_may_be_longer_than_one_for_an_event(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await wait(ctx, "500d")

    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.took_ms == 500 * 86_400_000


@both_kinds
@pytest.mark.rule("A123")
@pytest.mark.parametrize("data", [None, "text", [1, {"a": None}], 0])
def test_what_a_signal_carries_comes_through(kind: str, data: object) -> None:
    """signal_no_data."""

    async def handler(ctx: Any) -> object:
        return await wait(ctx)

    played = set_up(handler, kind)
    played.sim.advance("1s")
    played.sim.signal("a", data)
    played.to_end()

    assert played.run.output == {"signal": "a", "data": data}


@both_kinds
@pytest.mark.rule("A124")
def test_a_signal_nobody_waits_for_is_lost(kind: str) -> None:
    """signal_before_wait."""

    async def handler(ctx: Any) -> object:
        await ctx.step.sleep("z", "2s")
        return [await wait(ctx, "2s")]

    played = set_up(handler, kind)
    played.sim.advance("800ms")
    takers = [played.sim.signal("a", 1), played.sim.signal("nobody", 1)]
    played.to_end()

    assert takers == [None, None]
    assert played.run.output == [None]
    assert played.took_ms == 4000
    received = played.sim.trace.of(SignalReceived)
    assert [(r.signal, r.run) for r in received] == [("a", None), ("nobody", None)]


@both_kinds
@pytest.mark.rule("A124")
def test_a_signal_is_taken_once(kind: str) -> None:
    """signal_twice_sent."""

    async def handler(ctx: Any) -> object:
        got = await wait(ctx)
        await ctx.step.sleep("z", "1s")
        return got

    played = set_up(handler, kind)
    played.sim.advance("1s")
    first = played.sim.signal("a", 1)
    played.sim.advance("300ms")
    second = played.sim.signal("a", 2)
    played.to_end()

    assert first is not None
    assert second is None
    assert played.run.output == {"signal": "a", "data": 1}


@both_kinds
def test_a_signal_can_be_waited_for_again_after_it_came(kind: str) -> None:
    """signal_same_run_again."""

    async def handler(ctx: Any) -> object:
        return [await wait(ctx, "3s"), await wait(ctx, "3s")]

    played = set_up(handler, kind)
    for n in (1, 2):
        played.sim.advance("1s")
        played.sim.signal("a", n)
    played.to_end()

    assert played.run.output == [{"signal": "a", "data": 1}, {"signal": "a", "data": 2}]
    assert played.run.entries == 3


@both_kinds
def test_a_second_waiter_fails_at_once_and_cannot_catch_it(kind: str) -> None:
    """signal_conflict_fail_caught: the second run has one entry."""

    async def handler(ctx: Any) -> object:
        try:
            return await wait(ctx)
        except Exception:
            return "caught"

    played, second = two_runs(handler, kind)

    assert played.run.output == {"signal": "a", "data": "one"}
    assert second.status == "failed"
    assert second.entries == 1
    assert conflict(second) == "Signal conflict; signal wait already exists for another run"


@both_kinds
def test_a_second_waiter_may_take_the_signal_over(kind: str) -> None:
    """signal_conflict_replace: the first is not told and times out."""

    async def handler(ctx: Any) -> object:
        return [await wait(ctx, on_conflict="replace")]

    played, second = two_runs(handler, kind)

    assert second.output == [{"signal": "a", "data": "one"}]
    assert played.run.output == [None]
    assert played.took_ms == 4000


def two_runs(handler: Any, kind: str) -> tuple[Played, dwf.RunView]:
    """Start a second run 800 ms after the first, and send the signal 2 s after the first."""
    played = set_up(handler, kind)
    played.sim.advance("800ms")
    second = played.sim.send("go").run
    played.sim.advance("1200ms")
    played.sim.signal("a", "one")
    return played.to_end(), second


@both_kinds
def test_a_cancelled_run_gives_its_signal_free(kind: str) -> None:
    """signal_cancelled_run."""

    async def handler(ctx: Any) -> object:
        return await wait(ctx, "30s")

    played = set_up(handler, kind)
    played.sim.advance("1s")
    played.sim.cancel(played.run)
    second = played.sim.send("go").run
    played.sim.advance("2s")
    taker = played.sim.signal("a", 1)
    played.to_end()

    assert played.run.status == "cancelled"
    assert taker is not None
    assert taker.id == second.id
    assert second.output == {"signal": "a", "data": 1}


def test_two_waits_of_one_run_for_one_signal_are_a_conflict() -> None:
    """signal_same_run_parallel_fail."""

    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(
            ctx.step.wait_for_signal("s1", signal="a", timeout="3s", on_conflict="fail"),
            ctx.step.wait_for_signal("s2", signal="a", timeout="3s", on_conflict="fail"),
        )

    played = set_up(handler)
    played.sim.advance("1500ms")
    taker = played.sim.signal("a", 1)
    played.to_end()

    assert played.run.status == "failed"
    assert played.run.entries == 1
    assert conflict(played.run) == "Signal conflict; signal wait already exists for another run"
    assert taker is None


def test_two_signals_in_parallel_join() -> None:
    """signal_two_parallel."""

    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(
            ctx.step.wait_for_signal("s1", signal="a", timeout="4s", on_conflict="fail"),
            ctx.step.wait_for_signal("s2", signal="b", timeout="4s", on_conflict="fail"),
        )

    played = set_up(handler)
    for name in ("b", "a"):
        played.sim.advance("1s")
        played.sim.signal(name, name)
    played.to_end()

    assert played.run.output == [{"signal": "a", "data": "a"}, {"signal": "b", "data": "b"}]
    assert played.run.entries == 2


def test_a_wait_that_lost_a_race_keeps_its_signal_and_its_run() -> None:
    """signal_abandoned_by_race: the second waiter fails at 1.5 s, the run ends at 3 s."""
    app = dwf.App("app")

    @app.create_function(fn_id="g", trigger=dwf.TriggerEvent(event="next"), retries=0)
    async def g(ctx: dwf.Context) -> object:
        return await wait(ctx, "3s")

    async def handler(ctx: dwf.Context) -> object:
        tasks = [
            asyncio.create_task(wait(ctx, "30s")),
            asyncio.create_task(ctx.step.run("now", lambda: "now")),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task.result() for task in tasks if task in done)

    played = set_up(handler, app=app)
    played.sim.advance("1500ms")
    second = played.sim.send("next").run
    played.sim.advance("1500ms")
    taker = played.sim.signal("a", 1)
    played.to_end()

    assert played.run.output == "now"
    assert played.run.entries == 3
    assert played.took_ms == 3000
    assert played.executions == {"s": 0, "now": 1}
    assert conflict(second) == "Signal conflict; signal wait already exists for another run"
    assert second.entries == 1
    assert taker is not None
    assert taker.id == played.run.id


def test_a_wait_that_its_own_run_reports_again_is_no_conflict() -> None:
    """signal_reported_again: 8 requests, 3 for one step each."""

    async def handler(ctx: dwf.Context) -> object:
        async def chain() -> object:
            await ctx.step.run("x", lambda: 1)
            return await ctx.step.run("y", lambda: 2)

        async def half_a_second() -> int:
            await asyncio.sleep(0.5)
            return 3

        return await ctx.group.parallel(
            (lambda: wait(ctx), chain, lambda: ctx.step.run("z", half_a_second)),
            dwf.ParallelMode.RACE,
        )

    played = set_up(handler)
    played.sim.advance("1500ms")
    played.sim.signal("a", 1)
    played.to_end()

    assert played.run.output == [{"signal": "a", "data": 1}, 2, 3]
    assert len(played.requests) == 8
    assert len([r for r in played.requests if r.target]) == 3
    assert played.executions == {"s": 0, "x": 1, "y": 1, "z": 1}


def test_a_race_of_a_signal_and_a_chain_waits_for_both_first_steps() -> None:
    """signal_race_with_sleep: 4 requests, the signal came at 2.5 s, the run ends at 4.5 s."""

    async def handler(ctx: dwf.Context) -> object:
        async def chain() -> object:
            await ctx.step.sleep("z", "1s")
            return await ctx.step.run("late", lambda: "late")

        tasks = [asyncio.create_task(wait(ctx, "6s")), asyncio.create_task(chain())]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await ctx.step.sleep("end", "2s")
        return next(task.result() for task in tasks if task in done)

    played = set_up(handler)
    played.sim.advance("2500ms")
    played.sim.signal("a", 1)
    played.to_end()

    assert played.run.output == {"signal": "a", "data": 1}
    assert [(r.at_ms, r.target) for r in played.requests] == [
        (0, None),
        (2500, None),
        (2500, "late"),
        (4500, None),
    ]
    assert played.executions == {"s": 0, "z": 0, "late": 1, "end": 0}


@both_kinds
@pytest.mark.rule("A124")
def test_a_step_can_send_a_signal_and_learns_who_took_it(kind: str) -> None:
    """signal_sent_by_step."""
    app = dwf.App("app")

    @app.create_function(fn_id="waiter", trigger=dwf.TriggerEvent(event="wait"))
    async def waiter(ctx: dwf.Context) -> object:
        return await wait(ctx)

    async def handler(ctx: Any) -> object:
        await ctx.step.sleep("first", "1s")
        taken = await ctx.step.send_signal("t", signal="a", data={"from": "step"})
        lost = await ctx.step.send_signal("t2", signal="nobody", data=1)
        return [taken, lost]

    played = set_up(handler, kind, app=app)
    waiting = played.sim.send("wait").run
    played.to_end()

    assert waiting.output == {"signal": "a", "data": {"from": "step"}}
    assert played.run.output == [{"run_id": waiting.id}, {}]
    assert played.executions == {"first": 0, "t": 1, "t2": 1}
