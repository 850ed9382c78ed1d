"""Verdicts: what is wrong is said, and what nobody can do anything about is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge
from dwf_sim.search.subject import subject_of
from tests.search.subjects import GO, bank

Sends = list[tuple[Any, ...]]


def judged(make: Callable[[], dwf.App], sends: Sends, *faults: dwf.Fault) -> list[tuple[str, str]]:
    """The kind and the text of what is wrong under these faults."""
    _, verdicts = Judge(subject_of(make, events=sends), {}).play(Course(faults=faults))
    return [(verdict.kind, verdict.text) for verdict in verdicts]


def making(handler: Callable[[dwf.Context], Any], **settings: Any) -> Callable[[], dwf.App]:
    """Make what makes an app of one function."""

    def make() -> dwf.App:
        app = dwf.App("a")
        app.create_function(fn_id="f", trigger=GO, **settings)(handler)
        return app

    return make


def test_a_run_that_fails_by_design_hides_no_failure_of_another() -> None:
    async def refuse_what_is_bad(ctx: dwf.Context) -> object:
        if ctx.event.data["bad"]:
            raise dwf.NonRetriableError("refused")
        return await ctx.step.run("reserve", lambda: "told")

    make = making(refuse_what_is_bad, retries=0)
    sends: Sends = [(0, "go", {"bad": True}), ("1s", "go", {"bad": False})]

    assert judged(make, sends) == []
    assert judged(make, sends, dwf.crash.before("reserve")) == [
        ("lost", "a-f#2 failed: Error: Unable to reach SDK URL")
    ]
    assert judged(make, sends[:1], dwf.events.duplicate("go")) == [], "a copy is refused, too"


def test_two_runs_of_equal_events_that_share_one_piece_do_not_both_get_it() -> None:
    def make() -> dwf.App:
        stock = {"left": 1}

        async def take(ctx: dwf.Context) -> str:
            if not await ctx.step.run("look", lambda: stock["left"]):
                return "sold out"

            def body() -> None:
                stock["left"] -= 1

            await ctx.step.run("take", body)
            return "sold"

        return making(take)()

    sends: Sends = [(0, "go", {}), ("3s", "go", {})]

    assert judged(make, sends) == []
    assert judged(make, sends, dwf.crash.before("take", run="a-f#1")) == [
        (
            "other output",
            'a-f#2 returned "sold"; without faults a-f#1 returned "sold", '
            'a-f#2 returned "sold out"',
        )
    ]


def test_a_run_more_needs_a_fault_that_sends_its_event_again() -> None:
    def make() -> dwf.App:
        app = dwf.App("a")

        @app.create_function(fn_id="parent", trigger=GO)
        async def parent(ctx: dwf.Context) -> None:
            await ctx.step.send_event("send", dwf.Event("child", {"n": 1}))

        @app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="child"))
        async def child(ctx: dwf.Context) -> str:
            return "done"

        return app

    again = judged(make, [(0, "go")], dwf.crash.after_effect("send"))

    assert again == [("other output", 'a-child ran twice for [["child", "{\\"n\\":1}"]], not once')]
    assert judged(make, [(0, "go")], dwf.events.duplicate("go")) == []
    assert judged(make, [(0, "go")], dwf.events.duplicate("child")) == []


@pytest.mark.rule("B16")
def test_an_event_with_an_id_that_comes_again_after_days_starts_another_run() -> None:
    def make() -> dwf.App:
        app = dwf.App("a")

        @app.create_function(fn_id="parent", trigger=GO)
        async def parent(ctx: dwf.Context) -> None:
            await ctx.step.send_event("send", dwf.Event("child", id=f"for {ctx.event.id}"))

        @app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="child"))
        async def child(ctx: dwf.Context) -> str:
            return "done"

        return app

    again, late = dwf.crash.after_effect("send"), dwf.events.delay("child", by="7d", nth=1)

    assert judged(make, [(0, "go")], again) == []
    assert judged(make, [(0, "go")], again, late) == []
    assert judged(make, [(0, "go")], dwf.steps.slow("send", by="7d")) == []


def test_two_failures_of_a_function_are_two_mistakes() -> None:
    async def read_the_answer(ctx: dwf.Context) -> object:
        answer = await ctx.step.wait_for_event("w", event="answer", timeout="1h")
        return answer.data["n"]  # type: ignore[union-attr]  # The mistake.

    sends: Sends = [(0, "go"), ("1m", "answer", {"n": 1})]
    subject = subject_of(making(read_the_answer, retries=0), events=sends)
    faults = dwf.crash.before("", visit=1), dwf.events.delay("answer", by="2h")

    found = [Judge(subject, {}).play(Course(faults=(fault,)))[1][0] for fault in faults]

    assert [verdict.same for verdict in found] == [
        ("lost", "a-f Error"),
        ("lost", "a-f AttributeError"),
    ]


async def charge_by_attempt(ctx: dwf.Context) -> None:
    key = "again" if ctx.attempt else "first"
    await ctx.step.run("charge", lambda: bank.call("charge", key=key, value=1))
    await ctx.step.sleep("s", "1h")
    await ctx.step.send_event("answer", dwf.Event("answer", id=f"for {ctx.event.id}"))


async def ask(ctx: dwf.Context) -> bool:
    await ctx.step.sleep("think", "1s")
    return await ctx.step.wait_for_event("w", event="answer", timeout="1h") is not None


def test_an_overdue_wait_of_a_bystander_excuses_nobody_else() -> None:
    def make() -> dwf.App:
        app = making(charge_by_attempt)()
        app.create_function(fn_id="asker", trigger=GO)(ask)
        return app

    late = dwf.response.lose("charge")

    assert judged(make, [(0, "go")], late) == [
        ("duplicate effect", "bank charge of a-f happened twice, not once")
    ]


def test_an_overdue_wait_excuses_who_waits_and_who_hears_of_it() -> None:
    def make() -> dwf.App:
        app = dwf.App("a")
        app.create_function(fn_id="asker", trigger=GO)(ask)

        @app.create_function(fn_id="other", trigger=GO)
        async def other(ctx: dwf.Context) -> None:
            await ctx.step.sleep("s", "1h")
            await ctx.step.send_event("answer", dwf.Event("answer", id=f"for {ctx.event.id}"))

        @app.create_function(fn_id="parent", trigger=GO)
        async def parent(ctx: dwf.Context) -> object:
            return await ctx.step.invoke("call", function=asker)

        asker = app.functions["asker"]
        return app

    late = dwf.timers.late("s", by="1m")

    assert judged(make, [(0, "go")]) == []
    assert judged(make, [(0, "go")], late) == []


def test_who_is_not_answered_in_time_may_remind_but_not_charge_twice() -> None:
    def made(key_of: Callable[[dwf.Context, int], str]) -> Callable[[], dwf.App]:
        async def remind(ctx: dwf.Context) -> bool:
            for nth in range(3):
                key = key_of(ctx, nth)
                await ctx.step.run(f"ask {nth}", lambda key=key: bank.call("ask", key=key, value=1))
                if await ctx.step.wait_for_event(f"w {nth}", event="answer", timeout="1h"):
                    return True
            return False

        return making(remind)

    sends: Sends = [(0, "go"), ("10m", "answer")]
    late, lost = dwf.events.delay("answer", by="2h"), dwf.response.lose("ask 1")

    assert judged(made(lambda _, nth: str(nth)), sends, late, lost) == []
    assert judged(made(lambda ctx, nth: f"{nth}-{ctx.attempt}"), sends, late, lost) == [
        ("duplicate effect", "bank ask of a-f happened 4 times, not once")
    ]


def test_who_is_replaced_by_a_newer_run_is_cancelled_by_its_own_setting() -> None:
    async def index(ctx: dwf.Context) -> int:
        return await ctx.step.run("index", lambda: 1)

    make = making(index, singleton=dwf.Singleton(mode="cancel"))

    assert judged(make, [(0, "go"), ("5s", "go")], dwf.crash.before("index", run="a-f#1")) == []


def test_a_wait_that_a_run_begins_with_cannot_begin_sooner() -> None:
    def made(*, first: bool) -> Callable[[], dwf.App]:
        async def sell(ctx: dwf.Context) -> str:
            if not first:
                await ctx.step.run("ask", int)
            paid = await ctx.step.wait_for_event("paid", event="paid", timeout="1h")
            return "not paid" if paid is None else "paid"

        return making(sell)

    sends: Sends = [(0, "go"), ("5s", "paid")]
    late = dwf.crash.before("", visit=1)
    told = 'a-f#1 returned "not paid"; without faults it returned "paid"'

    assert judged(made(first=True), sends, late) == []
    assert judged(made(first=False), sends, dwf.crash.before("ask")) == [("other output", told)]


def test_a_copy_of_an_event_may_come_after_what_its_run_would_have_waited_for() -> None:
    async def sell(ctx: dwf.Context) -> str:
        paid = await ctx.step.wait_for_event("paid", event="paid", timeout="1h")
        return "not paid" if paid is None else "paid"

    async def drive(ctx: dwf.Context) -> None:
        await ctx.step.sleep("drive", "1h")

    cancel = [dwf.Cancel(event="stop")]
    copy = dwf.events.duplicate("go", after="30m")

    assert judged(making(sell), [(0, "go"), ("5m", "paid")], copy) == []
    assert judged(making(drive, cancel=cancel), [(0, "go"), ("5m", "stop")], copy) == []


@pytest.mark.parametrize(
    "key_of", [lambda attempt: f"order-{attempt}", lambda attempt: "none" if attempt else "order-0"]
)
def test_another_key_than_without_faults_is_seen(key_of: Callable[[int], str]) -> None:
    async def mail(ctx: dwf.Context) -> None:
        whom = await ctx.step.run("whom", lambda: key_of(ctx.attempt))
        await ctx.step.run("mail", lambda: bank.call("mail", key=whom, value=None))

    ((kind, text),) = judged(making(mail), [(0, "go")], dwf.crash.before("whom"))

    assert kind == "other output"
    assert text == f"bank mail of a-f happened with the key {key_of(1)!r} in place of 'order-0'"


def test_it_does_not_matter_which_of_two_runs_does_what_has_one_key() -> None:
    async def mail(ctx: dwf.Context) -> None:
        await ctx.step.run("mail", lambda: bank.call("mail", key="one", value=None))

    sends: Sends = [(0, "go", {"n": 1}), ("1s", "go", {"n": 2})]

    assert judged(making(mail), sends, dwf.crash.before("mail", run="a-f#1")) == []


@pytest.mark.parametrize(
    "clock", [lambda: time.time(), lambda: int(time.time() * 1000), lambda: str(time.time_ns())]
)
def test_an_instant_in_an_output_is_none_that_differs(clock: Callable[[], object]) -> None:
    async def tell(ctx: dwf.Context) -> object:
        return await ctx.step.run("tell", clock)

    assert judged(making(tell), [(0, "go")], dwf.crash.before("tell")) == []


def test_an_instant_in_the_data_of_an_event_makes_no_other_run() -> None:
    def make() -> dwf.App:
        app = dwf.App("a")

        @app.create_function(fn_id="parent", trigger=GO)
        async def parent(ctx: dwf.Context) -> None:
            now = await ctx.step.run("now", lambda: time.time())
            await ctx.step.send_event("send", dwf.Event("child", {"at": now}))

        @app.create_function(fn_id="child", trigger=dwf.TriggerEvent(event="child"))
        async def child(ctx: dwf.Context) -> str:
            return "done"

        return app

    assert judged(make, [(0, "go")], dwf.crash.before("now")) == []


def test_a_number_that_is_no_instant_of_the_simulation_is_compared() -> None:
    async def tell(ctx: dwf.Context) -> object:
        return await ctx.step.run("tell", lambda: 1_234_567_890 + ctx.attempt)

    assert judged(making(tell), [(0, "go")], dwf.crash.before("tell")) == [
        ("other output", "a-f#1 returned 1234567891; without faults it returned 1234567890")
    ]


def test_a_signal_that_came_before_anybody_waited_is_missed_and_not_overdue() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> bool:
        await ctx.step.run("ask", int)
        return (
            await ctx.step.wait_for_signal("w", signal="door", timeout="1h", on_conflict="fail")
            is not None
        )

    def play(sim: dwf.Simulation) -> None:
        sim.serve(app)
        sim.send("go")
        sim.advance("5s")
        sim.signal("door")

    _, verdicts = Judge(subject_of(play), {}).play(Course(faults=(dwf.crash.before("ask"),)))

    assert [verdict.kind for verdict in verdicts] == ["other output"]
