"""The levers: what faults that strike at an instant do to a simulation."""

from __future__ import annotations

from dwf_sim.model.messages import FunctionSwitched
from dwf_sim.sim.runner import Runner
from dwf_sim.world.serving import Serving, load_given

USER = "the user"  # Who pauses a function when no fault does.


class SimulationLevers:
    """Moves the workers' clocks, pauses functions, and serves other code."""

    def __init__(self, runner: Runner, serving: Serving) -> None:
        self._runner = runner
        self._serving = serving
        self._pausers: dict[str, list[object]] = {}  # By function, who has paused it.

    def shift_clock(self, by: int) -> None:
        """Set the workers' clocks so many milliseconds forwards, or backwards."""
        self._runner.shift_clock(by)

    def serves(self, function_id: str) -> bool:
        """Say whether a function is served."""
        return function_id in self._runner.engine.state.triggers.functions

    def pause(self, function_id: str, by: object) -> None:
        """Pause a function, by its full id: for a fault, or for the user."""
        self._pausers.setdefault(function_id, []).append(by)
        self._runner.tell(FunctionSwitched(function_id, is_paused=True))

    def resume(self, function_id: str, by: object) -> None:
        """End the pause by a fault; the function goes on if nobody else has paused it."""
        pausers = self._pausers.get(function_id, [])
        left = [pauser for pauser in pausers if pauser is not by]
        if len(left) < len(pausers):
            self._pausers[function_id] = left
            if not left:
                self._runner.tell(FunctionSwitched(function_id, is_paused=False))

    def resume_for_all(self, function_id: str) -> None:
        """Let a function go on, whoever has paused it."""
        self._pausers.pop(function_id, None)
        self._runner.tell(FunctionSwitched(function_id, is_paused=False))

    def deploy(self, version: object) -> None:
        """Serve other code: an app, functions, or the text `package.module:app` for either."""
        self._serving.serve(load_given(version, "version") if isinstance(version, str) else version)

    def restart_workers(self, cause: int) -> None:
        """Kill the workers of all apps."""
        self._runner.mishaps.restart_workers(cause)

    def restart_engine(self, cause: int) -> None:
        """Have the engine die and come back."""
        self._runner.mishaps.restart_engine(cause)
