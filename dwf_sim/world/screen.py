"""The screen of a simulation in which something failed: what went wrong there, and what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dwf_sim.duration import format_duration
from dwf_sim.report.advice import advice
from dwf_sim.world.simulation import Simulation

_RUNS_SHOWN, _LINES_SHOWN = 3, 30


def screen(simulation: Simulation, repeat: str, differences: Iterable[str] = ()) -> str:
    """Write it: the plan, what struck, what differs without it, the runs, and how to `repeat` it.

    `differences` are lines that compare it with the same one without faults.
    """
    return "\n".join(
        [
            *_plan(simulation),
            *differences,
            *_runs(simulation),
            "",
            *(f"What to do: {text}" for text in advice(simulation.trace)),
            f"Repeat it: {repeat}",
        ]
    )


def made_by(simulation: Simulation) -> str:
    """Say which line makes a simulation like it, and what it cannot hold."""
    return f"the simulation is {simulation._failure.how().partition('repeat: ')[2]}"


def _plan(simulation: Simulation) -> Iterator[str]:
    yield f"seed {simulation.seed}, faults: {simulation.faults}"
    for struck in simulation.faults_struck:
        yield f"  struck after {format_duration(struck.at - simulation.start_ms)}: {struck.site}"
    for fault in simulation.unstruck:
        yield f"  never struck: {fault}"
    for warning in simulation.warnings:
        yield f"warning: {warning}"


def _runs(simulation: Simulation) -> Iterator[str]:
    runs = simulation.runs
    for run in runs[:_RUNS_SHOWN]:
        yield ""
        lines = simulation.timeline(run).splitlines()
        yield from lines[:_LINES_SHOWN]
        if len(lines) > _LINES_SHOWN:
            yield f"  ... and {len(lines) - _LINES_SHOWN} lines more"
    if len(runs) > _RUNS_SHOWN:
        yield f"... and {len(runs) - _RUNS_SHOWN} runs more"
