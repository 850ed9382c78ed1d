"""`trigger`: the shape of the vendor's mock; each of its wrong answers is a test here."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from typing import Any

import inngest
import pytest
from inngest.experimental import mocked as inngest_mocked

import dwf_sim as dwf
from dwf_sim import mocked
from tests.drivers.stage import Fails

GO = inngest.TriggerEvent(event="go")
EVENT = inngest.Event(name="go")

client = inngest.Inngest(app_id="my-app")
mock = mocked.Inngest(app_id="test")
THEIR_MOCK = inngest_mocked.Inngest(app_id="test")


def make(handler: Any, **settings: Any) -> Any:
    return client.create_function(**{"fn_id": "f", "trigger": GO, **settings})(handler)


@pytest.mark.rule("A61")
def test_1_each_step_has_retries_of_its_own() -> None:
    a, b = Fails(2, returns="a"), Fails(1, returns="b")

    def handler(ctx: inngest.ContextSync) -> object:
        return [ctx.step.run("a", a), ctx.step.run("b", b)]

    result = dwf.trigger(make(handler, retries=2), EVENT, mock)

    assert result.status is mocked.Status.COMPLETED
    assert result.output == ["a", "b"]


@pytest.mark.rule("A67")
def test_2_an_error_that_must_not_be_retried_is_not() -> None:
    body = Fails(error=inngest.NonRetriableError)

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", body)

    result = dwf.trigger(make(handler), EVENT, mock)

    assert result.status is mocked.Status.FAILED
    assert isinstance(result.error, inngest.NonRetriableError)
    assert body.calls == 1


@pytest.mark.rule("A165")
def test_3_the_failure_handler_runs() -> None:
    heard = []

    def handler(ctx: inngest.ContextSync) -> None:
        raise ValueError("boom")

    def note(ctx: inngest.ContextSync) -> None:
        heard.append(ctx.event.name)

    result = dwf.trigger(make(handler, retries=0, on_failure=note), EVENT, mock)

    assert isinstance(result.error, ValueError)
    assert heard == ["inngest/function.failed"]


def test_4_an_event_that_is_no_trigger_starts_nothing() -> None:
    def handler(ctx: inngest.ContextSync) -> None: ...

    with pytest.raises(dwf.UsageError, match=r"'other' was received at .* Nobody took it"):
        dwf.trigger(make(handler), inngest.Event(name="other"), mock)


@pytest.mark.rule("A52")
def test_5_what_a_step_returns_makes_the_trip_through_json() -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        return [ctx.step.run("a", lambda: (1, {2: 3}))]

    assert dwf.trigger(make(handler), EVENT, mock).output == [[1, {"2": 3}]]


@pytest.mark.rule("A180")
@pytest.mark.skipif(
    "DWF_ALL" not in os.environ,
    reason="a thousand steps of the SDK take seconds: set DWF_ALL=1, as make soak does",
)
def test_6_a_step_with_another_id_on_every_replay_never_is_done() -> None:
    numbers = itertools.count()

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run(f"a{next(numbers)}", lambda: None)

    result = dwf.trigger(make(handler), EVENT, mock)

    assert result.status is mocked.Status.FAILED
    assert next(numbers) > 900
    assert "steps" in str(result.error)


def test_7_it_can_be_called_inside_a_running_loop() -> None:
    async def handler(ctx: inngest.Context) -> object:
        return await ctx.step.run("a", lambda: "inside")

    async def test() -> object:
        return dwf.trigger(make(handler), EVENT, mock).output

    assert asyncio.run(test()) == "inside"


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("in_step", [True, False])
def test_it_can_be_called_inside_a_handler_that_is_triggered(is_async: bool, in_step: bool) -> None:
    async def inner(ctx: inngest.Context) -> object:
        return await ctx.step.run("a", lambda: "inside")

    def plain_inner(ctx: inngest.ContextSync) -> object:
        return ctx.step.run("a", lambda: "inside")

    def body() -> list[object]:
        return [dwf.trigger(make(inside), EVENT, mock).output for inside in (inner, plain_inner)]

    async def handler(ctx: inngest.Context) -> object:
        return await ctx.step.run("b", body) if in_step else body()  # type: ignore[arg-type]

    def plain(ctx: inngest.ContextSync) -> object:
        return ctx.step.run("b", body) if in_step else body()

    result = dwf.trigger(make(handler if is_async else plain), EVENT, mock)

    assert result.output == ["inside", "inside"]


PARALLEL = """
import inngest
import dwf_sim as dwf

client = inngest.Inngest(app_id="my-app")
order = []

@client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
def handler(ctx):
    ctx.group.parallel(
        tuple(lambda n=n: ctx.step.run(n, lambda: order.append(n)) for n in "abcdef")
    )

dwf.trigger(handler, inngest.Event(name="go"), client)
print(*order)
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_8_parallel_steps_run_in_the_order_they_are_written(hash_seed: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PARALLEL],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert printed.stdout.split() == list("abcdef")


@pytest.mark.rule("A145")
def test_9_a_send_of_one_event_gives_one_id() -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        by_step = ctx.step.send_event("s", inngest.Event(name="told"))
        return [len(by_step), len(client.send_sync(inngest.Event(name="told")))]

    result = dwf.trigger(make(handler), EVENT, mock)

    assert result.output == [1, 1]


def test_steps_answer_what_their_stubs_say() -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        event = ctx.step.wait_for_event("w", event="e", timeout=1000)
        late = ctx.step.wait_for_event("late", event="e", timeout=1000)
        invoked = ctx.step.invoke_by_id("i", app_id="foo", function_id="bar")
        return [event and event.data, late, invoked, ctx.step.run("r", Fails())]

    result = mocked.trigger(
        make(handler),
        EVENT,
        mock,
        step_stubs={
            "w": inngest.Event(name="e", data={"foo": 1}),
            "late": mocked.Timeout,
            "i": "hi",
            "r": lambda: "computed",
        },
    )

    assert result.output == [{"foo": 1}, None, "hi", "computed"]


@pytest.mark.parametrize("step", ["wait", "invoke"])
def test_what_waits_for_others_must_be_stubbed(step: str) -> None:
    def handler(ctx: inngest.ContextSync) -> None:
        if step == "wait":
            ctx.step.wait_for_event("x", event="e", timeout=1000)
        ctx.step.invoke_by_id("x", function_id="nowhere")

    with pytest.raises(mocked.UnstubbedStepError, match="step x is not stubbed"):
        dwf.trigger(make(handler), EVENT, mock)


def test_a_step_that_failed_for_good_is_a_step_error() -> None:
    body = Fails()

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", body)

    error = dwf.trigger(make(handler, retries=1), EVENT, mock).error

    assert isinstance(error, inngest.StepError)
    assert (error.name, str(error)) == ("ValueError", "boom 2")


@pytest.mark.rule("B104")
def test_several_events_are_for_functions_that_batch() -> None:
    def handler(ctx: inngest.ContextSync) -> int:
        return len(ctx.events)

    batches = make(handler, batch_events=inngest.Batch(max_size=5, timeout=10_000))

    assert dwf.trigger(batches, [EVENT] * 3, mock).output == 3
    with pytest.raises(dwf.UsageError, match="the send started 3 runs"):
        dwf.trigger(make(handler), [EVENT] * 3, mock)


def test_a_native_function_is_triggered_in_the_same_way() -> None:
    app = dwf.App("native")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def handler(ctx: dwf.Context) -> object:
        return await ctx.step.run("a", lambda: ctx.event.data)

    result = dwf.trigger(handler, dwf.Event("go", {"n": 1}), step_stubs={"a": "stub"})

    assert result.output == "stub"
    assert result.error is None


def test_only_an_event_is_one() -> None:
    def handler(ctx: inngest.ContextSync) -> None: ...

    with pytest.raises(dwf.UsageError, match="event is 'go'; it is an Event"):
        dwf.trigger(make(handler), "go", mock)


def test_a_failing_trigger_leaves_no_second_client_behind() -> None:
    own = inngest.Inngest(app_id="left-behind")

    @own.create_function(fn_id="f", trigger=GO, retries=0)
    def function(ctx: inngest.ContextSync) -> None:
        own.send_sync(inngest.Event(name="other"))
        raise ValueError("boom")

    first = dwf.trigger(function, EVENT, own)

    assert (type(first.error), str(first.error)) == (ValueError, "boom")
    assert str(dwf.trigger(function, EVENT).error) == "boom"  # It finds the only client.


def test_a_function_that_sends_its_own_event_is_not_run_for_ever() -> None:
    calls: list[str] = []

    def handler(ctx: inngest.ContextSync) -> str:
        ctx.step.run("a", lambda: calls.append(ctx.run_id))
        ctx.step.send_event("again", EVENT)
        return ctx.run_id

    result = dwf.trigger(make(handler), EVENT, mock)

    assert calls[0] == result.output
    assert len(calls) == 2  # The second run has begun before the first one was over.


def test_a_failing_function_that_sends_its_own_event_has_its_failure_handled() -> None:
    heard: list[str] = []

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.send_event("again", EVENT)
        raise ValueError(ctx.run_id)

    def note(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", lambda: None)
        heard.append(str(ctx.event.data["run_id"]))

    result = dwf.trigger(make(handler, retries=0, on_failure=note), EVENT, mock)

    assert heard[0] == str(result.error)


def test_a_function_that_starts_itself_without_end_is_told_of() -> None:
    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.send_event("again", EVENT)
        ctx.step.sleep("long", 3_600_000)

    with pytest.raises(dwf.UsageError, match=r"'my-app-f' has started .* more runs of itself"):
        dwf.trigger(make(handler), EVENT, mock)


NIGHTLY = inngest.TriggerCron(cron="0 3 * * *")


@pytest.mark.rule("B48")
@pytest.mark.parametrize(
    ("triggers", "name"),
    [(NIGHTLY, "go"), ([NIGHTLY, GO], "inngest/scheduled.timer")],
)
def test_a_function_with_a_cron_is_started_by_a_tick(triggers: Any, name: str) -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        return [ctx.event.name, ctx.event.data["scheduledAt"]]

    function = make(handler, trigger=triggers)

    result = dwf.trigger(function, inngest.Event(name=name), mock)

    assert result.output == ["inngest/scheduled.timer", "2030-01-01T03:00:00Z"]


def test_a_function_with_a_cron_and_an_event_is_started_by_the_event() -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        return ctx.event.name

    function = make(handler, trigger=[NIGHTLY, GO])

    assert dwf.trigger(function, EVENT, mock).output == "go"
    with pytest.raises(dwf.UsageError, match=r"triggers are the cron '0 3 \* \* \*' .*, 'go'"):
        dwf.trigger(function, inngest.Event(name="other"), mock)


def test_a_native_function_with_a_cron_is_started_by_a_tick() -> None:
    app = dwf.App("native")

    @app.create_function(fn_id="f", trigger=dwf.TriggerCron("0 3 * * *"))
    async def handler(ctx: dwf.Context) -> object:
        return ctx.event.name

    assert dwf.trigger(handler, dwf.Event("any")).output == "inngest/scheduled.timer"


def test_a_cron_that_never_ticks_is_told_of() -> None:
    def handler(ctx: inngest.ContextSync) -> None: ...

    never = make(handler, trigger=inngest.TriggerCron(cron="0 0 30 2 *"))

    with pytest.raises(dwf.UsageError, match="crons of 'my-app-f' never tick: '0 0 30 2"):
        dwf.trigger(never, EVENT, mock)


def test_a_run_that_is_held_is_waited_for() -> None:
    def handler(ctx: inngest.ContextSync) -> str:
        return "late"

    held = make(handler, debounce=inngest.Debounce(period=60_000))

    assert dwf.trigger(held, EVENT, mock).output == "late"


def test_14_a_stub_that_is_a_function_is_called() -> None:
    def handler(ctx: inngest.ContextSync) -> object:
        return ctx.step.run("a", lambda total: total, 40)

    def stub(total: int) -> int:
        return total + 2

    theirs = inngest_mocked.trigger(make(handler), EVENT, THEIR_MOCK, step_stubs={"a": stub})
    ours = dwf.trigger(make(handler), EVENT, mock, step_stubs={"a": stub})

    assert theirs.output is stub
    assert ours.output == 42
