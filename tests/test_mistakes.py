"""The user's own mistakes: each is found, with its line, by whichever driver; good code is not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.adapters.httpx import EffectTransport
from dwf_sim.model.mistakes import MistakeFound
from tests.drivers.stage import Played, both_kinds, every_kind, play, set_up
from tests.programs import make_program, run_program

FILE = "tests/test_mistakes.py"


def line_of(handler: Callable[..., Any], offset: int) -> str:
    """The place so many lines below the `def` of a function."""
    return f"{FILE}:{handler.__code__.co_firstlineno + offset}"


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_no_generated_program_has_a_mistake(first: int) -> None:
    for number in range(first, first + 20):
        simulation = run_program(make_program(number))
        assert simulation.trace.of(MistakeFound) == [], number


# Steps that differ from entry to entry.


@every_kind
def test_a_step_id_from_chance_is_found_at_its_line(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("first", lambda: 1)
        await ctx.step.run(f"charge-{random.random()}", lambda: 1)

    played = play(handler, kind, limits=dwf.Limits(steps=4))

    warning, *_ = played.sim.warnings
    assert f"app-f#1 at {line_of(handler, 2)}, " in warning
    found = played.records(MistakeFound)
    assert [record.kind for record in found] == ["order"] * len(found)
    assert found[0].text.startswith("step 2 of this entry is 'charge-")
    assert f"was {found[0].subject!r} in an earlier entry" in found[0].text


@every_kind
def test_an_order_that_differs_is_told_by_its_first_difference(kind: str) -> None:
    orders = iter(["abc", "abc", "acb", *["abc"] * 9])

    async def handler(ctx: Any) -> None:
        for step in next(orders):
            await ctx.step.run(step, lambda: 1)

    played = play(handler, kind)

    first, *_ = played.records(MistakeFound)
    assert (first.subject, first.where) == ("b", line_of(handler, 2))
    assert first.text.startswith("step 2 of this entry is 'c', and was 'b' in an earlier entry")


@every_kind
def test_a_step_that_is_not_asked_for_again_is_found_when_the_handler_returns(kind: str) -> None:
    entries = iter(range(9))

    async def handler(ctx: Any) -> str:
        if next(entries):
            return "done"
        await ctx.step.run("a", lambda: 1)
        return "never"

    played = play(handler, kind)

    (warning,) = played.sim.warnings
    assert warning.startswith("app-f#1, once: this entry returned without asking for step 'a'")


@both_kinds
def test_steps_that_ran_in_one_request_are_compared_with_those_of_the_next(kind: str) -> None:
    orders = iter(["abs", "bas"])

    async def handler(ctx: Any) -> None:
        for step in next(orders):
            if step == "s":
                await ctx.step.sleep("s", "1m")
            else:
                await ctx.step.run(step, lambda: 1)

    played = play(handler, kind, checkpointing=True)

    assert [record.subject for record in played.records(MistakeFound)] == ["a"]


def test_parallel_steps_whose_order_differs_are_found() -> None:
    orders = iter(["ab", "ba", *["ab"] * 9])

    async def handler(ctx: Any) -> None:
        await ctx.group.parallel(
            tuple(lambda s=s: ctx.step.run(s, lambda: 1) for s in next(orders))
        )

    played = play(handler)

    assert played.records(MistakeFound)[0].subject == "a"


@every_kind
def test_what_memos_decide_is_no_mistake(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        chance = await ctx.step.run("chance", random.random)
        for n in range(3 if chance > 0.5 else 2):
            await ctx.step.run(f"low-{n}" if chance < 0.5 else f"high-{n}", lambda: 1)
        event = await ctx.step.wait_for_event("w", event="never", timeout="1h")
        if event is None:
            await ctx.step.sleep("s", "1m")
        return chance

    for seed in range(4):
        played = play(handler, kind, seed=seed)
        assert played.run.status == "completed"
        assert played.sim.warnings == []


@every_kind
def test_branches_of_several_steps_are_no_mistake(kind: str) -> None:
    async def branch(ctx: Any, name: str) -> list[object]:
        return [await ctx.step.run(f"{name}{n}", lambda: 1) for n in range(3)]

    async def handler(ctx: Any) -> object:
        await ctx.group.parallel(tuple(lambda name=name: branch(ctx, name) for name in "ab"))
        return await ctx.step.run("end", lambda: 1)

    played = play(handler, kind)

    assert played.run.output == 1
    assert played.sim.warnings == []


@every_kind
def test_a_step_that_fails_is_asked_for_again_and_may_be_caught(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        def body() -> None:
            raise ValueError

        await ctx.step.run("a", lambda: 1)
        try:
            await ctx.step.run("b", body)
        except dwf.StepError:
            await ctx.step.run("c", lambda: 1)

    played = play(handler, kind, retries=2)

    assert played.run.status == "completed"
    assert played.sim.warnings == []


def test_other_code_that_is_deployed_in_mid_run_may_do_otherwise() -> None:
    def version(*steps: str) -> dwf.App:
        app = dwf.App("app")

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def f(ctx: dwf.Context) -> None:
            for step in steps:
                await ctx.step.sleep(step, "1h")

        return app

    sim = dwf.Simulation().serve(version("a", "b"))
    sim.send("go")
    sim.advance("90m")
    sim.deploy(version("a", "c"))
    sim.run_until_idle()

    assert sim.runs[0].status == "completed"
    assert sim.warnings == []


def test_tasks_that_take_turns_by_chance_may_ask_in_any_order() -> None:
    async def handler(ctx: Any) -> None:
        async def two(name: str) -> None:
            await ctx.step.run(f"{name}1", lambda: 1)
            await ctx.step.run(f"{name}2", lambda: 1)

        await asyncio.gather(*(two(name) for name in "abcd"))

    for seed in range(5):
        played = play(handler, seed=seed, interleave="random")
        assert played.run.status == "completed"
        assert played.sim.warnings == []


# What is done outside of steps.


class Shop:
    """A handler's surroundings: what a test has it do, inside of a step or not."""

    def __init__(self, kind: str, **settings: Any) -> None:
        self.ledger = dwf.Ledger("stripe")
        self.kind = kind
        self.settings = settings

    def play(self, handler: Callable[[Any], Any]) -> Played:
        """Run a handler that comes to two steps, and so is entered thrice."""
        played = play(handler, self.kind, **self.settings)
        assert (played.run.status, played.run.entries) == ("completed", 3)
        return played


async def two_steps(ctx: Any) -> None:
    """Have the handler entered twice more."""
    await ctx.step.run("a", lambda: 1)
    await ctx.step.run("b", lambda: 2)


@every_kind
def test_a_ledger_call_outside_of_steps_is_found_with_how_often_it_ran(kind: str) -> None:
    shop = Shop(kind)

    async def handler(ctx: Any) -> None:
        shop.ledger.call("charge", value=1)
        await two_steps(ctx)

    played = shop.play(handler)

    assert played.sim.warnings == [
        f"app-f#1 at {line_of(handler, 1)}, 3 times: stripe charge outside of steps, which is done "
        "again at each entry of the handler, once for every step: put it into a step.run"
    ]
    assert [record.kind for record in played.records(MistakeFound)] == ["outside"] * 3


@every_kind
def test_what_an_adapter_notes_outside_of_steps_is_found(kind: str) -> None:
    shop = Shop(kind)
    transport = EffectTransport(shop.ledger, lambda _: httpx.Response(200))

    async def handler(ctx: Any) -> None:
        with httpx.Client(transport=transport) as client:
            client.post("https://pay.example/charges")
            client.get("https://pay.example/charges")
        await two_steps(ctx)

    (warning,) = shop.play(handler).sim.warnings
    assert warning.startswith(f"app-f#1 at {line_of(handler, 2)}, 3 times: stripe POST ")


@both_kinds
def test_a_send_outside_of_steps_is_found(kind: str) -> None:
    app = dwf.App("app")

    async def handler(ctx: Any) -> None:
        app.send(dwf.Event("paid"))
        await two_steps(ctx)

    played = Shop(kind, app=app).play(handler)

    (warning,) = (text for text in played.sim.warnings if "outside" in text)
    assert warning.startswith(
        f"app-f#1 at {line_of(handler, 1)}, 3 times: a send of 'paid' outside"
    )


def test_a_send_of_the_sdks_client_outside_of_steps_is_found() -> None:
    client = inngest.Inngest(app_id="app")

    @client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
    async def f(ctx: inngest.Context) -> None:
        await client.send(inngest.Event(name="paid"))
        await ctx.step.sleep("s", 1000)

    with dwf.Simulation().serve((client, [f])) as sim:
        sim.send("go")
        sim.run_until_idle()
        (found, _) = sim.trace.of(MistakeFound)

    assert (found.subject, found.where[: len(FILE)]) == ("a send of 'paid'", FILE)


@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
def test_a_sleep_of_asyncio_outside_of_steps_is_found(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await asyncio.sleep(5)
        await two_steps(ctx)

    (warning,) = Shop(kind).play(handler).sim.warnings
    assert warning == (
        f"app-f#1 at {line_of(handler, 1)}, 3 times: asyncio.sleep outside of steps, which is done "
        "again at each entry of the handler, once for every step: use step.sleep, or put it into "
        "a step.run"
    )


@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
def test_what_a_task_of_its_own_does_is_told_by_the_line_that_awaits_it(kind: str) -> None:
    numbers = iter(range(99))

    async def handler(ctx: Any) -> None:
        await asyncio.gather(asyncio.sleep(5), asyncio.sleep(5))
        steps = [ctx.step.run(f"a{next(numbers)}", lambda: 1)]
        await asyncio.gather(*steps)

    played = play(handler, kind, limits=dwf.Limits(steps=3))

    found = played.records(MistakeFound)
    asks = 2 if kind == "async def" else 3  # The SDK counts a step when it is awaited.
    assert found[0].where == line_of(handler, 1)
    assert {record.where for record in found if record.kind == "order"} == {line_of(handler, asks)}


def test_a_signal_outside_of_steps_is_found() -> None:
    app = dwf.App("app")
    sim = dwf.Simulation()

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        sim.signal("paid")
        await ctx.step.send_signal("in a step", signal="paid")

    sim.serve(app).send("go")
    sim.run_until_idle()

    assert [r.subject for r in sim.trace.of(MistakeFound)] == ["a send of signal 'paid'"] * 2


@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
def test_a_simulation_of_the_handlers_own_is_none_of_its_effects(kind: str) -> None:
    inner = dwf.Simulation()

    async def handler(ctx: Any) -> list[str]:
        inner.send("go")
        return inner.warnings

    played = play(handler, kind)

    assert played.run.output == ["nobody took event 'go': no trigger and no wait matched it"]
    assert played.sim.warnings == []


@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
def test_what_is_done_in_steps_is_no_mistake(kind: str) -> None:
    ledger = dwf.Ledger("stripe")

    async def handler(ctx: Any) -> None:
        async def part() -> None:
            await asyncio.sleep(0.1)
            ledger.call("charge", value=1)

        async def body() -> None:
            await asyncio.wait_for(asyncio.gather(part(), part()), 5)
            await part()

        async def long() -> None:
            await asyncio.sleep(3)
            ledger.call("later", value=1)

        await asyncio.sleep(0)
        await ctx.step.run("a", body)
        await ctx.step.send_event("send", dwf.Event("paid"))
        await ctx.group.parallel(
            tuple(lambda n=n: ctx.step.run(f"p{n}", (part, long)[n]) for n in range(2))
        )

    played = play(handler, kind, latency=dwf.Latency(step="7ms"))

    assert played.run.status == "completed"
    assert played.sim.trace.of(MistakeFound) == []


def test_bodies_that_the_sdk_runs_at_once_are_told_from_their_handler() -> None:
    ledger = dwf.Ledger("stripe")

    async def handler(ctx: Any) -> None:
        async def body(seconds: int) -> None:
            await asyncio.sleep(seconds)
            ledger.call("charge", value=1)

        await asyncio.gather(*(ctx.step.run(f"s{n}", body, n) for n in (1, 2)))

    played = play(handler, "sdk async def")

    assert ledger.count() == 2
    assert played.sim.trace.of(MistakeFound) == []


def test_a_function_with_many_runs_is_one_warning() -> None:
    ledger, app = dwf.Ledger("stripe"), dwf.App("app")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        ledger.call("charge", value=1)

    sim = dwf.Simulation().serve(app)
    for _ in range(3):
        sim.send("go")
    sim.run_until_idle()

    (warning,) = sim.warnings
    assert warning.startswith("app-f#1 and 2 more runs at ")


# Variables that are lost.


async def returns_it(ctx: Any) -> object:
    def body() -> int:
        nonlocal total
        total += 1
        return total

    total = 0
    total = await ctx.step.run("a", body)
    return total


async def reads_it_after_the_step(ctx: Any) -> object:
    def body() -> None:
        nonlocal total
        total = 1

    total = 0
    await ctx.step.run("a", body)
    return total  # Lost.


async def reads_it_at_the_next_turn(ctx: Any) -> None:
    total = 0

    def body() -> None:
        nonlocal total
        total += 1

    for number in range(3):
        if total < 9:  # Lost.
            await ctx.step.run(f"a{number}", body)


async def reads_it_in_another_step(ctx: Any) -> None:
    token = ""

    def body() -> None:
        nonlocal token
        token = "abc"

    await ctx.step.run("a", body)
    await ctx.step.run("b", lambda: token)  # Lost.


async def reads_it_only_on_one_way(ctx: Any) -> object:
    token = ""

    def body(given: str) -> None:
        def inner() -> None:
            nonlocal token
            token = given

        inner()

    await ctx.step.run("a", body, "abc")
    if ctx.attempt > 5:
        token = "new"
    else:
        pass
    return token  # Lost.


async def reads_it_before_the_step_only(ctx: Any) -> object:
    total = 0

    def body() -> None:
        nonlocal total
        total += 1

    before = total
    await ctx.step.run("a", body)
    return before


async def assigns_it_anew_on_all_ways(ctx: Any) -> object:
    token = ""

    def body() -> None:
        nonlocal token
        token = "abc"

    await ctx.step.run("a", body)
    token = "new" if ctx.attempt > 5 else "old"
    return token


async def counts_for_itself(ctx: Any) -> object:
    tries = 0

    def body() -> int:
        nonlocal tries
        tries += 1
        return 1

    return await ctx.step.run("a", body)


async def takes_another_of_that_name(ctx: Any) -> object:
    total = 5
    await ctx.step.run("a", bumped)
    return [total for _ in range(2)]


def bumps() -> Callable[[], None]:
    """Make a body that assigns a variable which is nobody else's."""
    total = 0

    def body() -> None:
        nonlocal total
        total += 1

    return body


bumped = bumps()


@every_kind
@pytest.mark.parametrize(
    ("handler", "offset", "name"),
    [
        (reads_it_after_the_step, 7, "total"),
        (reads_it_at_the_next_turn, 8, "total"),
        (reads_it_in_another_step, 8, "token"),
        (reads_it_only_on_one_way, 15, "token"),
    ],
)
def test_a_variable_that_a_step_assigns_and_others_read_is_found(
    kind: str, handler: Callable[[Any], Any], offset: int, name: str
) -> None:
    played = play(handler, kind)

    found = played.records(MistakeFound)
    assert {(r.kind, r.subject, r.where) for r in found} == {
        ("variable", name, line_of(handler, offset))
    }
    body = handler.__code__.co_firstlineno + (1 if handler is reads_it_after_the_step else 3)
    assert f"{name!r} is assigned in the body of step 'a" in found[0].text
    assert f"(line {body})" in found[0].text


@every_kind
@pytest.mark.parametrize(
    "handler",
    [
        returns_it,
        reads_it_before_the_step_only,
        assigns_it_anew_on_all_ways,
        counts_for_itself,
        takes_another_of_that_name,
    ],
)
def test_a_variable_that_is_not_read_after_the_step_is_no_mistake(
    kind: str, handler: Callable[[Any], Any]
) -> None:
    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.records(MistakeFound) == []


# What `watch=True` finds besides.

all_kinds = pytest.mark.parametrize("kind", ["async def", "def", "sdk async def", "sdk def"])


async def key_as_argument(ctx: Any) -> None:
    key = uuid.uuid4()
    await ctx.step.run("a", len, [key])


async def key_in_the_body(ctx: Any) -> None:
    key = str(uuid.uuid4())
    await ctx.step.run("a", lambda: key)


async def time_in_the_body(ctx: Any) -> None:
    now = datetime.datetime.now(datetime.UTC)
    await ctx.step.run("a", lambda: now.isoformat())


async def secret_in_the_body(ctx: Any) -> None:
    key = secrets.token_hex()
    await ctx.step.run("a", lambda: key)


async def event_of_a_wait(ctx: Any) -> None:
    event = f"paid-{random.random()}"
    await ctx.step.wait_for_event("a", event=event, timeout="1h")


async def data_of_an_invoke(ctx: Any) -> None:
    with contextlib.suppress(dwf.StepError):
        await ctx.step.invoke_by_id("a", function_id="gone", data={"n": random.random()})


@all_kinds
@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (key_as_argument, "argument 1"),
        (key_in_the_body, "variable key"),
        (time_in_the_body, "variable now"),
        (secret_in_the_body, "variable key"),
        (event_of_a_wait, "event"),
        (data_of_an_invoke, "data"),
    ],
)
def test_an_input_that_differs_is_found_while_watching(
    kind: str, handler: Callable[[Any], Any], name: str
) -> None:
    played = play(handler, kind, watch=True)

    (found,) = played.records(MistakeFound)
    assert (found.kind, found.subject, found.where) == ("input", "a", line_of(handler, 2))
    assert found.text.startswith(f"{name} of step 'a' is ")
    assert play(handler, kind).records(MistakeFound) == []


@all_kinds
def test_a_log_line_outside_of_steps_is_found_while_watching(kind: str) -> None:
    log = logging.getLogger("shop")

    async def handler(ctx: Any) -> None:
        log.warning("again")
        ctx.logger.warning("once")
        await ctx.step.run("a", lambda: log.warning("in a step"))
        await ctx.step.run("b", lambda: 1)

    (warning,) = Shop(kind, watch=True).play(handler).sim.warnings

    assert warning.startswith(
        f"app-f#1 at {line_of(handler, 1)}, 3 times: a line logged to 'shop' outside of steps"
    )
    assert Shop(kind).play(handler).sim.warnings == []
    assert logging.getLogRecordFactory() is logging.LogRecord


@all_kinds
def test_a_list_that_a_step_adds_to_is_found_while_watching(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        rows: list[int] = []
        seen: dict[str, int] = {}

        def body() -> None:
            rows.append(1)
            seen["a"] = 1

        async def slow() -> None:
            seen["b"] = 2

        await ctx.step.run("a", body)
        if "async" in kind:
            await ctx.step.run("b", slow)
        return rows

    played = play(handler, kind, watch=True)

    assert {(r.subject, r.where) for r in played.records(MistakeFound)} == {
        ("rows", line_of(handler, 14))
    }
    assert play(handler, kind).records(MistakeFound) == []


@all_kinds
def test_no_two_entries_see_the_same_chance_and_time_while_watching(kind: str) -> None:
    seen: list[tuple[object, ...]] = []

    async def handler(ctx: Any) -> None:
        now = datetime.datetime.now(datetime.UTC), time.time(), time.time_ns(), time.monotonic()
        seen.append((*now, random.random(), uuid.uuid4(), secrets.token_hex(), os.urandom(8)))
        await two_steps(ctx)

    Shop(kind, watch=True).play(handler)

    assert [len(set(values)) for values in zip(*seen, strict=True)] == [3] * 8


def test_the_clock_never_goes_back_while_watching() -> None:
    app, seen = dwf.App("shop"), list[int]()

    @app.create_function(fn_id="look", trigger=dwf.TriggerEvent(event="go"))
    async def look(ctx: dwf.Context) -> None:
        seen.append(time.time_ns())
        await ctx.step.run("look", lambda: 1)
        if ctx.event.data["nth"] == 550:
            await ctx.step.sleep("moves on", "1s")

    with dwf.Simulation(watch=True) as sim:
        sim.serve(app)
        for nth in range(600):  # Each is entered twice.
            sim.send("go", {"nth": nth})
            sim.run_until_idle()

    assert seen[0] == sim.start_ms * 1_000_000
    assert seen == sorted(seen)
    assert len(set(seen)) > 1000


def test_entries_at_one_instant_differ_however_time_is_moved_while_watching() -> None:
    seen: list[int] = []

    async def handler(ctx: Any) -> None:
        seen.append(time.time_ns())
        await two_steps(ctx)

    played = set_up(handler, watch=True)
    for entries in (1, 2, 3):
        played.sim.run_until(lambda entries=entries: played.run.entries == entries)

    played.to_end()

    start = played.sim.start_ms * 1_000_000
    assert [round((ns - start) / 1000) for ns in seen] == [0, 1, 2]


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_no_generated_program_has_a_mistake_while_watching(first: int) -> None:
    for number in range(first, first + 20):
        simulation = run_program(make_program(number), watch=True)
        assert simulation.trace.of(MistakeFound) == [], number


def test_watch_is_a_bool() -> None:
    with pytest.raises(dwf.ConfigError, match="watch is 'yes'; it is True or False"):
        dwf.Simulation(watch="yes")  # type: ignore[arg-type]  # Not what it takes.


def test_what_is_known_of_a_run_is_forgotten_with_its_end() -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", lambda: 1)
        if ctx.event.data.get("fails"):
            raise ValueError

    for data in ({}, {"fails": True}):
        played = set_up(handler, data=data)
        played.sim.run_until_idle()
        assert played.sim._runner.book.replays == {}


@pytest.mark.parametrize("kind", ["sdk async def", "async def"])
def test_a_timeline_shows_a_mistake_with_its_line(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run(f"charge-{random.random()}", lambda: 1)

    played = play(handler, kind, limits=dwf.Limits(steps=3))

    assert f"MISTAKE: {line_of(handler, 1)}: step 1" in played.sim.timeline(played.run)
