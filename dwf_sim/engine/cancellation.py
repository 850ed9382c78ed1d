"""Cancellation: runs that an event, a timeout or a call ends before their time (A150-A158)."""

from __future__ import annotations

from dwf_sim.engine import queue
from dwf_sim.engine.finish import finish
from dwf_sim.engine.turn import Turn
from dwf_sim.errors import EvaluationError
from dwf_sim.expressions import compile_expression
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.records import Complained, RunCancelling
from dwf_sim.model.run import CANCELLED, RUN_TIMEOUT, Cancellation, Run
from dwf_sim.model.settings import Cancel

_YEAR_MS = 365 * 24 * 3_600_000

LACKS = (
    "reads a field that the run's own event does not have, which counts as null: an event that "
    "lacks its side of the comparison too is a match"
)


def cancel(turn: Turn, run: Run, reason: str, *, event: str | None = None) -> None:
    """Cancel a run wherever it is; one that has ended is left alone (A152, A154)."""
    if not run.is_ended:
        turn.emit(RunCancelling(run.id, reason, event))
        finish(turn, run, CANCELLED, "null")


def watch(turn: Turn, run: Run) -> None:
    """Make a run that was just scheduled ready to be cancelled, by events and in time."""
    if entries := run.function.cancel:
        run.cancellations = tuple(_readiness(turn, run, entry) for entry in entries)
        for nth, readiness in enumerate(run.cancellations):
            turn.state.cancellations.setdefault(readiness.event, {})[run.id, nth] = readiness
    _limit(turn, run, "start", run.function.timeouts.start)


def watch_started(turn: Turn, run: Run) -> None:
    """Limit the time to the end of a run whose first request is about to be sent (A156)."""
    _limit(turn, run, "finish", run.function.timeouts.finish)


def cancel_by_event(turn: Turn, event: StoredEvent) -> bool:
    """Cancel the runs that this event cancels; only runs that are older than it (A151)."""
    ready = turn.state.cancellations.get(event.name)
    if not ready:
        return False
    hit = [readiness for readiness in ready.values() if _applies(turn, readiness, event)]
    for readiness in hit:
        reason = f"event {event.name} ({event.internal_id})"
        cancel(turn, readiness.run, reason, event=event.internal_id)
    return bool(hit)


def time_out(turn: Turn, run: Run, kind: str) -> None:
    """Cancel a run whose time is over; to have started is enough for the first limit (A155)."""
    if kind == "finish" or run.started_at is None:
        limit = getattr(run.function.timeouts, kind)
        cancel(turn, run, f"timeouts.{kind} of {limit} ms is over")


def is_too_late(turn: Turn, run: Run) -> bool:
    """Cancel a run whose time to start is over although no timer said so: a batch has none, but is
    looked at when its first request is to be sent (A155)."""
    limit = run.function.timeouts.start
    if limit is None or run.started_at is not None or turn.now - run.created_at <= limit:
        return False
    time_out(turn, run, "start")
    return True


def _readiness(turn: Turn, run: Run, entry: Cancel) -> Cancellation:
    expires_at = turn.now + (_YEAR_MS if entry.timeout is None else entry.timeout)
    if entry.expression is None:
        return Cancellation(run, entry.event, expires_at, None, {})
    expression = compile_expression(entry.expression)
    first = expression.interpolated(run.events[0].view)
    if first != run.events[0].view:
        turn.emit(Complained(run.id, f"cancel on {entry.event}: {entry.expression} {LACKS}"))
    return Cancellation(run, entry.event, expires_at, expression, first)


def _limit(turn: Turn, run: Run, kind: str, limit: int | None) -> None:
    """The time must be exceeded, so the limit strikes a millisecond after it (A157)."""
    if limit is None:
        return
    item = queue.new_item(turn, run, RUN_TIMEOUT, due=turn.now + limit + 1)
    item.step = kind
    queue.push(turn, item, f"timeout-{kind}")


def _applies(turn: Turn, readiness: Cancellation, event: StoredEvent) -> bool:
    run = readiness.run
    is_own = any(event.internal_id == mine.internal_id for mine in run.events)
    if is_own or event.internal_id < run.id or readiness.expires_at < turn.now:
        return False
    if readiness.expression is None:
        return True
    try:
        return readiness.expression.truth(readiness.first_event, event.view, now_ms=turn.now)
    except EvaluationError:  # Without a value it cancels nothing (B207).
        return False
