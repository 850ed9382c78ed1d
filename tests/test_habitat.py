"""The world as user code sees it: virtual while a simulation runs, real as soon as it does not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gc
import os
import random
import secrets
import sys
import threading
import time
import types
import uuid
import weakref
from collections.abc import AsyncIterator, Callable
from datetime import date as date_by_name
from datetime import datetime as datetime_by_name
from pathlib import Path
from time import monotonic as monotonic_by_name
from time import sleep as sleep_by_name
from time import time as time_by_name

import freezegun
import pytest

import dwf_sim as dwf
from dwf_sim.errors import ForbiddenCallError

REAL = (time.time, time.sleep, datetime.datetime, os.urandom, os.environ.get("TZ"))


def real_things() -> tuple[object, ...]:
    """What must be the real one again after a simulation."""
    return (time.time, time.sleep, datetime.datetime, os.urandom, os.environ.get("TZ"))


def app_that_does(body: object) -> dwf.App:
    """An app with one function that does this in a step."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def f(ctx: dwf.Context) -> object:
        return await ctx.step.run("look", body)  # type: ignore[call-overload]  # Any body.

    return app


def output_of(body: object, seed: int = 0, **options: object) -> object:
    """What a step with this body returns in a simulation."""
    simulation = dwf.Simulation(seed, **options)  # type: ignore[arg-type]  # Options by name.
    run = simulation.serve(app_that_does(body)).send("go").run
    simulation.run_until_idle()
    assert run.status == "completed", run.error
    return run.output


def test_user_code_sees_virtual_time_everywhere() -> None:
    def look() -> list[str]:
        return [
            datetime.datetime.now().isoformat(),
            datetime.datetime.now(datetime.UTC).isoformat(),
            str(time.time()),
            datetime.datetime.now().astimezone(datetime.UTC).isoformat(),
        ]

    start = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)

    assert output_of(look, start=start) == [
        "2031-05-06T07:08:09",
        "2031-05-06T07:08:09+00:00",
        str(start.timestamp()),
        "2031-05-06T07:08:09+00:00",
    ]


def test_names_imported_from_the_clock_show_virtual_time_and_then_the_real_one() -> None:
    def look() -> list[str]:
        return [
            datetime_by_name.now().isoformat(),
            date_by_name.today().isoformat(),
            str(time_by_name()),
            str(monotonic_by_name() == time.monotonic()),
        ]

    start = datetime_by_name(2031, 5, 6, tzinfo=datetime.UTC)

    for _ in range(2):  # What modules hold is remembered from one simulation to the next.
        assert output_of(look, start=start) == [
            "2031-05-06T00:00:00",
            "2031-05-06",
            str(start.timestamp()),
            "True",
        ]
        assert (time_by_name, datetime_by_name) == (time.time, datetime.datetime)
        assert abs(time_by_name() - REAL[0]()) < 60  # type: ignore[operator]  # The real clock.


def test_a_clock_the_user_froze_goes_on_where_it_was() -> None:
    start = datetime.datetime(2031, 5, 6, tzinfo=datetime.UTC)

    with freezegun.freeze_time("2001-02-03"):
        shown = output_of(lambda: datetime_by_name.now().isoformat(), start=start)
        assert shown == "2031-05-06T00:00:00"
        assert datetime_by_name.now().isoformat() == "2001-02-03T00:00:00"

    assert datetime_by_name is REAL[2]


def test_modules_imported_or_changed_inside_a_step_show_the_real_clock_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first_seen_frozen.py").write_text("from time import sleep, time\n")
    monkeypatch.syspath_prepend(tmp_path)

    def at(minute: int) -> datetime.datetime:
        return datetime.datetime(2031, 5, 6, 0, minute, tzinfo=datetime.UTC)

    def seconds() -> float:
        return float(__import__("first_seen_frozen").time() - at(0).timestamp())

    def a_simulation_in_a_step() -> list[object]:
        return [seconds(), output_of(seconds, start=at(0)), seconds()]

    assert output_of(a_simulation_in_a_step, start=at(1)) == [60, 0, 60]
    module = __import__("first_seen_frozen")
    assert (module.time, module.sleep) == (time.time, time.sleep)
    assert output_of(seconds, start=at(2)) == 120


def module_of(source: str, name: str = "of_a_user") -> types.ModuleType:
    """Make a module, and have it be imported already."""
    module = sys.modules[name] = types.ModuleType(name)
    exec(source, vars(module))
    return module


def test_a_module_that_takes_the_place_of_another_shows_virtual_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "of_a_user", None)  # type: ignore[arg-type]  # Put back.

    def look() -> float:
        return float(sys.modules["of_a_user"].now())

    module_of("from time import monotonic as now")
    output_of(look)
    start = datetime.datetime(2031, 5, 6, tzinfo=datetime.UTC)

    module_of("from time import time as now")
    assert output_of(look, start=start) == start.timestamp()

    module = module_of("from time import monotonic as now")
    output_of(look)
    module.now = time.time  # As many names as before.
    assert output_of(look, start=start) == start.timestamp()
    assert module.now is time.time


def test_what_is_bound_inside_a_step_is_real_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "of_a_user", None)  # type: ignore[arg-type]  # Put back.
    module = module_of("now = pause = None")
    kept: list[Callable[..., object]] = []

    def bind() -> None:
        module.now, module.pause = time.time, time.sleep
        kept.extend([time.time, time.sleep])

    output_of(bind)

    assert (module.now, module.pause) == (time.time, time.sleep)
    now, pause = kept
    assert abs(float(str(now())) - REAL[0]()) < 60  # type: ignore[operator]  # The real clock.
    assert pause(0) is None


def test_a_fence_that_was_kept_is_one_in_the_next_simulation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[Callable[..., object]] = []
    output_of(lambda: kept.append(time.sleep))

    def pause() -> None:
        with pytest.raises(ForbiddenCallError):
            kept[0](0)

    assert output_of(pause) is None


def test_the_clock_of_user_code_moves_with_the_sleeps_of_its_loop() -> None:
    async def look() -> list[float]:
        before = time.time()
        await asyncio.sleep(2.5)
        return [time.time() - before, asyncio.get_running_loop().time() - before]

    assert output_of(look) == [2.5, 2.5]


def test_a_body_that_goes_on_when_time_is_moved_again_is_still_in_the_virtual_world() -> None:
    async def body() -> list[object]:
        await asyncio.sleep(1)
        with pytest.raises(ForbiddenCallError):
            sleep_by_name(0)
        return [time.time(), random.random(), datetime.datetime.now().isoformat()]

    def seen(*pauses: str) -> object:
        simulation = dwf.Simulation().serve(app_that_does(body))
        run = simulation.send("go").run
        for pause in (*pauses, "1s"):
            simulation.advance(pause)
        return run.output

    assert seen() is not None
    assert seen("300ms", "300ms") == seen()


def test_chance_comes_from_the_seed() -> None:
    def draw() -> list[object]:
        return [random.random(), str(uuid.uuid4()), secrets.token_hex(8), os.urandom(4).hex()]

    assert output_of(draw, 1) == output_of(draw, 1)
    assert output_of(draw, 1) != output_of(draw, 2)


def test_the_chance_of_the_test_itself_is_not_touched() -> None:
    random.seed(5)
    expected = [random.random(), random.random()]

    random.seed(5)
    first = random.random()
    output_of(random.random)

    assert [first, random.random()] == expected


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_an_exception_inside_everything_is_real_again(error: type[BaseException]) -> None:
    def escape() -> None:
        raise error

    simulation = dwf.Simulation().serve(app_that_does(escape))
    simulation.send("go")
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        simulation.run_until_idle()

    assert real_things() == REAL
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1
    assert uuid.uuid4() != uuid.uuid4()


def test_two_simulations_interleaved_do_not_disturb_each_other() -> None:
    def draw() -> list[object]:
        return [random.random(), time.time()]

    def finish(simulation: dwf.Simulation, *, beside: dwf.Simulation | None) -> str:
        for name in ("go", "go", "go"):
            simulation.send(name)
            simulation.advance("10s")
            if beside is not None:
                beside.send(name)
                beside.advance("1h")
        return simulation.trace.digest() + str([run.output for run in simulation.runs])

    app = app_that_does(draw)
    alone = finish(dwf.Simulation(3).serve(app), beside=None)

    accompanied = finish(dwf.Simulation(3).serve(app), beside=dwf.Simulation(4).serve(app))

    assert accompanied == alone


def test_a_simulation_can_run_inside_a_step_of_another() -> None:
    def inner() -> list[object]:
        before = time.time()
        number = output_of(lambda: 7)
        return [number, time.time() - before]

    assert output_of(inner) == [7, 0.0]


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (lambda: time.sleep(1), "asyncio.sleep"),
        (lambda: sleep_by_name(1), "asyncio.sleep"),
        (lambda: __import__("threading").Thread(target=print).start(), "inline"),
        (lambda: __import__("socket").socket(), "stand-in"),
        (lambda: __import__("subprocess").run(["true"]), "stand-in"),
        (lambda: os.system("true"), "stand-in"),
    ],
)
def test_what_is_not_simulated_is_refused_at_its_line(body: object, remedy: str) -> None:
    simulation = dwf.Simulation().serve(app_that_does(body))
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.error is not None
    assert run.error["name"] == ForbiddenCallError.__name__
    assert remedy in run.error["message"]
    assert "Simulation(allow=" in run.error["message"]


async def to_a_thread() -> None:
    await asyncio.to_thread(print)


async def over_the_network() -> None:
    await asyncio.open_connection("127.0.0.1", 1)


@pytest.mark.parametrize("body", [to_a_thread, over_the_network])
def test_what_the_loop_does_not_do_is_refused(body: object) -> None:
    simulation = dwf.Simulation().serve(app_that_does(body))
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.error is not None
    assert run.error["name"] == ForbiddenCallError.__name__


def test_a_fence_can_be_left_open() -> None:
    assert output_of(lambda: time.sleep(0), allow=["sleep"]) is None


def test_an_unknown_fence_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="sockets"):
        dwf.Simulation(allow=["files"])


def test_the_clock_cannot_be_advanced_from_inside() -> None:
    simulation = dwf.Simulation()
    run = simulation.serve(app_that_does(lambda: simulation.advance("1h"))).send("go").run
    simulation.run_until_idle()

    assert run.error is not None
    assert "already running" in run.error["message"]


def test_a_module_imported_inside_a_step_keeps_no_fence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lazily_imported.py").write_text("from time import sleep\n")
    monkeypatch.syspath_prepend(tmp_path)

    output_of(lambda: __import__("lazily_imported").__name__)

    assert __import__("lazily_imported").sleep is time.sleep


def test_another_thread_of_the_process_is_left_alone() -> None:
    ready, go, slept = threading.Event(), threading.Event(), []

    def watchdog() -> None:
        ready.set()
        go.wait()
        time.sleep(0)
        slept.append(True)

    thread = threading.Thread(target=watchdog)
    thread.start()
    ready.wait()

    def body() -> None:
        go.set()
        thread.join()

    output_of(body)

    assert slept == [True]


def test_a_generator_without_a_seed_takes_it_from_the_simulation() -> None:
    def draw() -> float:
        return random.Random().random()

    assert output_of(draw, 1) == output_of(draw, 1)
    assert output_of(draw, 1) != output_of(draw, 2)
    assert random.Random().random() != random.Random().random()


def test_an_async_generator_left_half_way_ends_in_the_simulation() -> None:
    ended = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(1)
            ended.append(time.time())

    async def body() -> float:
        async for _ in numbers():
            break
        await asyncio.sleep(5)
        return time.time()

    finished = output_of(body)

    assert ended == [finished - 4]


def test_what_is_still_at_work_when_a_simulation_is_closed_ends_in_its_own_world() -> None:
    seen: list[object] = []
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(datetime.datetime.now().year)
            await ctx.step.run("clean", seen.append, "never")

    with dwf.Simulation().serve(app) as simulation:
        simulation.send("go")
        simulation.advance("1s")

    assert seen == [2030]


def test_a_simulation_that_its_handler_knows_is_let_go() -> None:
    """Nobody closes it, as in the first lines somebody writes."""

    def left() -> weakref.ref[dwf.Simulation]:
        app, sim = dwf.App("shop"), dwf.Simulation()

        @app.create_function(fn_id="look", trigger=dwf.TriggerEvent(event="go"))
        async def look(ctx: dwf.Context) -> str:
            return await ctx.step.run("look", lambda: f"{sim.now}")

        sim.serve(app).send("go")
        sim.run_until_idle()
        return weakref.ref(sim)

    ref = left()
    gc.collect()

    assert ref() is None
