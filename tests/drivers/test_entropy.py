"""Chance: seeded for user code, and real for threads that have nothing to do with a simulation."""

from __future__ import annotations

import os
import random
import secrets
import threading
import uuid
from collections.abc import Callable

import pytest

import dwf_sim as dwf


def drawn(draw: Callable[[], object], *, is_other_at_work: bool) -> tuple[object, list[object]]:
    """Have a step draw something; a thread that is there already may draw right before it."""
    go, others = threading.Event(), []

    def draw_once() -> None:
        go.wait()
        if is_other_at_work:
            others.append(draw())

    thread = threading.Thread(target=draw_once)
    thread.start()
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> object:
        go.set()
        thread.join()
        return str(draw())

    with dwf.Simulation(seed=7).serve(app) as simulation:
        run = simulation.send("go").run
        simulation.run_until_idle()
    return run.output, others


@pytest.mark.parametrize(
    "draw",
    [uuid.uuid4, lambda: os.urandom(8), secrets.token_hex, lambda: random.Random().random()],
    ids=["uuid4", "urandom", "secrets", "an unseeded generator"],
)
def test_a_thread_that_was_there_before_draws_really(draw: Callable[[], object]) -> None:
    alone, _ = drawn(draw, is_other_at_work=False)
    one, others = drawn(draw, is_other_at_work=True)
    two, more = drawn(draw, is_other_at_work=True)

    assert alone == one == two
    assert others[0] != more[0]
