"""dwf_sim with its native driver, an `async def` handler, and the trace on."""

from __future__ import annotations

import dwf_sim as dwf

app = dwf.App("bench")


def work() -> dict[str, int]:
    """What a step does."""
    return {"x": 1}


@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def function(ctx: dwf.Context) -> dict[str, int]:
    """Three steps and a sleep."""
    await ctx.step.run("a", work)
    await ctx.step.run("b", work)
    await ctx.step.sleep("s", "1h")
    return await ctx.step.run("c", work)


def run(count: int, trace_bound: int | None = None, *, is_checked: bool = False) -> None:
    """Run the function so many times, a thousand at once, in one simulation."""
    simulation = dwf.Simulation(trace_bound=trace_bound, invariants=is_checked).serve(app)
    for number in range(0, count, 1000):
        for nth in range(number, min(number + 1000, count)):
            simulation.send("go", {"i": nth})
        simulation.run_until_idle()
    assert sum(run.status == "completed" for run in simulation.runs) == count


def run_steps(steps: int, count: int) -> None:
    """Run a function of so many steps so many times."""
    many = dwf.App("many")

    @many.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        for nth in range(steps):
            await ctx.step.run(f"step {nth}", work)

    simulation = dwf.Simulation(trace_bound=1000, invariants=False).serve(many)
    for _ in range(count):
        simulation.send("go")
    simulation.run_until_idle()
    assert all(run.status == "completed" for run in simulation.runs)
