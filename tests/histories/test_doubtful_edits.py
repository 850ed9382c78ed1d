"""Edits of which the truth is not plain: what is said then, and what may be allowed."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.histories import Replayer, record, stage
from tests.histories.replays import kinds, one, recorded, replayed
from tests.histories.shop import DRIVERS, served

both_drivers = pytest.mark.parametrize("driver", DRIVERS)


async def order(ctx: Any) -> None:
    for step in ("reserve", "charge", "ship"):
        await ctx.step.run(step, one)


def steps(*names: str) -> Any:
    """Make a handler of steps in turn."""

    async def handler(ctx: Any) -> None:
        for name in names:
            await ctx.step.run(name, one)

    return handler


@both_drivers
def test_a_step_that_is_renamed_and_moved_may_do_its_work_twice(driver: str) -> None:
    found = replayed(order, steps("charge-card", "reserve", "ship"), driver)

    assert kinds(found) == {
        "start": "safe",
        "after reserve": "safe",
        "after charge": "again",
        "after ship": "again",
    }
    text = found["after charge"].findings[0].text
    assert text == (
        "'charge-card' would run, and nobody asks for 'charge' any more: if it does the same work, "
        "that is done twice in this run"
    )


@both_drivers
def test_a_step_whose_work_is_done_under_another_id_has_not_moved_as_well(driver: str) -> None:
    found = replayed(order, steps("reserve", "charge-card", "ship", "mail"), driver)

    steps_again = [f.step for f in found["after ship"].findings if f.kind == "again"]
    assert steps_again == ["charge-card", "charge"]


def test_what_is_allowed_is_looked_for_in_all_that_is_amiss() -> None:
    async def after(ctx: Any) -> None:
        await ctx.step.sleep("reserve", 1000)
        await ctx.step.run("charge-card", one)
        await ctx.step.run("ship", one)

    found = replayed(order, after)

    assert found["after charge"].kind == "type"
    assert [verdict.title for verdict in found.breaking(["type"])] == ["after charge", "after ship"]
    assert found.breaking(["type", "again"]) == []


@both_drivers
def test_a_guard_that_lets_the_run_through_is_harmless(driver: str) -> None:
    async def guarded(ctx: Any) -> None:
        if await ctx.step.run("verify", lambda: True) is not True:
            return
        await order(ctx)

    found = replayed(order, guarded, driver)

    assert {verdict.kind for verdict in found.verdicts} == {"safe"}
    assert found["after charge"].notes[-1] == (
        "no answer of 'verify' was recorded, so one was made up; say what it answers: "
        "Replayer(history, answers={'verify': …})"
    )


@both_drivers
def test_a_guard_that_no_answer_leads_through_is_not_known(driver: str) -> None:
    async def guarded(ctx: Any) -> None:
        checked = await ctx.step.run("verify", lambda: {"ok": True})
        if not isinstance(checked, dict) or "ok" not in checked:
            return
        await order(ctx)

    found = replayed(order, guarded, driver)
    known = replayed(order, guarded, driver, answers={"verify": {"ok": True}})

    verdict = found["after charge"]
    assert verdict.kind == "again"
    assert verdict.notes[-1].startswith(
        "what comes after 'verify' is not known: nothing was recorded of it, and with a made-up "
        "answer the handler returned; say what it answers"
    )
    assert all("is not asked for, as far as" in f.text for f in verdict.findings[1:])
    assert {verdict.kind for verdict in known.verdicts} == {"safe"}


def test_an_answer_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(dwf.UsageError, match="answers has 'verifi', for which the code never asks"):
        replayed(order, steps("verify", "reserve", "charge", "ship"), answers={"verifi": True})

    last = Replayer(recorded(order), answers={"verify": True}, boundary="start")
    found = last.replay(served(steps("reserve", "charge", "verify", "ship")))
    assert kinds(found) == {"start": "same"}, "another boundary comes to it"


@both_drivers
@pytest.mark.rule("A41")
def test_a_planned_step_that_is_gone_holds_no_run_up_that_can_go_on_without_it(driver: str) -> None:
    async def before(ctx: Any) -> None:
        await ctx.group.parallel(
            tuple([lambda step=step: ctx.step.run(step, one) for step in ("a", "b", "c")])
        )

    found = replayed(before, steps("b", "c"), driver)

    assert found["at a + b + c"].kind == "safe"
    assert found["at a + b + c"].notes[-1] == (
        "'a' is about to be run by a request of its own, which finds no such step any more: that "
        "fails, and is tried again, until the rest is done"
    )


@both_drivers
@pytest.mark.rule("A42")
def test_a_planned_step_that_is_gone_from_its_group_ends_the_run_too_early(driver: str) -> None:
    def group(*names: str) -> Any:
        async def handler(ctx: Any) -> int:
            asks = tuple([lambda name=name: ctx.step.run(name, one) for name in names])
            return len(await ctx.group.parallel(asks))

        return handler

    found = replayed(group("a", "b", "c"), group("b", "c"), driver)

    verdict = found["at a + b + c"]
    assert verdict.kind == "stuck"
    assert verdict.findings[0].text == (
        "'a' is about to be run by a request of its own, which finds no such step any more: "
        "the run ends with that, before 'b', 'c' are remembered, with what the code makes without "
        "them"
    )


@both_drivers
def test_an_error_of_the_same_name_that_comes_earlier_is_another(driver: str) -> None:
    async def before(ctx: Any) -> None:
        await ctx.step.run("a", one)
        await ctx.step.run("b", one)
        raise ValueError("at the end")

    async def after(ctx: Any) -> None:
        await ctx.step.run("a", one)
        raise ValueError("before b")

    found = replayed(before, after, driver, retries=0)

    assert kinds(found) == {"start": "same", "after a": "type", "after b": "type"}
    assert "the handler raises ValueError: before b" in found["after b"].findings[0].text
    assert kinds(replayed(before, before, driver, retries=0))["after b"] == "same"


@both_drivers
def test_another_function_that_is_invoked_is_told(driver: str) -> None:
    def invoking(function_id: str) -> Any:
        async def handler(ctx: Any) -> None:
            await ctx.step.invoke_by_id("tell", function_id=function_id, timeout=1000)

        return handler

    history = record(served(invoking("one"), driver, retries=0), "order/created").histories[0]
    found = Replayer(history).replay(served(invoking("two"), driver, retries=0))
    same = Replayer(history).replay(served(invoking("one"), driver, retries=0))

    assert kinds(found)["at tell"] == "safe"
    assert "'tell' was reported as an invoke of " in found["at tell"].notes[0]
    assert {verdict.kind for verdict in same.verdicts} == {"same"}


def test_code_that_asks_for_too_much_is_not_followed_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "_REQUESTS_MAX", 8)
    names = [f"new{nth}" for nth in range(20)]
    after = steps(*names, "reserve", "charge", "ship")
    found = replayed(order, after, boundary="after reserve").verdicts[0]

    assert found.notes[0].startswith("no answer of 'new0', 'new1', 'new2', 'new3', 'new4', 4 more")
    assert found.notes[1] == "the code asks for more steps than it was followed for"
    assert found.findings[-1].text == (
        "'reserve' is not asked for, as far as the code could be followed"
    )


@both_drivers
def test_a_step_before_a_group_is_not_taken_for_one_that_is_done(driver: str) -> None:
    async def before(ctx: Any) -> None:
        await ctx.group.parallel((lambda: ctx.step.run("a", one), lambda: ctx.step.run("b", one)))

    async def after(ctx: Any) -> None:
        await ctx.step.run("new", one)
        await before(ctx)

    found = replayed(before, after, driver)["at b"]

    assert found.kind == "stuck"
    assert found.findings[-1].text == "'a' is not asked for, as far as the code could be followed"
