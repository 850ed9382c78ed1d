"""Steps one after the other: ids, memos, replay."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.ids import step_hash
from dwf_sim.model.records import JobRepeated, MemoRefused, StepMemoized
from tests.drivers.stage import every_async, every_driver, every_kind, play, serve, set_up


@every_kind
@pytest.mark.rule("A16")
def test_the_handler_is_entered_once_per_step_and_once_to_return(kind: str) -> None:
    async def handler(ctx: Any) -> list[int]:
        return [await ctx.step.run(name, lambda n=n: n) for n, name in enumerate("abc")]

    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.run.output == [0, 1, 2]
    assert played.run.entries == 4
    assert played.executions == {"a": 1, "b": 1, "c": 1}
    assert played.answers == ["StepRun:a", "StepRun:b", "StepRun:c", "return"]


@every_kind
@pytest.mark.rule("A16")
def test_a_sleep_and_a_wait_end_the_request_and_run_nothing(kind: str) -> None:
    async def handler(ctx: Any) -> str:
        await ctx.step.sleep("nap", "1h")
        await ctx.step.wait_for_event("answer", event="answer", timeout="1h")
        return "done"

    played = play(handler, kind)

    assert played.answers == ["Sleep:nap", "WaitForEvent:answer", "return"]
    assert played.executions == {"nap": 0, "answer": 0}


@every_kind
@pytest.mark.rule("A10")
def test_a_repeated_id_gets_a_number_per_use(kind: str) -> None:
    async def handler(ctx: Any) -> list[int]:
        return [await ctx.step.run("fetch", lambda n=n: n) for n in range(3)]

    played = play(handler, kind)

    assert played.run.output == [0, 1, 2]
    assert list(played.run.steps) == ["fetch", "fetch:1", "fetch:2"]
    assert played.run.steps["fetch:2"].output == 2
    # The memo's key, as the real SDKs make it: `printf fetch:1 | sha1sum`.
    assert step_hash("fetch:1") == "7439251a62fbdcb568e9e9bf2f2ade00999ebbb1"


@every_kind
@pytest.mark.rule("A11")
def test_a_collision_of_a_numbered_id_with_a_users_own_never_ends(kind: str) -> None:
    """As recorded of the vendor's Python SDK: three entries, then nothing more."""

    async def handler(ctx: Any) -> list[int]:
        first = await ctx.step.run("a", lambda: 1)
        own = await ctx.step.run("a:1", lambda: 2)
        second = await ctx.step.run("a", lambda: 3)
        return [first, own, second, await ctx.step.run("end", lambda: 4)]

    played = play(handler, kind, invariants=False)  # One would say what is wrong.

    assert played.run.status == "running"
    assert played.run.entries == 3
    assert played.executions == {"a": 1, "a:1": 2}
    assert played.run.steps["a:1"].output == 2
    assert [r.step for r in played.records(MemoRefused)] == ["a:1"]
    assert len(played.records(JobRepeated)) == 1


@every_kind
@pytest.mark.rule("A12")
def test_all_kinds_of_steps_are_counted_together_in_the_order_of_calls(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        await ctx.step.sleep("x", "1m")
        return await ctx.step.run("x", lambda: "ran")

    played = play(handler, kind)

    assert played.run.output == "ran"
    assert played.executions == {"x": 0, "x:1": 1}
    assert played.run.steps["x"].output is None
    assert played.run.steps["x:1"].output == "ran"


@every_kind
@pytest.mark.rule("A12")
def test_swapping_two_uses_of_an_id_swaps_their_memos(kind: str) -> None:
    names = ["one", "two"]

    async def handler(ctx: Any) -> list[list[str]]:
        results = []
        for name in list(names):
            results.append([name, await ctx.step.run("same", lambda name=name: name)])
        if len(played.run.steps) == 2:
            names.reverse()
        await ctx.step.run("last", lambda: None)
        return results

    played = set_up(handler, kind)
    played.to_end()

    assert played.run.output == [["two", "one"], ["one", "two"]]


@every_kind
@pytest.mark.rule("A13", "A51")
def test_memos_are_shown_by_what_their_step_kind_stores(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("run", lambda: {"n": 1})
        await ctx.step.run("nothing", lambda: None)
        await ctx.step.sleep("sleep", "1s")
        await ctx.step.wait_for_event("timeout", event="never", timeout="1s")

    played = play(handler, kind)

    assert {label: step.output for label, step in played.run.steps.items()} == {
        "run": {"n": 1},
        "nothing": None,
        "sleep": None,
        "timeout": None,
    }
    assert [(r.step, r.kind) for r in played.records(StepMemoized)] == [
        ("run", "data"),
        ("nothing", "data"),
        ("sleep", "sleep"),
        ("timeout", "timeout"),
    ]
    assert played.run.output is None


@every_kind
@pytest.mark.rule("A14")
@pytest.mark.parametrize(
    "value",
    [
        {"data": 1},
        {"error": {"name": "X", "message": "not an error"}},
        {"data": 1, "error": 2},
        {"data": 1, "more": 2},
        {},
        None,
        [],
        "",
        0,
        False,
    ],
)
def test_what_a_step_returns_comes_back_whatever_it_looks_like(kind: str, value: object) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: value)

    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.run.output == value
    assert played.run.output.__class__ is value.__class__


@every_kind
@pytest.mark.rule("A14")
def test_an_event_a_wait_got_is_returned_whole(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        event = await ctx.step.wait_for_event("w", event="answer", timeout="1h")
        return [event.name, event.data]

    played = set_up(handler, kind)
    played.sim.advance("1s")
    played.sim.send("answer", {"data": {"data": 1}})
    played.to_end()

    assert played.run.output == ["answer", {"data": {"data": 1}}]


@every_kind
@pytest.mark.rule("A52")
def test_values_make_the_round_trip_through_json(kind: str) -> None:
    seen: list[object] = []

    async def handler(ctx: Any) -> object:
        value = await ctx.step.run("a", lambda: {1: (1, 2), "x": [True, None, 1.5, "é\n"]})
        seen.append(value)
        return (value, "end")

    played = play(handler, kind)

    assert seen == [{"1": [1, 2], "x": [True, None, 1.5, "é\n"]}]
    assert played.run.output == [{"1": [1, 2], "x": [True, None, 1.5, "é\n"]}, "end"]


@every_kind
@pytest.mark.rule("A52")
def test_a_memo_that_the_handler_changes_is_fresh_in_the_next_request(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        value = await ctx.step.run("a", lambda: [1])
        value.append(2)
        await ctx.step.run("b", lambda: None)
        return value

    played = play(handler, kind)

    assert played.run.output == [1, 2]
    assert played.run.steps["a"].output == [1]


@every_kind
@pytest.mark.rule("A19")
def test_a_renamed_step_runs_anew_and_its_old_memo_is_ignored(kind: str) -> None:
    entries: list[str] = []

    async def handler(ctx: Any) -> list[int]:
        entries.append(name := f"s-{min(len(entries) + 1, 3)}")
        first = await ctx.step.run(name, lambda: len(entries))
        return [first, await ctx.step.run("b", lambda: len(entries))]

    played = play(handler, kind)

    # The numbers are those recorded of the vendor's server and SDK for the same program.
    assert played.run.output == [3, 4]
    assert played.run.entries == 5
    assert played.executions == {"s-1": 1, "s-2": 1, "s-3": 1, "b": 1}


@every_kind
@pytest.mark.rule("A19")
def test_steps_that_change_places_keep_their_memos(kind: str) -> None:
    order = ["a", "b"]

    async def handler(ctx: Any) -> list[str]:
        results = [await ctx.step.run(name, lambda name=name: name) for name in list(order)]
        order.reverse()
        await ctx.step.run("c", lambda: None)
        return results

    played = play(handler, kind)

    assert played.run.output == ["b", "a"]
    assert played.executions == {"a": 1, "b": 1, "c": 1}


@every_kind
@pytest.mark.parametrize("step_id", ["", " ", "ünï/cödé ☃", "a:1", "x" * 300, "{{x}}"])
def test_any_text_is_a_step_id(kind: str, step_id: str) -> None:
    async def handler(ctx: Any) -> int:
        return await ctx.step.run(step_id, lambda: 1)

    played = play(handler, kind)

    assert played.run.output == 1
    assert played.executions == {step_id: 1}


@every_kind
def test_a_body_is_given_its_arguments(kind: str) -> None:
    def price(item: str, count: int, *, discount: float) -> list[object]:
        return [item, count, discount]

    async def handler(ctx: Any) -> object:
        return await ctx.step.run("price", price, "x", 2, discount=0.5)

    assert play(handler, kind).run.output == ["x", 2, 0.5]


@every_async
def test_a_body_may_be_async_or_return_something_to_await(kind: str) -> None:
    async def slow(n: int) -> int:
        await asyncio.sleep(n)
        return n

    async def handler(ctx: Any) -> list[int]:
        return [
            await ctx.step.run("function", slow, 1),
            await ctx.step.run("lambda", lambda: slow(2)),
            await ctx.step.run("task", lambda: asyncio.create_task(slow(3))),
        ]

    played = play(handler, kind)

    assert played.run.output == [1, 2, 3]
    assert played.took_ms == 6000


@every_driver
def test_a_plain_handler_reads_as_plain_calls(driver: str) -> None:
    def handler(ctx: dwf.ContextSync) -> dict[str, object]:
        a = ctx.step.run("a", lambda: 1)
        ctx.step.sleep("s", "1m")
        b, c = ctx.group.parallel(
            (lambda: ctx.step.run("b", lambda: 2), lambda: ctx.step.run("c", lambda: 3))
        )
        return {"a": a, "b": b, "c": c}

    app = dwf.App("app")
    app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))(handler)
    sim = serve(app, driver)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == {"a": 1, "b": 2, "c": 3}
    assert run.entries == 6


@every_async
def test_steps_in_an_async_generator_are_steps_of_the_handler(kind: str) -> None:
    async def handler(ctx: Any) -> list[int]:
        async def pages() -> Any:
            for number in range(3):
                yield await ctx.step.run("page", lambda number=number: number)

        return [page async for page in pages()]

    played = play(handler, kind)

    assert played.run.output == [0, 1, 2]
    assert played.executions == {"page": 1, "page:1": 1, "page:2": 1}


@every_async
def test_an_async_generator_may_be_left_early(kind: str) -> None:
    async def handler(ctx: Any) -> int:
        async def pages() -> Any:
            for number in range(3):
                yield await ctx.step.run("page", lambda number=number: number)

        async for _ in pages():
            break
        return await ctx.step.run("z", lambda: 9)

    played = play(handler, kind)

    assert played.run.output == 9
    assert played.executions == {"page": 1, "z": 1}
    assert played.complaints == []


def test_a_step_kept_for_later_runs_when_it_is_awaited() -> None:
    async def handler(ctx: dwf.Context) -> list[int]:
        a = ctx.step.run("a", lambda: 1)
        b = ctx.step.run("b", lambda: 2)
        return [await b, await a]

    played = play(handler)

    assert played.run.output == [2, 1]
    assert played.answers == ["StepRun:b", "StepRun:a", "return"]


@every_async
def test_a_step_cannot_be_awaited_twice(kind: str) -> None:
    async def handler(ctx: Any) -> list[int]:
        call = ctx.step.run("a", lambda: 1)
        return [await call, await call]

    played = play(handler, kind)

    assert played.run.status == "failed"
    assert played.run.error["message"] == "cannot reuse already awaited coroutine"
