"""The server that the vendor's cases talk to: it must not believe what is not so."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

import inngest
import pytest

import dwf_sim as dwf
from tests.vendor.server import BaseState, RunStatus, server

GO = inngest.TriggerEvent(event="go")
Case = Callable[[], Coroutine[Any, Any, None]]


def serve(handler: Any, **settings: Any) -> tuple[inngest.Inngest, dwf.Simulation]:
    client = inngest.Inngest(app_id="cases")
    function = client.create_function(fn_id="f", trigger=GO, **settings)(handler)
    return client, dwf.Simulation(allow=["sleep"]).serve((client, [function]))


def test_a_case_waits_in_virtual_time() -> None:
    state = BaseState()

    async def handler(ctx: inngest.Context) -> None:
        await ctx.step.sleep("nap", datetime.timedelta(seconds=3))
        state.run_id = ctx.run_id

    async def case() -> None:
        (event_id,) = client.send_sync(inngest.Event(name="go"))
        (run_id,) = await server.get_run_ids_from_event_id(event_id, run_count=1)
        assert state.run_id is None
        await asyncio.sleep(2.5)
        assert await state.wait_for_run_id() == run_id
        assert 3000 <= simulation.now_ms - simulation.start_ms <= 3400

    client, simulation = serve(handler)

    server.run_case(simulation, case)


def test_a_status_that_never_comes_is_waited_for_until_the_deadline() -> None:
    async def handler(ctx: inngest.Context) -> None: ...

    async def case() -> None:
        client.send_sync(inngest.Event(name="go"))
        await server.wait_for_run_status(simulation.runs[0].id, RunStatus.FAILED, timeout=7)

    client, simulation = serve(handler)

    with pytest.raises(AssertionError, match="f#1 completed>, not FAILED"):
        server.run_case(simulation, case)
    assert 7000 <= simulation.now_ms - simulation.start_ms <= 7400


def test_outputs_and_errors_are_shown_as_the_server_shows_them() -> None:
    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", lambda: [1])
        ctx.step.run("a", lambda: [2])
        ctx.step.run("bad", lambda: 1 / 0)

    async def case() -> None:
        client.send_sync(inngest.Event(name="go"))
        run_id = simulation.runs[0].id
        run = await server.wait_for_run_status(run_id, RunStatus.FAILED)
        assert json.loads(run.output or "")["name"] == "ZeroDivisionError"
        assert await server.get_step_output(run_id=run_id, step_id="a") == '{"data": [1]}'
        assert await server.get_step_output(run_id=run_id, step_id="a", index=1) == '{"data": [2]}'
        bad = json.loads(await server.get_step_output(run_id=run_id, step_id="bad"))
        assert (bad["data"], bad["error"]["message"]) == (None, "division by zero")

    client, simulation = serve(handler, retries=0)

    server.run_case(simulation, case)


def test_a_handler_that_sleeps_for_ever_is_woken_with_an_error() -> None:
    def handler(ctx: inngest.ContextSync) -> None:
        while True:
            time.sleep(0.5)

    async def case() -> None:
        client.send_sync(inngest.Event(name="go"))
        await server.wait_for_run_status(simulation.runs[0].id, RunStatus.FAILED, timeout=100)

    client, simulation = serve(handler, retries=0)

    server.run_case(simulation, case)

    assert "TimeoutError" in str(simulation.runs[0].error)


def test_a_plain_handler_that_sleeps_answers_late() -> None:
    def handler(ctx: inngest.ContextSync) -> None:
        time.sleep(3)

    async def case() -> None:
        client.send_sync(inngest.Event(name="go"))
        await server.wait_for_run_status(simulation.runs[0].id, RunStatus.COMPLETED)
        assert simulation.runs[0].ended_at == simulation.start_ms + 3000

    client, simulation = serve(handler)

    server.run_case(simulation, case)
