"""What a request costs, in Python calls: a measure that no other process on the machine moves.

The figures are those of CPython 3.11; later ones inline more and call less. A function of three
steps and a sleep is played so often, without faults and without invariants, that what a simulation
costs once falls out of the difference. Before there were faults at more sites, invariants and
mistakes a request cost 180.6 calls, and 430.2 of a function of the SDK; all of them together may
add a twentieth to that, which is what nobody pays who uses none of them.
"""

from __future__ import annotations

import datetime
import sys
from types import FrameType

import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.model.records import RequestSent

app = dwf.App("calls")
client = inngest.Inngest(app_id="calls", is_production=False)


def work() -> dict[str, int]:
    """What a step does."""
    return {"x": 1}


@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def native(ctx: dwf.Context) -> dict[str, int]:
    """Three steps and a sleep."""
    await ctx.step.run("a", work)
    await ctx.step.run("b", work)
    await ctx.step.sleep("s", "1h")
    return await ctx.step.run("c", work)


@client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
def vendor(ctx: inngest.ContextSync) -> dict[str, int]:
    """The same, of the vendor's SDK."""
    ctx.step.run("a", work)
    ctx.step.run("b", work)
    ctx.step.sleep("s", datetime.timedelta(hours=1))
    return ctx.step.run("c", work)


SERVED = {
    "native": (app, 180.6 * 1.05),
    "sdk": ((client, [vendor]), 430.2 * 1.05),
}


def counted(served: object, runs: int) -> tuple[int, int]:
    """Play a function so often, and give the number of its calls and requests."""
    calls = 0

    def note(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    with dwf.Simulation(invariants=False).serve(served) as simulation:  # type: ignore[arg-type]  # Both kinds.
        sys.setprofile(note)
        try:
            for number in range(runs):
                simulation.send("go", {"i": number})
            simulation.run_until_idle()
        finally:
            sys.setprofile(None)
    return calls, len(simulation.trace.of(RequestSent))


@pytest.mark.parametrize("driver", SERVED)
def test_a_request_without_faults_and_invariants_costs_no_more_calls_than_before_these(
    driver: str,
) -> None:
    served, calls_max = SERVED[driver]
    counted(served, 5)  # What is made once for a process is made.

    few, many = counted(served, 20), counted(served, 70)

    calls, requests = many[0] - few[0], many[1] - few[1]
    assert requests == 50 * 5
    assert calls / requests <= calls_max
