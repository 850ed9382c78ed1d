"""A single run: an event, or a tick of a cron, played until what it has started is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from dwf_sim.errors import UnmetConditionError, UsageError
from dwf_sim.model.event import FAILED, TIMER, Event
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.records import EventHeld
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import RunView, Sent

_OTHERS_MAX = 100  # How many runs a function may start of itself before its first one is over.
_LOOK_EVERY = 1000  # How many records are made between two looks at the number of runs.


@attrs.define(eq=False)
class SingleRun:
    """The run of a function that is served alone, with its failure handler if it has one."""

    simulation: Simulation
    function: FunctionConfig
    handler: FunctionConfig | None
    _next_look: int = _LOOK_EVERY

    def play(self, events: Sequence[Event]) -> RunView:
        """Start the run and let time go on until it has ended, and its failure handler's too.

        Raises `UsageError` when no run has started, or several.
        """
        run = self._tick() if self._is_for_tick(events) else self._answer(events)
        if run.status == "failed" and self.handler is not None:
            self._until(lambda: self._is_handled(run))
        return run

    def _is_for_tick(self, events: Sequence[Event]) -> bool:
        """A function that only ticks is started by its clock, whatever the event is."""
        if not self.function.cron_triggers:
            return False
        return not self.function.event_triggers or any(event.name == TIMER for event in events)

    def _tick(self) -> RunView:
        self._until(lambda: bool(self.simulation.runs))
        if not self.simulation.runs:
            crons = ", ".join(repr(trigger.cron) for trigger in self.function.cron_triggers)
            raise UsageError(f"the crons of {self.function.id!r} never tick: {crons}")
        run = self.simulation.runs[0]
        self._until(lambda: run.ended_at is not None)
        return run

    def _answer(self, events: Sequence[Event]) -> RunView:
        sent: Sent = self.simulation.send([*events])
        is_held = any(isinstance(entry.record, EventHeld) for entry in self.simulation.trace)
        if is_held or sent.runs:
            self._until(lambda: _have_ended(sent.runs))
        return sent.run

    def _until(self, condition: Callable[[], bool]) -> None:
        def is_over() -> bool:
            self._look()
            return condition()

        try:
            self.simulation.run_until(is_over)
        except UnmetConditionError:
            return  # Nothing is left to happen: how things stand now is the answer.

    def _look(self) -> None:
        """Refuse a function that starts itself again and again, before its first run is over."""
        if self.simulation.trace.count < self._next_look:
            return
        self._next_look = self.simulation.trace.count + _LOOK_EVERY
        others = len(self.simulation.runs) - 1
        if others > _OTHERS_MAX:
            raise UsageError(
                f"function {self.function.id!r} has started {others} more runs of itself before "
                "the first one was over: it sends the event that triggers it. Stub the step that "
                "does so, or use Simulation with advance"
            )

    def _is_handled(self, run: RunView) -> bool:
        """Say whether the failure handler is through with this run, which may not be the only."""
        assert self.handler is not None, "it is served"
        events, handler_id = self.simulation.events, self.handler.id
        meant = [e.internal_id for e in events if e.name == FAILED and e.data["run_id"] == run.id]
        return any(
            other.ended_at is not None
            for other in self.simulation.runs
            if other.function_id == handler_id and other.event_ids[0] in meant
        )


def _have_ended(runs: list[RunView]) -> bool:
    return bool(runs) and all(run.ended_at is not None for run in runs)
