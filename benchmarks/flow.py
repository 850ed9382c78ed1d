"""What an event costs when a keyed throttle, keyed concurrency and a priority decide its place."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import dwf_sim as dwf

TENANTS = 50

app = dwf.App("flow")


async def work() -> None:
    """What a step does: it takes some virtual time, so that limits are met."""
    await asyncio.sleep(0.05)


@app.create_function(
    fn_id="f",
    trigger=dwf.TriggerEvent(event="go"),
    concurrency=[dwf.Concurrency(limit=20), dwf.Concurrency(limit=2, key="event.data.tenant")],
    throttle=dwf.Throttle(limit=20, period="1s", burst=5, key="event.data.tenant"),
    priority=dwf.Priority(run="int(event.data.urgency)"),
)
async def function(ctx: dwf.Context) -> None:
    """One step."""
    await ctx.step.run("a", work)


def run(count: int) -> None:
    """Send so many events at one instant, and let them all be worked off."""
    budget = dwf.Budget(steps=1_000_000_000)
    simulation = dwf.Simulation(trace_bound=1000, budget=budget).serve(app)
    for nth in range(count):
        simulation.send("go", {"tenant": nth % TENANTS, "urgency": nth % 7})
    simulation.run_until_idle()
    assert sum(run.status == "completed" for run in simulation.runs) == count


if __name__ == "__main__":
    events = int(sys.argv[1])
    run(500)  # Compile the expressions first.
    began = time.process_time()
    run(events)
    sys.stdout.write(json.dumps({"us": (time.process_time() - began) / events * 1e6}))
