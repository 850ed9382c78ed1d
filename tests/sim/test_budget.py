"""The budget: what never ends is stopped, and the last records are shown."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim.sim.runner import _LOOK_EVERY


def endless_app() -> dwf.App:
    """A function that invokes itself."""
    app = dwf.App("a")

    @app.create_function(fn_id="again", trigger=dwf.TriggerEvent(event="go"))
    async def again(ctx: dwf.Context) -> None:
        await ctx.step.send_event("next", dwf.Event("go"))
        await ctx.step.sleep("rest", "1h")

    return app


def test_running_out_of_steps_is_an_error_that_shows_the_last_ten_records() -> None:
    simulation = dwf.Simulation(budget=dwf.Budget(steps=200)).serve(endless_app())
    simulation.send("go")

    with pytest.raises(dwf.BudgetError, match="200 steps") as caught:
        simulation.run_until_idle()

    assert str(caught.value).count("\n#") == 10


def test_running_out_of_time_is_an_error() -> None:
    simulation = dwf.Simulation(budget=dwf.Budget(virtual="1d")).serve(endless_app())
    app = dwf.App("b")

    @app.create_function(fn_id="long", trigger=dwf.TriggerEvent(event="long"))
    async def long(ctx: dwf.Context) -> None:
        await ctx.step.sleep("s", "2d")

    simulation.serve(app)
    simulation.send("long")

    with pytest.raises(dwf.BudgetError, match="virtual time"):
        simulation.run_until_idle()


def test_time_may_be_let_go_on_to_the_budgets_end() -> None:
    simulation = dwf.Simulation(budget=dwf.Budget(virtual="1d"))

    simulation.advance("1d")

    assert simulation.now_ms - simulation.start_ms == 24 * 3_600_000


def test_runs_that_start_one_another_at_one_instant_are_stopped_soon() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="ping", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def ping(ctx: dwf.Context) -> None:
        await ctx.step.send_event("send", dwf.Event("back"))

    @app.create_function(fn_id="pong", trigger=dwf.TriggerEvent(event="back"), retries=0)
    async def pong(ctx: dwf.Context) -> None:
        await ctx.step.invoke("call", function=ping, data={})

    simulation = dwf.Simulation().serve(app)
    simulation.send("go")

    text = "more than 1000 runs of a-p.ng, a-p.ng at one instant, each started by"
    with pytest.raises(dwf.BudgetError, match=text):
        simulation.advance("1s")

    assert simulation.now_ms == simulation.start_ms
    assert len(simulation.runs) < 5000


def test_many_runs_at_one_instant_are_no_chain() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None: ...

    simulation = dwf.Simulation(budget=dwf.Budget(chain=1)).serve(app)
    for _ in range(_LOOK_EVERY // 3):
        simulation.send("go")
    simulation.advance("1s")

    assert {run.status for run in simulation.runs} == {"completed"}
    assert simulation._runner._looked_at > 0
