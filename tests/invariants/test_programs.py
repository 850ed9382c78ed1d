"""No false alarms: generated programs, with crashes and flow control, break no invariant."""

from __future__ import annotations

import os

import pytest

import dwf_sim as dwf
from dwf_sim.invariants import INVARIANTS, Checker
from dwf_sim.model.records import FaultStruck
from tests.programs import make_program, run_program

PROGRAMS = int(os.environ.get("DWF_PROGRAMS", "40"))
FIRST = 100_000  # Others than those of the tests of determinism.


@pytest.mark.parametrize("part", range(3))
def test_programs_break_no_invariant_and_end_when_faults_stop(part: int) -> None:
    struck = 0
    for number in range(FIRST + part * PROGRAMS, FIRST + (part + 1) * PROGRAMS):
        simulation = run_program(make_program(number))  # It is checked when it is idle.

        simulation.heal()
        simulation.run_until_idle()

        assert all(run.ended_at is not None for run in simulation.runs), number
        struck += len(simulation.trace.of(FaultStruck))
    assert struck > PROGRAMS / 4


@pytest.mark.parametrize("number", range(20))
def test_a_trace_breaks_nothing_wherever_it_is_broken_off(number: int) -> None:
    trace = run_program(make_program(number)).trace
    checker = Checker(INVARIANTS)

    for entry in trace:
        checker.feed([(entry.at, entry.cause, entry.record)])

        assert checker.violations(entry.at) == []


@pytest.mark.parametrize("number", range(20))
def test_a_program_may_be_checked_at_any_time(number: int) -> None:
    simulation = dwf.Simulation(number, latency=dwf.Latency(request=("0ms", "80ms")))
    app = dwf.App("a")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        debounce=dwf.Debounce(period="3s"),
        cancel=[dwf.Cancel(event="stop")],
    )
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)
        await ctx.step.wait_for_event("w", event="answer", timeout="20s")

    simulation.serve(app)
    for nth in range(60):
        simulation.send(("go", "answer", "go", "stop", "go")[(nth * (number + 3)) % 5])
        simulation.check()
        simulation.advance(nth * 97 % (100 + number * 150))
        simulation.check()
