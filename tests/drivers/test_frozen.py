"""The clock of user code: virtual for a simulation, real for whoever else is in the process."""

from __future__ import annotations

import threading
import time

import dwf_sim as dwf

VIRTUAL = 30 * 86_400


def test_a_thread_that_was_there_before_keeps_the_real_clock() -> None:
    asked, told = threading.Event(), threading.Event()
    seen: dict[str, float] = {}

    def look() -> None:
        asked.wait(10)
        seen["other"] = time.monotonic()
        told.set()

    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.sleep("s", "30d")
        asked.set()
        assert told.wait(10)
        seen["mine"] = time.monotonic()

    before = time.monotonic()
    thread = threading.Thread(target=look)
    thread.start()
    simulation = dwf.Simulation()
    simulation.serve(app)
    simulation.send("go")
    simulation.run_until_idle()
    thread.join()

    assert 0 <= seen["other"] - before < VIRTUAL / 2
    assert seen["mine"] - before > VIRTUAL
