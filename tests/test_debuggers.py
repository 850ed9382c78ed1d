"""Debuggers and coverage inside of steps: pdb stops there, and lines of bodies are counted."""

from __future__ import annotations

import importlib.util
import io
import pdb
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

import dwf_sim as dwf

BODY = """\
import asyncio, time

async def body():
    began = time.time()
    await asyncio.sleep(3600)
    took = time.time() - began
    return took

def plain():
    words = "as it is"
    return words

async def handler(ctx):
    took = await ctx.step.run("body", body)
    words = await ctx.step.run("plain", plain)
    return [took, words]

def handler_sync(ctx):
    words = ctx.step.run("plain", plain)
    return words
"""
TOOK = 3600.0


@pytest.fixture
def user(tmp_path: Path) -> types.ModuleType:
    """A module of the user's, in a file of its own."""
    file = tmp_path / "users_module.py"
    file.write_text(BODY, "utf-8")
    spec = importlib.util.spec_from_file_location("users_module", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def _tracing() -> Iterator[None]:
    """Who traces these tests goes on doing so."""
    tracer, hook = sys.gettrace(), sys.breakpointhook
    yield
    sys.settrace(tracer)
    sys.breakpointhook = hook


def play(handler: Any) -> dwf.RunView:
    app = dwf.App("a")
    function = app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))(handler)
    simulation = dwf.Simulation().serve(function)
    run = simulation.send("go").run
    simulation.run_until_idle()
    assert simulation.warnings == []
    return run


@pytest.mark.usefixtures("_tracing")
def test_pdb_stops_in_the_body_of_a_step_and_goes_on() -> None:
    shown = io.StringIO()
    typed = io.StringIO("p began\nnext\nnext\np time.time() - began\nup\ncontinue\n")

    def hook() -> None:
        pdb.Pdb(stdin=typed, stdout=shown, nosigint=True).set_trace(sys._getframe(1))

    async def handler(ctx: dwf.Context) -> list[float]:
        import asyncio
        import time

        async def body() -> float:
            began = time.time()
            breakpoint()
            await asyncio.sleep(3600)
            return time.time() - began

        return [await ctx.step.run("body", body), 0.0]

    sys.breakpointhook = hook
    run = play(handler)

    assert run.output == [TOOK, 0.0]
    assert run.steps["body"].executions == 1
    assert "1893456000.0\n" in shown.getvalue()
    assert f"{TOOK}\n" in shown.getvalue()


@pytest.mark.usefixtures("_tracing")
@pytest.mark.parametrize("module", ["ipdb", "IPython.terminal.debugger", "debugpy"])
def test_a_debugger_may_start_threads_where_user_code_may_not(module: str) -> None:
    debugger = types.ModuleType(module)
    code = compile(
        "def set_trace():\n    thread = threading.Thread(target=int)\n    thread.start()\n"
        "    thread.join()\n    stopped.append(1)\n",
        threading.__file__,  # Installed, as debuggers are.
        "exec",
    )
    stopped: list[int] = []
    vars(debugger).update(threading=threading, stopped=stopped)
    exec(code, vars(debugger))
    sys.breakpointhook = debugger.set_trace

    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("body", breakpoint)

    assert play(handler).status == "completed"
    assert stopped == [1]


def test_user_code_that_a_debugger_runs_may_not_start_threads() -> None:
    debugger = pdb.Pdb(stdin=io.StringIO("continue\n" * 9), stdout=io.StringIO(), nosigint=True)

    async def handler(ctx: dwf.Context) -> None:
        await ctx.step.run("body", threading.Thread(target=int).start)

    def run() -> dwf.RunView:
        app = dwf.App("a")
        function = app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))(handler)
        simulation = dwf.Simulation().serve(function)
        sent = simulation.send("go").run
        simulation.run_until_idle()
        return sent

    ended = debugger.runcall(run)

    assert ended.error is not None
    assert ended.error["name"] == "ForbiddenCallError"


@pytest.mark.parametrize(
    "core",
    [
        "ctrace",
        "pytrace",
        pytest.param(
            "sysmon",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 12), reason="sys.monitoring is of Python 3.12"
            ),
        ),
    ],
)
@pytest.mark.usefixtures("_tracing")
def test_lines_in_the_bodies_of_steps_are_counted(user: types.ModuleType, core: str) -> None:
    file = str(user.__file__)
    counting = coverage.Coverage(data_file=None, include=[file], config_file=False)
    counting.set_option("run:core", core)

    counting.start()
    outputs = [play(user.handler).output, play(user.handler_sync).output]
    counting.stop()

    assert outputs == [[TOOK, "as it is"], "as it is"]
    *_, missing, _ = counting.analysis2(file)
    defined = [
        nth for nth, line in enumerate(BODY.splitlines(), 1) if line[:4] in ("impo", "asyn", "def ")
    ]
    assert missing == defined  # Those ran when the module was imported, before the counting.
