"""Mistakes of the user: each gives the error that the reference gives, or one that says what was
given, what is allowed, and what to do."""

from __future__ import annotations

import asyncio
import datetime
import gc
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import Event, TriggerEvent
from tests.drivers.stage import both_kinds, play, set_up


def says(text: str, *parts: str) -> bool:
    """Whether a text holds all of these parts; shows the text when it does not."""
    missing = [part for part in parts if part not in text]
    assert missing == [], f"{missing} not in: {text}"
    return True


def failed_with(played: Any, name: str, *parts: str) -> bool:
    """Whether the run failed for good, without another attempt, with this error."""
    assert played.run.status == "failed"
    error = played.run.error
    assert error["name"] == name
    return says(error["message"], *parts)


# Steps.


@both_kinds
@pytest.mark.parametrize("given", ["child", None, 5, len])
def test_invoke_wants_a_function(kind: str, given: object) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.invoke("i", function=given)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "UsageError", repr(given), "create_function", "reference_function")
    assert says(played.run.error["message"], "step.invoke_by_id")
    assert played.run.entries == 1


@both_kinds
def test_a_handler_that_is_not_decorated_is_no_function_to_invoke(kind: str) -> None:
    async def child(ctx: dwf.Context) -> None:
        pass

    async def handler(ctx: Any) -> None:
        await ctx.step.invoke("i", function=child)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "UsageError", "child", "(function)", "made by create_function")


@both_kinds
def test_an_unknown_function_is_the_servers_own_error(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.invoke("i", function=dwf.reference_function("nope"))

    played = play(handler, kind, retries=3)

    assert failed_with(played, "Error", "could not find function with ID: app-nope")
    assert played.run.entries == 2


@both_kinds
@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("5x", ("'5x'", "'x' is not a unit", "ms, s, m, h, d, w", '"1h30m"')),
        ("soon", ("'soon'", "does not begin with a number")),
        ("5", ("'5'", "has no unit")),
        (1.5, ("1.5", "float", "timedelta", "milliseconds")),
        (None, ("None", "NoneType")),
        (True, ("True", "bool")),
    ],
    ids=repr,
)
def test_a_duration_says_what_is_wrong_with_it(
    kind: str, given: Any, parts: tuple[str, ...]
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.sleep("s", given)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "DurationError", *parts)
    assert played.run.entries == 1


@both_kinds
def test_sleep_until_wants_an_instant(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.sleep_until("s", "1h")

    played = play(handler, kind)

    assert failed_with(played, "UsageError", "'1h'", "datetime", "sleep takes a duration")


@both_kinds
@pytest.mark.parametrize("given", [5, None, b"id", len])
def test_a_step_id_is_a_text(kind: str, given: Any) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run(given, lambda: 1)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "UsageError", f"step id is {given!r}", "is a text", "given first")
    assert played.run.entries == 1


@both_kinds
def test_a_wait_is_by_match_or_by_expression(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.wait_for_event(
            "w", event="e", timeout="1h", match="data.id", if_exp="event.data.a == async.data.a"
        )

    played = play(handler, kind)

    assert failed_with(played, "UsageError", "if_exp=", "match='data.id'", "give one of them")


@both_kinds
def test_a_conflict_of_signals_has_two_ways_to_end(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.wait_for_signal("s", signal="a", timeout="1h", on_conflict="ignore")

    played = play(handler, kind)

    assert failed_with(played, "UsageError", "'ignore'", "'fail' or 'replace'")


def test_a_step_that_is_never_awaited_is_noticed() -> None:
    async def handler(ctx: dwf.Context) -> object:
        ctx.step.run("forgotten", lambda: 1)
        return await ctx.step.run("b", lambda: 2)

    played = play(handler, retries=3)

    assert failed_with(played, "StepNeverAwaitedError", "'forgotten'", "never awaited", "`await")
    assert played.executions == {"b": 1}


def test_a_step_of_a_repeated_id_that_is_never_awaited_is_named_with_its_number() -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)
        ctx.step.sleep("a", "1h")

    played = play(handler)

    assert failed_with(played, "StepNeverAwaitedError", "'a:1'", "never awaited")


def test_a_plain_handler_cannot_await_an_async_body() -> None:
    async def body() -> int:
        return 1

    def handler(ctx: dwf.ContextSync) -> object:
        return ctx.step.run("a", body)

    app = dwf.App("app")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="go"), retries=3)(handler)
    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "failed"
    assert says(run.error["message"], "'a'", "async function", "make the handler `async def`")
    assert run.steps["a"].executions == 1


def test_a_handler_that_is_async_in_disguise_is_told_so() -> None:
    class Disguise:
        async def __call__(self, ctx: dwf.Context) -> str:
            return ctx.run_id

    app = dwf.App("app")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="go"), retries=3)(Disguise())
    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "failed"
    assert run.entries == 1
    assert says(run.error["message"], "returned a coroutine", "as `async def`")


def test_a_step_that_is_returned_and_not_awaited_is_noticed() -> None:
    async def handler(ctx: dwf.Context) -> object:
        return ctx.step.run("a", lambda: 1)

    played = play(handler)

    assert failed_with(played, "StepNeverAwaitedError", "'a'", "never awaited")


@both_kinds
def test_a_step_outside_of_its_request_is_refused(kind: str) -> None:
    kept: list[Any] = []

    async def handler(ctx: Any) -> None:
        kept.append(ctx)

    play(handler, kind)

    with pytest.raises(dwf.UsageError) as caught:
        kept[0].step.run("late", lambda: 1).send(None)
    assert says(str(caught.value), "'late'", "outside of a run", "use the ctx that the handler")


@both_kinds
def test_a_step_of_another_request_is_refused(kind: str) -> None:
    kept: list[Any] = []

    async def handler(ctx: Any) -> None:
        kept.append(ctx)
        await kept[0].step.run("a", lambda: 1)
        await kept[0].step.run("b", lambda: 1)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "StepOutsideRunError", "'a'", "a request that is over")


@both_kinds
def test_an_output_without_json_is_named_as_the_reference_names_it(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: {1, 2})

    played = play(handler, kind)

    assert failed_with(played, "OutputUnserializableError", '"a" returned unserializable data')


@both_kinds
def test_data_of_an_invoke_must_be_json(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.invoke_by_id("i", function_id="f", data={"when": {1}})

    played = play(handler, kind, retries=3)

    assert failed_with(played, "UnserializableError", "set", "cannot be written as JSON")
    assert played.run.entries == 1


# Events.


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (Event("inngest/x"), ("event name is reserved", "inngest/x", "choose another prefix")),
        (Event(""), ("event name is empty",)),
        (
            Event("x", ts=1_893_456_000),
            ("timestamp is before Jan 1, 1980", "1893456000", "give milliseconds"),
        ),
        (Event("x", ts=99_999_999_999_999), ("timestamp is after Jan 1, 2100",)),
        (Event("x", {"a": {1}}), ("JSON",)),
        ("not an event", ("'not an event'", "send takes an Event")),
    ],
    ids=str,
)
def test_an_event_that_is_refused_says_why(event: Any, parts: tuple[str, ...]) -> None:
    sim = dwf.Simulation()

    with pytest.raises(dwf.SendEventsError) as caught:
        sim.send([event])

    assert says(str(caught.value), *parts)
    assert sim.events == []


def test_data_goes_with_a_name_only() -> None:
    with pytest.raises(dwf.UsageError, match="name and data, or events that hold their own data"):
        dwf.Simulation().send(Event("x"), {"a": 1})


def test_an_app_that_nobody_serves_has_nowhere_to_send() -> None:
    app = dwf.App("shop")

    with pytest.raises(dwf.UsageError) as caught:
        app.send(Event("x"))

    assert says(str(caught.value), "no simulation serves app 'shop'", "serve the app first")


def test_an_app_in_two_simulations_does_not_guess_where_to_send() -> None:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="x"))(_nothing)
    first, second = dwf.Simulation().serve(app), dwf.Simulation().serve(app)

    with pytest.raises(dwf.UsageError) as caught:
        app.send(Event("x"))

    assert says(str(caught.value), "2 simulations serve app 'shop'", "the simulation you mean")
    assert first.events == second.events == []


def test_an_app_served_twice_by_one_simulation_knows_where_to_send() -> None:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="x"))(_nothing)
    sim = dwf.Simulation().serve(app).serve(app)

    ids = app.send(Event("x"))

    assert [event.internal_id for event in sim.events] == ids


def test_a_simulation_that_is_gone_does_not_count() -> None:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="x"))(_nothing)
    dwf.Simulation().serve(app)
    sim = dwf.Simulation().serve(app)

    ids = app.send(Event("x"))

    assert [event.internal_id for event in sim.events] == ids


def test_in_two_simulations_each_handler_sends_to_its_own() -> None:
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await app.send(Event("sent", {"by": ctx.run_id}))

    first, second = dwf.Simulation(1).serve(app), dwf.Simulation(2).serve(app)
    run = second.send("go").run
    second.run_until_idle()

    assert [e.data["by"] for e in second.events if e.name == "sent"] == [run.id]
    assert first.events == []


async def _nothing(ctx: dwf.Context) -> None:
    pass


# What is not simulated.


def _sleep() -> None:
    time.sleep(1)


def _thread() -> None:
    threading.Thread(target=print).start()


def _connect() -> None:
    socket.create_connection(("localhost", 9))


def _fetch() -> None:
    urllib.request.urlopen("http://localhost:9")


def _run() -> None:
    subprocess.run(["true"], check=True)


def _shell() -> None:
    os.system("true")


@both_kinds
@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (_sleep, ("time.sleep", "await asyncio.sleep", "allow=['sleep']")),
        (_thread, ("Thread.start", "run it inline", "allow=['threads']")),
        (_connect, ("socket", "stand-in", "allow=['sockets']")),
        (_run, ("Popen", "stand-in", "allow=['processes']")),
        (_shell, ("os.system", "stand-in", "allow=['processes']")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_real_is_refused_where_it_is_called(
    kind: str, body: Callable[[], None], parts: tuple[str, ...]
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("s", body)

    played = play(handler, kind, retries=3)

    assert failed_with(played, "ForbiddenCallError", "inside a simulation", *parts)
    assert played.run.steps["s"].executions == 1
    assert f"in {body.__name__}" in played.run.error["stack"]


@both_kinds
@pytest.mark.parametrize("body", [_sleep, _thread, _run])
def test_what_is_real_is_refused_outside_of_steps_as_well(
    kind: str, body: Callable[[], None]
) -> None:
    async def handler(ctx: Any) -> None:
        body()

    played = play(handler, kind, retries=3)

    assert failed_with(played, "ForbiddenCallError", "inside a simulation")
    assert played.run.entries == 1


def test_a_library_that_hides_the_reason_still_names_it() -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("s", _fetch)

    played = play(handler, retries=0)

    assert played.run.status == "failed"
    assert says(played.run.error["message"], "socket", "inside a simulation")


def test_what_is_allowed_goes_through() -> None:
    ran: list[int] = []

    async def handler(ctx: dwf.Context) -> None:
        def body() -> None:
            thread = threading.Thread(target=ran.append, args=[1])
            thread.start()
            thread.join()

        await ctx.step.run("s", body)

    played = play(handler, allow=["threads"])

    assert played.run.status == "completed"
    assert ran == [1]


def test_only_what_is_fenced_can_be_allowed() -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        dwf.Simulation(allow=["everything"])

    assert says(str(caught.value), "'everything'", "sleep, threads, sockets, processes")


@pytest.mark.parametrize(
    "call",
    [
        lambda: asyncio.to_thread(print),
        lambda: asyncio.get_running_loop().run_in_executor(None, print),
        lambda: asyncio.open_connection("localhost", 9),
        lambda: asyncio.create_subprocess_exec("true"),
    ],
    ids=["to_thread", "run_in_executor", "open_connection", "create_subprocess_exec"],
)
def test_the_event_loop_refuses_what_is_real(call: Callable[[], Any]) -> None:
    async def handler(ctx: dwf.Context) -> None:
        await call()

    played = play(handler, retries=3)

    assert failed_with(played, "ForbiddenCallError", "loop.", "inside a simulation")
    assert played.run.entries == 1


async def _nothing_at_all() -> None: ...


def _run_a_coroutine() -> None:
    asyncio.run(_nothing_at_all())


def _run_by_a_runner() -> None:
    asyncio.Runner().run(_nothing_at_all())


def _enter_a_runner() -> None:
    with asyncio.Runner():
        raise AssertionError("it is not entered")


def _make_a_loop() -> None:
    asyncio.new_event_loop().run_until_complete(_nothing_at_all())


def _run_the_loop_there_is() -> None:
    asyncio.get_event_loop().run_until_complete(_nothing_at_all())


@pytest.mark.parametrize("kind", ["def", "sdk def"])
@pytest.mark.parametrize(
    ("body", "what"),
    [
        (_run_a_coroutine, "asyncio.run"),
        (_run_by_a_runner, "Runner.run"),
        (_enter_a_runner, "asyncio.events.new_event_loop"),
        (_make_a_loop, "asyncio.new_event_loop"),
        (_run_the_loop_there_is, "loop.run_until_complete"),
    ],
)
def test_a_second_event_loop_is_refused_with_a_remedy(
    kind: str, body: Callable[[], None], what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("s", body)

    played = play(handler, kind, retries=3)
    gc.collect()

    assert failed_with(played, "ForbiddenCallError", what, "inside a simulation", "`await`")
    assert "Exception ignored" not in capfd.readouterr().err
    assert asyncio.run(_nothing_at_all()) is None


async def _to_a_thread() -> None:
    await asyncio.to_thread(print)


async def _sleep_in_step() -> None:
    time.sleep(1)


@pytest.mark.parametrize(
    ("body", "what"),
    [(_sleep_in_step, "time.sleep was called"), (_to_a_thread, "loop.run_in_executor starts")],
)
@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
def test_what_user_code_hides_of_a_refusal_is_a_warning(kind: str, body: Any, what: str) -> None:
    async def hiding() -> str:
        try:
            await body()
        except Exception:
            return "hidden"
        return "done"

    async def handler(ctx: Any) -> str:
        return await ctx.step.run("s", hiding)

    played = play(handler, kind)

    assert played.run.output == "hidden"
    (warning,) = played.sim.warnings
    assert warning.startswith(f"app-f#1: {what}")
    assert f"MISTAKE: {what}" in played.sim.timeline(played.run)


# The simulation itself.


@both_kinds
@pytest.mark.parametrize(
    "move",
    [
        lambda sim: sim.advance("1h"),
        lambda sim: sim.run_until_idle(),
        lambda sim: sim.run_until(lambda: True),
    ],
    ids=["advance", "run_until_idle", "run_until"],
)
def test_a_handler_cannot_move_the_clock_it_lives_on(
    kind: str, move: Callable[[dwf.Simulation], None]
) -> None:
    async def handler(ctx: Any) -> None:
        move(played.sim)

    played = set_up(handler, kind, retries=3)
    played.to_end()

    assert failed_with(played, "UsageError", "already running", "use ctx.step.sleep")
    assert played.run.entries == 1


def test_time_only_goes_forward() -> None:
    with pytest.raises(dwf.UsageError) as caught:
        dwf.Simulation().advance(-1)

    assert says(str(caught.value), "-1", "only goes forward")


def test_a_condition_that_never_holds_shows_the_last_records() -> None:
    played = set_up(_nothing)

    with pytest.raises(dwf.UsageError) as caught:
        played.sim.run_until(lambda: False)

    assert says(str(caught.value), "never held", "RunFinished")


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: dwf.App(""), ("app_id is ''", "a text that is not empty")),
        (lambda: dwf.App(None), ("app_id is None",)),  # type: ignore[arg-type]
        (lambda: _function(fn_id=""), ("fn_id is ''",)),
        (lambda: _function(retries=-1), ("retries of 'f' is -1", "from 0 on")),
        (lambda: _function(retries="3"), ("retries of 'f' is '3'",)),
        (lambda: _function(trigger="go"), ("trigger of 'f'", "TriggerEvent(event=")),
        (lambda: _function(handler=5), ("handler of 'f' is 5", "must be a function")),
        (lambda: dwf.Simulation(start=datetime.datetime(2030, 1, 1)), ("zone", "UTC")),
        (lambda: dwf.Simulation(interleave="chaos"), ("'chaos'", "'random', or a function")),
        (lambda: dwf.Simulation(faults=["crash"]), ("'crash'", "crash.after_effect")),  # type: ignore[list-item]
        (lambda: dwf.Simulation().serve([]), ("No functions registered",)),
        (lambda: dwf.Simulation().serve([_nothing]), ("_nothing", "create_function")),
    ],
)
def test_what_cannot_be_configured_says_what_can(
    make: Callable[[], object], parts: tuple[str, ...]
) -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        make()

    assert says(str(caught.value), *parts)


def _function(fn_id: str = "f", trigger: Any = (), handler: Any = _nothing, **rest: Any) -> object:
    return dwf.App("app").create_function(fn_id=fn_id, trigger=trigger, **rest)(handler)


def test_a_function_id_is_used_once() -> None:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=TriggerEvent(event="a"))(_nothing)

    with pytest.raises(dwf.ConfigError) as caught:
        app.create_function(fn_id="f", trigger=TriggerEvent(event="b"))(_nothing)

    assert says(str(caught.value), "'f' is used twice in app 'shop'", "give each its own")


def test_a_step_a_run_does_not_have_is_named_with_those_it_has() -> None:
    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: 1)

    played = play(handler)

    with pytest.raises(dwf.UsageError) as caught:
        _ = played.run.steps["chrage"]
    assert says(str(caught.value), "app-f#1", "'chrage'", "'charge'")


def test_a_send_that_started_no_run_or_several_has_no_single_one() -> None:
    app = dwf.App("app")
    for fn_id in ("f", "g"):
        app.create_function(fn_id=fn_id, trigger=TriggerEvent(event="go"))(_nothing)
    sim = dwf.Simulation().serve(app)

    with pytest.raises(dwf.UsageError) as none:
        _ = sim.send("unheard").run
    with pytest.raises(dwf.UsageError) as several:
        _ = sim.send("go").run

    assert says(str(none.value), "started no run", "The triggers are 'go' (app-f)")
    assert says(str(several.value), "started 2 runs", "app-f#1, app-g#1", "use .runs")


def test_a_run_of_another_simulation_cannot_be_cancelled_here() -> None:
    played = set_up(_nothing)

    with pytest.raises(dwf.UsageError, match=r"the runs of this simulation are in sim\.runs"):
        dwf.Simulation().cancel(played.run)
