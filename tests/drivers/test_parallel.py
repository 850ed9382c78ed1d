"""Steps side by side: `group.parallel`, `group.race`, and asyncio's own ways."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import ParallelMode
from dwf_sim.model.records import StepMemoized, StepStarted
from tests.drivers.stage import (
    Fails,
    Played,
    every_async,
    every_kind,
    every_way,
    play,
    set_up,
    together,
)


def takes(seconds: float, value: object) -> Callable[[], Awaitable[object]]:
    """Make a body that takes some virtual time."""

    async def body() -> object:
        await asyncio.sleep(seconds)
        return value

    return body


def starts(played: Played) -> list[str]:
    """List the executed steps in the order in which their bodies began."""
    return [record.step for record in played.records(StepStarted)]


# `group.parallel`, as in the vendor's Python SDK.


@every_kind
@pytest.mark.rule("A26", "A30")
def test_a_group_is_reported_first_and_each_step_runs_in_its_own_request(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.step.run("a", lambda: 1),
                lambda: ctx.step.run("b", lambda: 2),
                lambda: ctx.step.sleep("s", "1s"),
            )
        )

    played = play(handler, kind)

    assert [(r.target, r.answer) for r in played.requests] == [
        (None, "StepPlanned:a + StepPlanned:b + Sleep:s"),
        ("a", "StepRun:a"),
        ("b", "StepRun:b"),
        (None, "return"),
    ]
    assert played.executions == {"a": 1, "b": 1, "s": 0}
    assert played.run.output == [1, 2, None]
    assert played.took_ms == 1000


@every_kind
@pytest.mark.rule("A27")
def test_even_a_group_of_one_is_only_planned_at_first(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        group = await ctx.group.parallel((lambda: ctx.step.run("p", lambda: 1),))
        return [group, await ctx.step.run("z", lambda: 2)]

    played = play(handler, kind)

    assert played.answers == ["StepPlanned:p", "StepRun:p", "StepRun:z", "return"]
    assert played.run.output == [[1], 2]


@every_kind
@pytest.mark.rule("A38")
def test_a_groups_results_are_in_the_order_of_its_callables(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.step.sleep("late", "1h"),
                lambda: ctx.step.run("now", lambda: "now"),
            )
        )

    played = play(handler, kind)

    assert [r.step for r in played.records(StepMemoized)] == ["now", "late"]
    assert played.run.output == [None, "now"]


@every_kind
@pytest.mark.rule("A38")
def test_the_callables_of_a_group_are_called_one_after_the_other(kind: str) -> None:
    log: list[str] = []

    async def branch(ctx: Any, name: str) -> object:
        log.append(f"{name} in")
        try:
            return await ctx.step.run(name, lambda: name)
        finally:
            log.append(f"{name} out")

    async def handler(ctx: Any) -> object:
        log.clear()
        return await ctx.group.parallel((lambda: branch(ctx, "a"), lambda: branch(ctx, "b")))

    played = play(handler, kind)

    assert played.run.output == ["a", "b"]
    assert log == ["a in", "a out", "b in", "b out"]


@every_kind
@pytest.mark.rule("A38")
def test_a_race_mode_group_enters_the_handler_after_each_step_and_still_waits_for_all(
    kind: str,
) -> None:
    async def chain(ctx: Any, name: str) -> object:
        await ctx.step.run(f"{name}1", lambda: 1)
        return await ctx.step.run(f"{name}2", lambda: name)

    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (lambda: chain(ctx, "a"), lambda: chain(ctx, "b")), ParallelMode.RACE
        )

    played = play(handler, kind)

    # Nine requests, as the vendor's own test of this mode counts them.
    assert played.run.entries == 9
    assert played.run.output == ["a", "b"]


@every_async
@pytest.mark.rule("A38")
def test_a_race_mode_group_returns_when_its_slowest_step_is_done(kind: str) -> None:
    """As recorded: the step after the group begins at 3 s; six entries."""

    async def handler(ctx: Any) -> object:
        group = await ctx.group.parallel(
            (lambda: ctx.step.run("p1", takes(3, 1)), lambda: ctx.step.run("p2", lambda: 2)),
            ParallelMode.RACE,
        )
        return await ctx.step.run("z", lambda: group)

    played = play(handler, kind)

    assert played.run.output == [1, 2]
    assert played.run.entries == 6
    assert played.took_ms == 3000


@every_kind
def test_chains_in_a_group_go_on_in_lock_step(kind: str) -> None:
    async def chain(ctx: Any, name: str) -> object:
        await ctx.step.run(f"{name}1", lambda: None)
        return await ctx.step.run(f"{name}2", lambda: name)

    async def handler(ctx: Any) -> object:
        group = await ctx.group.parallel((lambda: chain(ctx, "a"), lambda: chain(ctx, "b")))
        await ctx.step.run("z", lambda: None)
        return group

    played = play(handler, kind)

    # Eight entries and this order are what was recorded of the vendor's server.
    assert played.run.output == ["a", "b"]
    assert played.run.entries == 8
    assert starts(played) == ["a1", "b1", "a2", "b2", "z"]


@every_kind
@pytest.mark.rule("A39")
def test_a_failure_in_a_group_is_seen_when_all_siblings_are_done(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.group.parallel(
                (
                    lambda: ctx.step.run("bad", Fails()),
                    lambda: ctx.step.sleep("long", "2h"),
                    lambda: ctx.step.run("ok", lambda: 3),
                )
            )
        except dwf.StepError as error:
            seen = [error.name, error.message]
            return await ctx.step.run("fallback", lambda: seen)

    played = play(handler, kind, retries=0)

    assert played.run.output == ["ValueError", "boom 1"]
    assert played.took_ms == 2 * 3_600_000
    assert played.executions == {"bad": 1, "long": 0, "ok": 1, "fallback": 1}


@every_kind
@pytest.mark.rule("A39")
def test_siblings_wait_for_the_retries_of_a_step_that_fails(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.step.run("ok", lambda: 1),
                lambda: ctx.step.run("bad", fails),
            )
        )

    fails = Fails(1, returns=2)
    played = play(handler, kind, retries=1)

    assert played.run.output == [1, 2]
    assert played.run.steps["bad"].attempts == (0, 1)
    assert played.run.steps["ok"].attempts == (0,)
    assert 15_000 <= played.took_ms < 45_000


@every_kind
@pytest.mark.rule("A38")
def test_the_first_error_of_a_group_hides_the_callables_after_it(kind: str) -> None:
    called: list[str] = []

    async def second(ctx: Any) -> object:
        called.append("second")
        return await ctx.step.run("second", Fails())

    async def handler(ctx: Any) -> object:
        called.clear()
        try:
            await ctx.group.parallel(
                (lambda: ctx.step.run("first", Fails()), lambda: second(ctx)),
            )
        except dwf.StepError as error:
            return error.message
        return "no error"

    played = play(handler, kind)

    assert played.run.output == "boom 1"
    assert played.executions == {"first": 1, "second": 1}
    assert called == []


@every_kind
@pytest.mark.rule("A38")
def test_a_known_error_before_the_step_to_run_keeps_that_step_from_running(kind: str) -> None:
    """Both fail at once; whichever is retried first is known when the other is retried."""

    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (lambda: ctx.step.run("early", Fails()), lambda: ctx.step.run("late", late))
        )

    late = Fails(1, error=RetryLater, returns="never asked for")
    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "ValueError"
    assert played.executions == {"early": 2, "late": 1}
    assert [(r.target, r.answer) for r in played.requests][-1] == ("late", "error ValueError")


@every_kind
@pytest.mark.rule("A38")
def test_a_known_error_after_the_step_to_run_drowns_what_that_step_did(kind: str) -> None:
    """The vendor's group goes on through its callables after the step it was to run."""

    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (lambda: ctx.step.run("late", late), lambda: ctx.step.run("early", Fails()))
        )

    late = Fails(1, error=RetryLater, returns="done and lost")
    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "ValueError"
    assert played.executions == {"late": 2, "early": 2}
    assert not played.run.steps["late"].is_memoized


class RetryLater(dwf.RetryAfterError):
    """Asks to be retried after the longest default delay of a first retry."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 60_000)


@every_kind
def test_a_group_within_a_group_is_reported_with_the_outer_one(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.group.parallel(
                    (lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2))
                ),
                lambda: ctx.step.run("c", lambda: 3),
            )
        )

    played = play(handler, kind)

    # As the vendor's SDK answers for the same handler.
    assert played.run.output == [[1, 2], 3]
    assert played.answers[0] == "StepPlanned:a + StepPlanned:b + StepPlanned:c"
    assert played.run.entries == 5


@every_kind
@pytest.mark.rule("A38")
def test_a_group_within_a_race_mode_group_races_with_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.group.parallel(
                    (lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2))
                ),
                lambda: ctx.step.run("c", lambda: 3),
            ),
            ParallelMode.RACE,
        )

    played = play(handler, kind)

    assert played.run.output == [[1, 2], 3]
    assert played.run.entries == 1 + 3 + 3


@every_kind
@pytest.mark.rule("A12")
def test_a_repeated_id_in_a_group_is_numbered_in_the_order_of_its_callables(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            tuple(lambda n=n: ctx.step.run("s", lambda: n) for n in range(3))
        )

    played = play(handler, kind)

    assert played.run.output == [0, 1, 2]
    assert played.executions == {"s": 1, "s:1": 1, "s:2": 1}


@every_kind
def test_a_group_of_nothing_is_nothing(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(())

    played = play(handler, kind)

    assert played.run.output == []
    assert played.run.entries == 1


@every_kind
@pytest.mark.rule("A42")
def test_a_step_that_disappears_while_it_is_to_run_lets_the_run_end_wrongly(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        entries.append(None)
        callables = [lambda: ctx.step.run("a", lambda: 1)]
        if len(entries) == 1:
            callables.append(lambda: ctx.step.run("b", lambda: 2))
        return await ctx.group.parallel(tuple(callables))

    entries: list[None] = []
    played = play(handler, kind)

    # The request that is to run b passes a over, finds no b, and returns nothing.
    assert played.run.status == "completed"
    assert played.run.output == []
    assert played.executions == {"a": 1, "b": 0}


@every_kind
@pytest.mark.rule("A41", "A42")
def test_a_step_after_a_group_whose_target_is_gone_is_unexpected(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        entries.append(None)
        callables = [lambda: ctx.step.run("a", lambda: 1)]
        if len(entries) == 1:
            callables.append(lambda: ctx.step.run("b", lambda: 2))
        got = await ctx.group.parallel(tuple(callables))
        return await ctx.step.run("z", lambda: got)

    entries: list[None] = []
    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "StepUnexpectedError"
    assert played.run.error["message"] == 'found step "z" when targeting a different step'
    assert played.run.error["code"] == "step_unexpected"
    assert [r.attempt for r in played.requests if r.target == "b"] == [0, 1]
    assert "z" not in played.executions


# asyncio's own ways, and `group.race`, as the TypeScript SDK treats promises.


async def gathers(*steps: Awaitable[object]) -> list[object]:
    return list(await asyncio.gather(*steps))


async def groups_tasks(*steps: Any) -> list[object]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(step) for step in steps]
    return [task.result() for task in tasks]


async def waits(*steps: Any) -> list[object]:
    tasks = [asyncio.create_task(step) for step in steps]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]


async def awaits_tasks(*steps: Any) -> list[object]:
    tasks = [asyncio.create_task(step) for step in steps]
    return [await task for task in tasks]


WAYS = [gathers, groups_tasks, waits, awaits_tasks]


@pytest.mark.parametrize("together", WAYS)
@pytest.mark.rule("A26", "A30", "A47")
def test_asyncio_runs_steps_in_parallel(together: Any) -> None:
    async def handler(ctx: dwf.Context) -> object:
        got = await together(
            ctx.step.run("a", takes(2, 1)),
            ctx.step.run("b", takes(2, 2)),
            ctx.step.run("c", takes(2, 3)),
        )
        return await ctx.step.run("z", lambda: got)

    played = play(handler)

    # As all_three_no_checkpointing was recorded: 6 requests, 3 of them for one step each.
    assert played.run.output == [1, 2, 3]
    assert [(r.target, r.answer) for r in played.requests] == [
        (None, "StepPlanned:a + StepPlanned:b + StepPlanned:c"),
        ("a", "StepRun:a"),
        ("b", "StepRun:b"),
        ("c", "StepRun:c"),
        (None, "StepRun:z"),
        (None, "return"),
    ]
    assert played.took_ms == 2000


@pytest.mark.parametrize("together", WAYS)
def test_one_new_step_alone_runs_at_once_however_it_is_awaited(together: Any) -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await together(ctx.step.run("a", lambda: 1))

    played = play(handler)

    assert played.run.output == [1]
    assert played.answers == ["StepRun:a", "return"]


@pytest.mark.parametrize("together", WAYS)
def test_a_repeated_id_in_parallel_is_numbered_in_the_order_of_the_calls(together: Any) -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await together(*(ctx.step.run("s", lambda n=n: n) for n in range(3)))

    played = play(handler)

    assert played.run.output == [0, 1, 2]
    assert played.executions == {"s": 1, "s:1": 1, "s:2": 1}


@pytest.mark.rule("A15")
def test_memos_are_handed_out_in_the_order_in_which_their_steps_were_done() -> None:
    order: list[object] = []

    async def handler(ctx: dwf.Context) -> object:
        order.clear()
        tasks = [
            ctx.step.run("slow", takes(3, "slow")),
            ctx.step.run("quick", takes(1, "quick")),
            ctx.step.run("middle", takes(2, "middle")),
        ]
        for done in asyncio.as_completed(tasks):
            order.append(await done)
        return list(order)

    played = play(handler)

    assert played.run.output == ["quick", "middle", "slow"]


@pytest.mark.rule("A15")
def test_a_race_is_won_by_the_step_that_was_done_first() -> None:
    """race_winner_by_memory: an earlier step beats a sleep that is written first."""

    async def handler(ctx: dwf.Context) -> object:
        async def slept() -> str:
            await ctx.step.sleep("s", "2s")
            return "sleep"

        tasks = [
            asyncio.create_task(slept()),
            asyncio.create_task(ctx.step.run("r", takes(0.5, "run"))),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return [task.result() for task in tasks if task in done]

    played = play(handler)

    assert played.run.output == ["run"]
    assert played.run.entries == 3
    assert played.answers == ["Sleep:s + StepPlanned:r", "StepRun:r", "return"]
    assert played.took_ms == 2000


@pytest.mark.rule("A36")
def test_a_step_started_and_never_awaited_is_done_before_the_run_ends() -> None:
    """started_never_awaited: 4 entries, the run ends with the background step."""

    async def handler(ctx: dwf.Context) -> object:
        background = asyncio.create_task(ctx.step.run("bg", takes(0.5, "bg")))
        got = await ctx.step.run("fg", lambda: "fg")
        assert background is not None
        return got

    played = play(handler)

    assert played.run.output == "fg"
    assert played.run.entries == 4
    assert played.executions == {"bg": 1, "fg": 1}
    assert played.answers == [
        "StepPlanned:fg + StepPlanned:bg",
        "StepRun:fg",
        "StepRun:bg",
        "return",
    ]
    assert played.took_ms == 500


@pytest.mark.rule("A36")
def test_a_handler_that_returns_before_its_steps_reports_what_is_open() -> None:
    async def handler(ctx: dwf.Context) -> str:
        tasks.append(asyncio.create_task(ctx.step.run("bg", takes(5, "bg"))))
        return "returned"

    tasks: list[Any] = []
    played = play(handler)

    assert played.run.output == "returned"
    assert played.answers == ["StepPlanned:bg", "StepRun:bg", "return"]
    assert played.took_ms == 5000
    assert played.complaints == []


def test_a_step_started_first_and_awaited_last_runs_with_the_others() -> None:
    """started_then_awaited: 4 entries."""

    async def handler(ctx: dwf.Context) -> object:
        started = asyncio.create_task(ctx.step.run("bg", lambda: "bg"))
        got = await ctx.step.run("fg", lambda: "fg")
        return [got, await started]

    played = play(handler)

    assert played.run.output == ["fg", "bg"]
    assert played.run.entries == 4
    assert played.executions == {"fg": 1, "bg": 1}


@every_way
def test_chains_of_tasks_go_on_in_lock_step(kind: str) -> None:
    """chains: 7 entries; a2 begins when b1 is done."""

    async def handler(ctx: Any) -> object:
        async def chain(name: str, seconds: float) -> object:
            got = await ctx.step.run(f"{name}1", takes(seconds, name))
            return await ctx.step.run(f"{name}2", lambda: got)

        return await together(ctx, kind, lambda: chain("a", 0), lambda: chain("b", 0.6))

    played = play(handler, kind)

    assert played.run.output == ["a", "b"]
    assert played.run.entries == 7
    assert [(r.at_ms, r.target) for r in played.requests] == [
        (0, None),
        (0, "a1"),
        (0, "b1"),
        (600, None),
        (600, "a2"),
        (600, "b2"),
        (600, None),
    ]


def test_without_optimized_parallelism_each_chain_goes_its_own_way() -> None:
    """chains_not_optimized: 9 requests, 4 for one step each; a2 does not wait for b1."""

    async def handler(ctx: dwf.Context) -> object:
        async def chain(name: str, seconds: float) -> object:
            got = await ctx.step.run(f"{name}1", takes(seconds, name))
            return await ctx.step.run(f"{name}2", lambda: got)

        return await asyncio.gather(chain("a", 0), chain("b", 0.6))

    played = play(handler, optimize_parallelism=False)

    assert played.run.output == ["a", "b"]
    assert len(played.requests) == 9
    targets = {r.target: r.at_ms for r in played.requests if r.target}
    assert targets == {"a1": 0, "b1": 0, "a2": 0, "b2": 600}


def test_without_optimized_parallelism_the_handler_is_entered_after_each_step() -> None:
    """all_three_not_optimized: 9 requests, 4 of them for one step each."""

    async def handler(ctx: dwf.Context) -> object:
        got = await asyncio.gather(*(ctx.step.run(name, lambda n=name: n) for name in "abc"))
        return await ctx.step.run("z", lambda: got)

    played = play(handler, optimize_parallelism=False)

    assert played.run.output == ["a", "b", "c"]
    assert len(played.requests) == 9
    assert sorted(r.target for r in played.requests if r.target) == ["a", "b", "c", "z"]
    assert played.executions == {"a": 1, "b": 1, "c": 1, "z": 1}


def test_a_race_waits_for_the_slowest_unless_it_is_a_group_race() -> None:
    """race_fast_slow: 4 requests but for the step after; the fast one wins at 2 s."""

    async def handler(ctx: dwf.Context) -> object:
        tasks = [
            asyncio.create_task(ctx.step.run("slow", takes(2, "slow"))),
            asyncio.create_task(ctx.step.run("fast", lambda: "fast")),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        won = next(task.result() for task in tasks if task in done)
        return await ctx.step.run("z", lambda: won)

    played = play(handler)

    assert played.run.output == "fast"
    assert played.executions == {"slow": 1, "fast": 1, "z": 1}
    assert [r.at_ms for r in played.requests] == [0, 0, 0, 2000, 2000]


@pytest.mark.rule("A35b", "A36")
def test_a_group_race_goes_on_with_the_first_and_ends_with_the_last() -> None:
    """race_fast_slow_group: 6 requests, 3 for one step each; z runs at once."""

    async def handler(ctx: dwf.Context) -> object:
        won = await ctx.group.race(
            (
                lambda: ctx.step.run("slow", takes(2, "slow")),
                lambda: ctx.step.run("fast", lambda: "fast"),
            )
        )
        return await ctx.step.run("z", lambda: won)

    played = play(handler)

    assert played.run.output == "fast"
    assert played.executions == {"slow": 1, "fast": 1, "z": 1}
    assert [(r.at_ms, r.target) for r in played.requests] == [
        (0, None),
        (0, "slow"),
        (0, "fast"),
        (0, None),
        (0, "z"),
        (2000, None),
    ]
    assert sorted(played.answers) == sorted(
        [
            "StepPlanned:slow + StepPlanned:fast",
            "StepRun:slow",
            "StepRun:fast",
            "StepPlanned:slow + StepPlanned:z",
            "StepRun:z",
            "return",
        ]
    )
    assert played.complaints == []


@pytest.mark.rule("A35b")
def test_the_second_step_after_a_group_race_waits_for_the_loser() -> None:
    """group_race_two_steps_after: y at 0 s, z at 2 s."""

    async def handler(ctx: dwf.Context) -> object:
        won = await ctx.group.race(
            (
                lambda: ctx.step.run("slow", takes(2, "slow")),
                lambda: ctx.step.run("fast", lambda: "fast"),
            )
        )
        await ctx.step.run("y", lambda: None)
        await ctx.step.run("z", lambda: None)
        return won

    played = play(handler)

    begun = {
        entry.record.step: entry.at - played.run.scheduled_at
        for entry in played.sim.trace
        if isinstance(entry.record, StepStarted)
    }
    assert played.run.output == "fast"
    assert begun == {"slow": 0, "fast": 0, "y": 0, "z": 2000}


def test_a_group_race_of_sleeps_is_entered_after_each() -> None:
    """race_sleeps_group: 6 requests, 2 for one step each; the long one's step never runs."""

    async def handler(ctx: dwf.Context) -> object:
        async def branch(nap: str, length: str, name: str) -> object:
            await ctx.step.sleep(nap, length)
            return await ctx.step.run(name, lambda: nap)

        won = await ctx.group.race(
            (lambda: branch("long", "4s", "l"), lambda: branch("short", "1s", "s"))
        )
        return await ctx.step.run("z", lambda: won)

    played = play(handler)

    assert played.run.output == "short"
    assert played.executions == {"long": 0, "short": 0, "s": 1, "z": 1}
    assert [(r.at_ms, r.target) for r in played.requests] == [
        (0, None),
        (1000, None),
        (1000, "s"),
        (1000, None),
        (1000, "z"),
        (4000, None),
    ]


def test_a_race_of_an_event_and_a_sleep_ends_with_the_later_one() -> None:
    """race_event_or_timeout: the wait's time is over at 6 s, its event came at 2 s."""

    async def handler(ctx: dwf.Context) -> object:
        tasks = [
            asyncio.create_task(ctx.step.wait_for_event("w", event="ev", timeout="6s")),
            asyncio.create_task(ctx.step.sleep("s", "1s")),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return await ctx.step.run("z", lambda: "after")

    played = set_up(handler)
    played.sim.advance("2s")
    played.sim.send("ev")
    played.to_end()

    assert played.run.output == "after"
    assert played.executions == {"w": 0, "s": 0, "z": 1}
    assert [r.at_ms for r in played.requests] == [0, 2000, 2000]


def test_settled_branches_are_seen_with_their_errors() -> None:
    """all_settled: 4 requests."""

    async def handler(ctx: dwf.Context) -> object:
        bad, ok = await asyncio.gather(
            ctx.step.run("bad", Fails()), ctx.step.run("ok", lambda: 1), return_exceptions=True
        )
        return [type(bad).__name__, bad.name, bad.message, ok]

    played = play(handler, retries=0)

    assert played.run.output == ["StepError", "ValueError", "boom 1", 1]
    assert played.run.entries == 4
    assert played.executions == {"bad": 1, "ok": 1}


@every_way
def test_branches_that_catch_their_errors_are_seen_with_them(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async def settled(name: str, body: Callable[[], object]) -> object:
            try:
                return await ctx.step.run(name, body)
            except dwf.StepError as error:
                return [error.name, error.message]

        return await together(
            ctx, kind, lambda: settled("bad", Fails()), lambda: settled("ok", lambda: 1)
        )

    played = play(handler, kind, retries=0)

    assert played.run.output == [["ValueError", "boom 1"], 1]
    assert played.run.entries == 4
    assert played.executions == {"bad": 1, "ok": 1}


@every_way
@pytest.mark.rule("A39")
def test_a_failed_branch_does_not_stop_the_others(kind: str) -> None:
    """all_fail_uncaught: 4 requests; the run fails when the slow branch is done."""

    async def handler(ctx: Any) -> object:
        return await together(
            ctx,
            kind,
            lambda: ctx.step.run("bad", Fails()),
            lambda: ctx.step.run("slow", takes(1, 1)),
        )

    played = play(handler, kind, retries=0)

    assert played.run.status == "failed"
    assert (played.run.error["name"], played.run.error["message"]) == ("ValueError", "boom 1")
    assert played.run.entries == 4
    assert played.executions == {"bad": 1, "slow": 1}
    assert played.took_ms == 1000


@every_way
def test_one_branch_is_retried_while_the_other_waits_at_the_join(kind: str) -> None:
    """retry_in_branch: 5 requests, 3 for one step each."""

    async def handler(ctx: Any) -> object:
        return await together(
            ctx, kind, lambda: ctx.step.run("bad", bad), lambda: ctx.step.run("ok", lambda: 1)
        )

    bad = Fails(1, returns="second")
    played = play(handler, kind, retries=1)

    assert played.run.output == ["second", 1]
    assert len(played.requests) == 5
    assert played.run.steps["bad"].attempts == (0, 1)
    assert played.run.steps["ok"].attempts == (0,)


@every_way
def test_all_kinds_of_steps_join(kind: str) -> None:
    """all_mixed: 3 requests, 1 for one step; the event came at 2 s."""
    app = dwf.App("app")

    @app.create_function(fn_id="child", trigger=[])
    async def child(ctx: Any) -> object:
        return await ctx.step.run("c", lambda: ctx.event.data["x"])

    async def handler(ctx: Any) -> object:
        ran, _, event, invoked = await together(
            ctx,
            kind,
            lambda: ctx.step.run("r", lambda: 1),
            lambda: ctx.step.sleep("s", "1s"),
            lambda: ctx.step.wait_for_event("w", event="ev", timeout="4s"),
            lambda: ctx.step.invoke("i", function=child, data={"x": 5}),
        )
        assert event is not None
        return [ran, event.data, invoked]

    played = set_up(handler, kind, app=app)
    played.sim.advance("2s")
    played.sim.send("ev", {"v": 1})
    played.to_end()

    assert played.run.output == [1, {"v": 1}, 5]
    assert [(r.at_ms, r.target) for r in played.requests] == [(0, None), (0, "r"), (2000, None)]


# Odd ends of tasks.


@every_way
def test_a_branch_that_raises_while_another_waits_fails_the_handler_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async def bad() -> None:
            raise ValueError("no step was needed")

        return await together(ctx, kind, lambda: ctx.step.run("a", lambda: 1), bad)

    played = play(handler, kind, retries=0)

    assert played.answers == ["error ValueError"]
    assert played.run.error["message"] == "no step was needed"
    assert played.executions == {}


@every_way
def test_a_branch_that_raises_after_its_step_is_retried_with_the_function(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async def bad() -> None:
            await ctx.step.run("b", lambda: 1)
            raise ValueError("after b")

        return await together(ctx, kind, lambda: ctx.step.run("a", takes(10, 1)), bad)

    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["message"] == "after b"
    assert [r.attempt for r in played.requests if r.answer == "error ValueError"] == [0, 1]
    assert played.executions == {"a": 1, "b": 1}


def test_an_error_that_is_caught_leaves_the_other_branch_to_go_on() -> None:
    async def handler(ctx: dwf.Context) -> object:
        async def bad() -> None:
            raise ValueError("caught")

        try:
            await asyncio.gather(ctx.step.run("a", lambda: 1), bad())
        except ValueError as error:
            return await ctx.step.run("z", str, error)

    played = play(handler)

    assert played.run.output == "caught"
    assert played.executions == {"a": 1, "z": 1}


def test_a_task_group_ends_its_other_tasks_when_one_step_has_failed() -> None:
    async def handler(ctx: dwf.Context) -> object:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(ctx.step.run("slow", takes(10, 1)))
                group.create_task(ctx.step.run("bad", Fails()))
        except* dwf.StepError as caught:
            names = [error.name for error in caught.exceptions]
        return await ctx.step.run("z", lambda: names)

    played = play(handler, retries=0)

    assert played.run.output == ["ValueError"]
    assert played.executions == {"slow": 1, "bad": 1, "z": 1}


def test_a_step_whose_task_is_cancelled_is_as_if_it_was_never_asked_for() -> None:
    async def handler(ctx: dwf.Context) -> object:
        task = asyncio.create_task(ctx.step.run("s", lambda: 1))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return await ctx.step.run("z", lambda: task.cancelled())

    played = play(handler)

    assert played.run.output is True
    assert played.executions == {"z": 1}


def test_a_task_that_is_cancelled_before_it_begins_was_not_forgotten() -> None:
    async def handler(ctx: dwf.Context) -> object:
        task = asyncio.create_task(ctx.step.run("s", lambda: 1))
        task.cancel()
        await asyncio.wait([task])
        return await ctx.step.run("z", lambda: task.cancelled())

    played = play(handler)

    assert played.run.output is True
    assert played.executions == {"z": 1}


def test_a_task_group_may_hold_steps_of_its_own_between_its_tasks() -> None:
    async def handler(ctx: dwf.Context) -> object:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(ctx.step.run("a", lambda: 1))
            b = await ctx.step.run("b", lambda: 2)
            await ctx.step.sleep("nap", "1m")
            c = await ctx.step.run("c", lambda: 3)
        return [task.result(), b, c]

    played = play(handler)

    assert played.run.output == [1, 2, 3]
    assert played.executions == {"a": 1, "b": 1, "nap": 0, "c": 1}
    assert played.complaints == []


@pytest.mark.rule("A18")
def test_an_interrupt_that_a_task_group_wraps_is_still_one() -> None:
    async def handler(ctx: dwf.Context) -> object:
        try:
            async with asyncio.TaskGroup(), asyncio.TaskGroup():
                return await ctx.step.run("a", lambda: 1)
        except* Exception:
            left.append("an exception")

    left: list[str] = []
    played = play(handler)

    assert played.run.output == 1
    assert played.answers == ["StepRun:a", "return"]
    assert left == []


def test_a_task_group_inside_a_group_is_planned_with_it() -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await ctx.group.parallel(
            (
                lambda: groups_tasks(ctx.step.run("a", lambda: 1), ctx.step.run("b", lambda: 2)),
                lambda: ctx.step.run("c", lambda: 3),
            )
        )

    played = play(handler)

    assert played.run.output == [[1, 2], 3]
    assert played.executions == {"a": 1, "b": 1, "c": 1}


@pytest.mark.rule("A72")
def test_an_error_that_a_task_group_wraps_is_the_functions_and_retried() -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await groups_tasks(ctx.step.run("a", a), ctx.step.run("b", lambda: 2))

    a = Fails()
    played = play(handler, retries=1)

    assert played.run.error["name"] == "ExceptionGroup"
    assert played.run.error["code"] == "unknown"
    assert played.answers[-2:] == ["error ExceptionGroup", "error ExceptionGroup"]
    assert played.executions == {"a": 2, "b": 1}


def test_a_semaphore_around_steps_lets_so_many_begin() -> None:
    async def handler(ctx: dwf.Context) -> object:
        places = asyncio.Semaphore(2)

        async def one(name: str) -> object:
            async with places:
                return await ctx.step.run(name, takes(1, name))

        return await asyncio.gather(*map(one, "abcde"))

    played = play(handler)

    assert played.run.output == list("abcde")
    assert played.executions == dict.fromkeys("abcde", 1)
    assert played.took_ms == 3000


@every_way
@pytest.mark.parametrize("seed", range(3))
def test_steps_in_parallel_give_the_same_in_any_order(kind: str, seed: int) -> None:
    async def handler(ctx: Any) -> object:
        async def chain(name: str) -> object:
            first = await ctx.step.run(f"{name}1", takes(1, name))
            return await ctx.step.run(f"{name}2", lambda: first)

        return await together(ctx, kind, *(lambda each=each: chain(each) for each in "abcd"))

    played = play(handler, kind, seed=seed, interleave="random")

    assert played.run.output == list("abcd")
    assert set(played.executions.values()) == {1}
    assert len(played.executions) == 8
    assert played.run.entries == 11


@every_async
def test_runs_side_by_side_do_not_take_each_others_groups(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        if ctx.event.data.get("alone"):
            return [await ctx.step.run("a", takes(1, 1)), await ctx.step.run("b", lambda: 2)]
        return await ctx.group.parallel(
            (lambda: ctx.step.run("a", takes(1, 1)), lambda: ctx.step.run("b", lambda: 2))
        )

    played = set_up(handler, kind)
    alone = [played.sim.send("go", {"alone": True}).run for _ in range(2)]
    again = played.sim.send("go").run
    played.to_end()

    assert [run.entries for run in (played.run, *alone, again)] == [4, 3, 3, 4]
    assert [run.output for run in (played.run, *alone, again)] == [[1, 2]] * 4


@every_async
def test_a_timeout_around_a_step_ends_it_and_is_the_handlers_error(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async with asyncio.timeout(5):
            return await ctx.step.run("slow", takes(10, 1))

    played = play(handler, kind, retries=0)

    assert played.answers == ["error TimeoutError"]
    assert played.took_ms == 5000
    assert not played.run.steps["slow"].is_memoized


@every_async
@pytest.mark.parametrize("bound", ["timeout", "wait_for"])
def test_a_step_that_timed_out_is_tried_again_on_each_replay(kind: str, bound: str) -> None:
    async def limited(step: Any) -> object:
        if bound == "wait_for":
            return await asyncio.wait_for(step, 5)
        async with asyncio.timeout(5):
            return await step

    async def handler(ctx: Any) -> object:
        try:
            return await limited(ctx.step.run("slow", takes(10, 1)))
        except TimeoutError:
            return await ctx.step.run("fallback", lambda: "too slow")

    played = play(handler, kind)

    assert played.run.output == "too slow"
    assert played.executions == {"slow": 2, "fallback": 1}
    assert played.took_ms == 10_000


@every_way
def test_a_timeout_does_not_count_the_time_between_requests(kind: str) -> None:
    async def handler(ctx: Any) -> str:
        async with asyncio.timeout(5):
            await ctx.step.sleep("long", "1d")
            await together(
                ctx, kind, lambda: ctx.step.sleep("a", "1d"), lambda: ctx.step.sleep("b", "1d")
            )
        return "in time"

    played = play(handler, kind)

    assert played.run.output == "in time"
    assert played.took_ms == 2 * 86_400_000


@every_way
def test_a_timeout_strikes_the_step_of_a_gather_that_takes_too_long(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        async with asyncio.timeout(5):
            return await together(
                ctx,
                kind,
                lambda: ctx.step.run("slow", takes(10, 1)),
                lambda: ctx.step.run("fast", lambda: 2),
            )

    played = play(handler, kind, retries=0)

    assert played.run.error["name"] == "TimeoutError"
    assert [(r.target, r.answer) for r in played.requests] == [
        (None, "StepPlanned:slow + StepPlanned:fast"),
        ("slow", "error TimeoutError"),
        ("fast", "StepRun:fast"),
    ]
    assert played.took_ms == 5000


def test_tasks_may_wait_for_each_other_across_steps() -> None:
    async def handler(ctx: dwf.Context) -> object:
        ready = asyncio.Event()

        async def first() -> None:
            await ctx.step.run("a", lambda: 1)
            ready.set()

        async def second() -> object:
            await ready.wait()
            return await ctx.step.run("b", lambda: 2)

        return await asyncio.gather(first(), second())

    played = play(handler)

    assert played.run.output == [None, 2]
    assert played.answers == ["StepRun:a", "StepRun:b", "return"]


def test_a_group_next_to_a_task_is_reported_together_with_it() -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await asyncio.gather(
            ctx.group.parallel(
                (lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2))
            ),
            ctx.step.run("c", lambda: 3),
        )

    played = play(handler)

    assert played.run.output == [[1, 2], 3]
    assert len(played.answers[0].split(" + ")) == 3
    assert played.run.entries == 5
    assert played.complaints == []


def test_tasks_inside_a_group_are_planned_with_it() -> None:
    async def handler(ctx: dwf.Context) -> object:
        return await ctx.group.parallel(
            (
                lambda: gathers(ctx.step.run("a", takes(1, 1)), ctx.step.run("b", lambda: 2)),
                lambda: ctx.step.run("c", lambda: 3),
            )
        )

    played = play(handler)

    assert played.run.output == [[1, 2], 3]
    assert played.executions == {"a": 1, "b": 1, "c": 1}


def test_a_loser_that_fails_later_does_not_matter_to_the_race(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(ctx: dwf.Context) -> object:
        async def late() -> None:
            await ctx.step.sleep("s", "1m")
            raise ValueError("after the race")

        won = await ctx.group.race((lambda: ctx.step.run("ok", lambda: 1), late))
        await ctx.step.sleep("end", "2m")
        return won

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        played = play(handler)
        gc.collect()

    assert played.run.output == 1
    assert played.took_ms == 120_000
    assert caplog.records == []


def test_a_race_is_lost_by_all_when_the_first_to_be_done_has_failed() -> None:
    async def handler(ctx: dwf.Context) -> object:
        try:
            return await ctx.group.race(
                (lambda: ctx.step.run("bad", Fails()), lambda: ctx.step.run("slow", takes(9, 1)))
            )
        except dwf.StepError as error:
            return error.message

    played = play(handler, retries=0)

    assert played.run.output == "boom 1"
    assert played.took_ms == 9000


def test_a_race_that_something_without_steps_wins_complains_of_nothing() -> None:
    async def handler(ctx: dwf.Context) -> object:
        async def at_once() -> str:
            return "at once"

        return await ctx.group.race((at_once, lambda: ctx.step.run("a", lambda: 1)))

    played = play(handler)

    assert played.run.output == "at once"
    assert played.executions == {"a": 1}
    assert played.complaints == []


@pytest.mark.rule("A41")
def test_a_step_that_another_task_finds_instead_of_the_one_to_run_is_unexpected() -> None:
    async def handler(ctx: dwf.Context) -> object:
        entries.append(None)
        names = ["a", "b"] if len(entries) == 1 else ["c", "d"]
        return await asyncio.gather(*(ctx.step.run(name, lambda: 1) for name in names))

    entries: list[None] = []
    played = play(handler, retries=0)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "StepUnexpectedError"
    assert played.run.error["message"] == 'found step "c" when targeting a different step'


@every_way
def test_a_step_that_comes_up_late_in_its_own_request_still_runs(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        entries.append(None)

        async def late() -> object:
            if len(entries) > 1:
                await asyncio.sleep(3)
            return await ctx.step.run("a", lambda: 1)

        return await together(ctx, kind, late, lambda: ctx.step.run("b", lambda: 2))

    entries: list[None] = []
    played = play(handler, kind, retries=0)

    assert played.run.output == [1, 2]
    assert played.executions == {"a": 1, "b": 1}
