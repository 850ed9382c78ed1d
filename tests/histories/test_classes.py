"""The classes of verdicts, each by an edit that has no place among those of six steps."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import pytest

import dwf_sim as dwf
from dwf_sim.histories import Replayer, read_history, record
from tests.histories.replays import kinds, one, recorded, replayed
from tests.histories.shop import DRIVERS, served

HOUR = datetime.timedelta(hours=1)

both_drivers = pytest.mark.parametrize("driver", DRIVERS)


async def waits(ctx: Any) -> None:
    await ctx.step.wait_for_event("paid", event="order/paid", timeout=HOUR)


@both_drivers
@pytest.mark.rule("A35")
def test_a_wait_that_is_under_way_keeps_the_event_it_was_reported_with(driver: str) -> None:
    async def other_event(ctx: Any) -> None:
        await ctx.step.wait_for_event("paid", event="order/settled", timeout=HOUR)

    found = replayed(waits, other_event, driver)

    assert kinds(found) == {"start": "safe", "at paid": "stuck", "after paid": "same"}
    assert "waits for 'order/paid' at 'paid'" in found["at paid"].findings[0].text


@both_drivers
def test_a_wait_that_is_under_way_keeps_its_condition(driver: str) -> None:
    async def other_condition(ctx: Any) -> None:
        condition = "async.data.order == 7"
        await ctx.step.wait_for_event("paid", event="order/paid", if_exp=condition, timeout=HOUR)

    found = replayed(waits, other_condition, driver)

    assert kinds(found) == {"start": "same", "at paid": "safe", "after paid": "same"}
    assert "with the condition None, which stays in force" in found["at paid"].notes[0]
    same = replayed(other_condition, other_condition, driver)
    assert kinds(same)["at paid"] == "same"


@both_drivers
def test_a_wait_nobody_asks_for_any_more_holds_the_run_up(driver: str) -> None:
    async def nothing(ctx: Any) -> None:
        return None

    found = replayed(waits, nothing, driver)

    assert kinds(found) == {"start": "safe", "at paid": "stuck", "after paid": "orphan"}


@both_drivers
@pytest.mark.rule("A13")
def test_an_event_that_came_is_not_one_of_another_name(driver: str) -> None:
    async def other_event(ctx: Any) -> None:
        await ctx.step.wait_for_event("paid", event="order/settled", timeout=HOUR)

    def pay(simulation: dwf.Simulation) -> None:
        simulation.send("order/created")
        simulation.advance(1000)
        simulation.send("order/paid")

    history = record(served(waits, driver), pay).histories[0]

    found = Replayer(history, boundary="after paid").replay(served(other_event, driver))

    assert kinds(found) == {"after paid": "type"}


@both_drivers
def test_an_invoke_nobody_asks_for_any_more_holds_the_run_up(driver: str) -> None:
    async def invokes(ctx: Any) -> None:
        try:
            await ctx.step.invoke_by_id("tell", function_id="none")
        except Exception:
            return

    async def renamed(ctx: Any) -> None:
        try:
            await ctx.step.invoke_by_id("tell-again", function_id="none")
        except Exception:
            return

    found = replayed(invokes, renamed, driver)

    assert kinds(found) == {"start": "safe", "at tell": "stuck", "after tell": "again"}


@both_drivers
def test_a_sleep_nobody_asks_for_any_more_is_only_a_memo_too_many(driver: str) -> None:
    async def sleeps(ctx: Any) -> None:
        await ctx.step.sleep("rest", HOUR)

    async def nothing(ctx: Any) -> None:
        return None

    found = replayed(sleeps, nothing, driver)

    assert kinds(found) == {"start": "safe", "at rest": "orphan", "after rest": "orphan"}


class Charge(TypedDict):
    """What a charge returns in the code of now."""

    id: str


@both_drivers
@pytest.mark.rule("A14")
def test_a_memo_that_is_not_what_the_step_says_it_returns_is_of_another_type(driver: str) -> None:
    def text() -> str:
        return "ch_1"

    def charge() -> Charge:
        return {"id": "ch_1"}

    async def before(ctx: Any) -> None:
        await ctx.step.run("charge", text)

    async def after(ctx: Any) -> None:
        await ctx.step.run("charge", charge)

    found = replayed(before, after, driver)

    assert kinds(found) == {"start": "same", "after charge": "type"}
    finding = found["after charge"].findings[0]
    assert "'charge' returns Charge now, and what is remembered is 'ch_1'" in finding.text
    line = after.__code__.co_firstlineno + 1
    assert finding.place == f"tests/histories/test_classes.py:{line}"


def test_a_promise_that_was_broken_when_it_was_recorded_is_no_change(tmp_path: Path) -> None:
    def count() -> int:
        return "many"  # type: ignore[return-value]  # As it happens.

    async def order(ctx: Any) -> None:
        await ctx.step.run("count", count)

    (file,) = record(served(order), "order/created").save(tmp_path)

    assert read_history(file).memos[0].fits is False
    assert Replayer(file).replay(served(order)).kind == "same"


@both_drivers
def test_a_memo_that_the_code_cannot_use_is_of_another_type(driver: str) -> None:
    async def before(ctx: Any) -> Any:
        return await ctx.step.run("charge", lambda: "ch_1")

    async def after(ctx: Any) -> Any:
        charge: Any = await ctx.step.run("charge", lambda: {"id": "ch_1"})
        return charge["id"]

    found = replayed(before, after, driver)

    assert kinds(found) == {"start": "same", "after charge": "type"}
    finding = found["after charge"].findings[0]
    assert "the handler raises TypeError" in finding.text
    assert finding.place == f"test_classes.py:{after.__code__.co_firstlineno + 2}"


@both_drivers
@pytest.mark.rule("A11")
def test_an_id_that_is_the_repeat_of_another_ends_no_run(driver: str) -> None:
    async def before(ctx: Any) -> None:
        await ctx.step.run("a", one)
        await ctx.step.run("a", one)

    async def after(ctx: Any) -> None:
        await before(ctx)
        await ctx.step.run("a:1", one)

    found = replayed(before, after, driver)

    assert kinds(found) == {"start": "same", "after a": "same", "after a:1": "stuck"}


def _of(ctx: Any, *steps: str) -> tuple[Callable[[], Any], ...]:
    return tuple([lambda step=step: ctx.step.run(step, one) for step in steps])


async def in_parallel(ctx: Any) -> None:
    await ctx.group.parallel(_of(ctx, "a", "b"))
    await ctx.step.run("c", one)


async def in_turn(ctx: Any) -> None:
    for step in ("a", "b", "c"):
        await ctx.step.run(step, one)


@both_drivers
@pytest.mark.rule("A29", "A41")
def test_steps_that_are_planned_may_come_in_turn_if_there_are_retries(driver: str) -> None:
    found = replayed(in_parallel, in_turn, driver)

    assert kinds(found) == {
        "start": "safe",
        "at a + b": "safe",
        "at b": "same",
        "after b": "same",
        "after c": "same",
    }


@both_drivers
@pytest.mark.rule("A41")
def test_a_planned_step_that_meets_another_first_fails_the_run_without_retries(driver: str) -> None:
    found = replayed(in_parallel, in_turn, driver, retries=0)

    assert found["at a + b"].kind == "stuck"
    assert "StepUnexpectedError" in found["at a + b"].findings[0].text


@both_drivers
@pytest.mark.rule("A41")
def test_a_planned_step_does_not_wait_for_what_the_code_has_put_before_it(driver: str) -> None:
    """What the run waits for beside it may take longer than the attempts of the step's request."""

    async def before(ctx: Any) -> None:
        await ctx.group.parallel((lambda: waits(ctx), *_of(ctx, "a")))

    async def after(ctx: Any) -> None:
        await waits(ctx)
        await ctx.step.run("a", one)

    found = replayed(before, after, driver)

    assert kinds(found) == {
        "start": "safe",
        "at paid + a": "stuck",
        "at paid": "safe",
        "after paid": "same",
    }
    assert 'found step "paid" when targeting' in found["at paid + a"].findings[0].text
    other = replayed(after, before, driver)
    assert kinds(other) == {
        "start": "safe",
        "at paid": "safe",
        "after paid": "same",
        "after a": "same",
    }


@both_drivers
@pytest.mark.rule("A42")
def test_a_planned_step_that_is_gone_is_stuck(driver: str) -> None:
    async def without_b(ctx: Any) -> None:
        await ctx.group.parallel(_of(ctx, "a"))
        await ctx.step.run("c", one)

    found = replayed(in_parallel, without_b, driver)

    assert kinds(found) == {
        "start": "safe",
        "at a + b": "stuck",
        "at b": "stuck",
        "after b": "orphan",
        "after c": "orphan",
    }


@both_drivers
def test_what_comes_after_a_step_that_nobody_knows_can_be_told(driver: str) -> None:
    async def before(ctx: Any) -> None:
        await ctx.step.run("charge", one)

    async def after(ctx: Any) -> None:
        checked: Any = await ctx.step.run("check", lambda: {"card": "visa"})
        await ctx.step.run("charge", one, checked["card"])

    unknown = replayed(before, after, driver)
    known = replayed(before, after, driver, answers={"check": {"card": "visa"}})

    assert kinds(unknown) == {"start": "safe", "after charge": "again"}
    assert "what comes after 'check' is not known" in unknown["after charge"].notes[-1]
    assert kinds(known) == {"start": "safe", "after charge": "safe"}


def test_a_function_that_is_gone_is_stuck_everywhere() -> None:
    history = recorded(in_turn)
    other = dwf.App("shop")
    other.create_function(fn_id="bill", trigger=dwf.TriggerEvent(event="order/created"))(in_turn)

    found = Replayer(history).replay(other)

    assert {verdict.kind for verdict in found.verdicts} == {"stuck"}
    assert "has no function 'shop-order'" in found.verdicts[0].findings[0].text


@both_drivers
@pytest.mark.rule("A71", "A73")
def test_a_step_that_failed_fails_again_and_that_is_the_same(driver: str) -> None:
    def fail() -> None:
        raise ValueError("no")

    async def fails(ctx: Any) -> None:
        try:
            await ctx.step.run("charge", fail)
        except Exception:
            await ctx.step.run("refund", one)

    found = replayed(fails, fails, driver, retries=0)

    assert kinds(found) == {"start": "same", "after charge": "same", "after refund": "same"}


def test_plain_handlers_are_replayed_too() -> None:
    def before(ctx: Any) -> None:
        ctx.step.run("charge", one)
        ctx.step.sleep("rest", HOUR)

    def after(ctx: Any) -> None:
        ctx.step.run("charge-card", one)
        ctx.step.sleep("rest", HOUR)

    for driver in DRIVERS:
        found = replayed(before, after, driver)  # type: ignore[arg-type]  # `def` is played too.

        assert kinds(found)["after charge"] == "again"


@pytest.mark.rule("A15", "A36")
def test_a_race_whose_loser_is_never_asked_for_is_the_same() -> None:
    async def race(ctx: dwf.Context) -> Any:
        winner = await ctx.group.race(
            (lambda: ctx.step.run("fast", one), lambda: ctx.step.sleep("slow", HOUR))
        )
        return await ctx.step.run("after", lambda: winner)

    found = replayed(race, race)

    assert {verdict.kind for verdict in found.verdicts} == {"same"}


@pytest.mark.rule("A202")
def test_a_function_with_checkpoints_has_a_boundary_at_each_step() -> None:
    def app(last: str) -> dwf.App:
        made = dwf.App("shop", checkpointing=True)

        @made.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order/created"))
        async def order(ctx: dwf.Context) -> None:
            for step in ("a", "b", last):
                await ctx.step.run(step, one)

        return made

    history = record(app("c"), "order/created").histories[0]

    found = Replayer(history).replay(app("d"))

    assert kinds(found) == {
        "start": "same",
        "after a": "same",
        "after b": "safe",
        "after c": "again",
    }
