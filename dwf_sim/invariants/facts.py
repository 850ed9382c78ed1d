"""Facts: what several invariants need to look up, gathered from records as they come."""

from __future__ import annotations

from collections.abc import Mapping

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.model.payload import decode
from dwf_sim.model.records import EventReceived, FaultStruck, RunScheduled
from dwf_sim.model.served import FunctionServed

_ABOUT_FUNCTION = "event.data.function_id == '"


class Facts:
    """Functions as they are served, events, and runs with the settings they were scheduled under.

    `now` is the instant that is being looked at, and `seq` the number of its first record.
    """

    def __init__(self) -> None:
        self.now = 0
        self.seq = 0
        self.functions: dict[str, FunctionServed] = {}
        self.runs: dict[str, RunScheduled] = {}
        self.settings: dict[str, FunctionServed] = {}  # By run.
        self.events: dict[str, EventReceived] = {}
        self.late_runs: dict[str, None] = {}
        self.is_other_late = False  # Whether a fault has made a timer late that is of no run.
        self._late: dict[tuple[str, str], None] = {}
        self._views: dict[str, Mapping[str, object]] = {}

    def serve(self, record: FunctionServed) -> None:
        """Learn how a function is registered now."""
        self.functions[record.function] = record

    def receive(self, record: EventReceived) -> None:
        """Learn of an event."""
        self.events[record.event] = record

    def schedule(self, record: RunScheduled) -> None:
        """Learn of a run."""
        self.runs[record.run] = record
        served = self.functions.get(record.function)
        if served is not None:
            self.settings[record.run] = served

    def strike(self, record: FaultStruck) -> None:
        """Learn of a fault: one that makes a timer of a run late excuses what waits for it."""
        if not is_of_timer(record):
            return
        if record.run is None:
            self.is_other_late = True
        else:
            of_run = record.site.removeprefix(f"{self.label(record.run)}/")
            self.late_runs[record.run] = None
            self._late[record.run, of_run.rsplit("/", 2)[0]] = None

    def is_late(self, run: str, step: str) -> bool:
        """Say whether a fault has made a timer of this step late."""
        return (run, step) in self._late

    def label(self, run: str) -> str:
        """Name a run for a reader."""
        known = self.runs.get(run)
        return run if known is None else known.label

    def view(self, event_id: str) -> Mapping[str, object] | None:
        """Give an event as expressions see it; None when the trace does not hold it."""
        view = self._views.get(event_id)
        record = self.events.get(event_id)
        if view is None and record is not None:
            view = self._views[event_id] = _view(record, self.runs)
        return view

    def first_view(self, run: str) -> Mapping[str, object] | None:
        """Give the first event of a run as expressions see it."""
        known = self.runs.get(run)
        return None if known is None else self.view(known.events[0])

    def knows_all(self, event_id: str, expression: str | None) -> bool:
        """Say whether the trace holds of an event all that an expression may read."""
        record = self.events.get(event_id)
        if expression is None:
            return True
        if record is None:
            return False
        return record.about is None or expression.startswith(_ABOUT_FUNCTION)

    def holds(self, expression: str | None, event_id: str, now: int) -> bool | None:
        """Say whether a condition is true for an event; None when the trace cannot say."""
        if expression is None:
            return True
        view = self.view(event_id)
        if view is None or not self.knows_all(event_id, expression):
            return None
        try:
            return compile_expression(expression).truth(view, now_ms=now)
        except (EvaluationError, ExpressionError):
            return False

    def matches(self, expression: str | None, run: str, event_id: str, now: int) -> bool | None:
        """Say whether an event is what a run waits for; None when the trace cannot say."""
        if expression is None:
            return True
        first, view = self.first_view(run), self.view(event_id)
        if first is None or view is None or self.events[event_id].about is not None:
            return None
        if self.events[self.runs[run].events[0]].about is not None:
            return None
        compiled = compile_expression(expression)
        try:
            return compiled.truth(compiled.interpolated(first), view, now_ms=now)
        except (EvaluationError, ExpressionError):
            return False

    def key(self, expression: str, event_id: str, now: int) -> str | None:
        """Evaluate a key; None when it declines, has no value, or the trace cannot say."""
        view = self.view(event_id)
        if view is None or self.events[event_id].about is not None:
            return None
        try:
            compiled = compile_expression(expression)
            if compiled.declines(view, now_ms=now):
                return None
            return compiled.key(view, now_ms=now)
        except (EvaluationError, ExpressionError):
            return None


def is_of_timer(record: FaultStruck) -> bool:
    """Say whether a fault has made a timer late."""
    return record.site.rpartition("/")[2].startswith("timer")


def _view(record: EventReceived, runs: Mapping[str, RunScheduled]) -> Mapping[str, object]:
    data = decode(record.data)
    if record.about is not None and record.about in runs:
        data = {"function_id": runs[record.about].function, "run_id": record.about}
    view = {
        "name": record.name,
        "data": data,
        "user": decode(record.user),
        "id": record.id,
        "ts": record.ts,
    }
    return {**view, "v": record.v} if record.v else view
