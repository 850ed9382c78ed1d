"""Lookups: finds what users name, runs by id or label and functions by themselves or their id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwf_sim.errors import UsageError
from dwf_sim.given import shown
from dwf_sim.sim.runner import Runner
from dwf_sim.world.serving import function_id_of
from dwf_sim.world.views import RunIndex, RunView

if TYPE_CHECKING:
    from dwf_sim.world.serving import AnyFunction


class Lookup:
    """Finds the runs and functions of one simulation."""

    def __init__(self, runner: Runner) -> None:
        self._state = runner.engine.state
        self._book = runner.book
        self._trace = runner.trace
        self._index = RunIndex(self._state.runs)

    def runs(self) -> list[RunView]:
        """List all runs, in the order of their creation."""
        return [self.view(run_id) for run_id in self._state.runs]

    def view(self, run_id: str) -> RunView:
        """Show a run."""
        return RunView(run_id, self._state.runs, self._book)

    def run_id(self, run: object) -> str:
        """Find a run by itself, its id or its label; raises `UsageError`."""
        runs = self._state.runs
        given = run.id if isinstance(run, RunView) else run
        if isinstance(given, str):
            if given in runs:
                return given
            for found in runs.values():
                if found.label == given:
                    return found.id
        raise UsageError(f"run is {shown(run)}; the runs of this simulation are in sim.runs")

    def function_id(self, function: AnyFunction | str) -> str:
        """Find a served function by itself or its full id; raises `UsageError`."""
        function_id = function_id_of(function)
        served = self._state.triggers.functions
        if not isinstance(function_id, str) or function_id not in served:
            known = ", ".join(served) or "none"
            raise UsageError(f"function is {shown(function)}; the served functions are {known}")
        return function_id

    def started_by(self, ids: list[str]) -> list[RunView]:
        """List the runs that any of these events has started."""
        return [self.view(run_id) for run_id in self._index.started_by(ids)]

    def why_no_run(self, ids: list[str]) -> str:
        """Say why these events have started none."""
        from dwf_sim.report.hints import why_no_run

        return why_no_run(self._trace, self._state.triggers.functions.values(), ids)
