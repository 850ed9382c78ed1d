"""Finish: a run ends once, its leftovers go, and the world is told (A112, A168-A172)."""

from __future__ import annotations

from dwf_sim.engine import pauses, queue
from dwf_sim.engine.sizes import advise
from dwf_sim.engine.turn import Turn
from dwf_sim.model import event as events
from dwf_sim.model.effects import Publish
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import Broken, Threw
from dwf_sim.model.payload import decode, encode, quote
from dwf_sim.model.records import RunFinished
from dwf_sim.model.run import CANCELLED, COMPLETED, FAILED, Run

OVERFLOWED = "InngestErrFunctionOverflowed"

_STATUS_WORDS = {COMPLETED: "Completed", FAILED: "Failed", CANCELLED: "Cancelled"}
_SILENT_AFTER = (events.FAILED, events.FINISHED)

CANCELLED_CHILD = encode({"error": {"name": "Error", "message": "function cancelled"}})


def finish(turn: Turn, run: Run, status: str, result: str, *, error: str | None = None) -> None:
    """End a run: `result` is the JSON shown as output, or of an error with `error` beside it.

    `error` is the standard error object of the failed event, as JSON text (A170).
    """
    _end(turn, run, status, result)
    _tell(turn, run, f',"result":{result}' if status != CANCELLED else "", error)


def threw(turn: Turn, run: Run, response: Threw) -> None:
    """Fail a run for an error that left its handler: the event holds the SDK's body (A170)."""
    error = response.error
    standard: dict[str, object] = {
        "error": f"invalid status code: {response.status}"
        if response.retriable
        else "NonRetriableError",
        "name": error.name,
        "message": error.message,
    }
    body: dict[str, object] = {"name": error.name, "message": error.message}
    if error.code is not None:
        body["code"] = error.code
    if error.has_stack:
        body["stack"] = error.stack
    if error.stack is not None:
        standard["stack"] = error.stack
    finish(turn, run, FAILED, encode(body), error=encode(standard))


def broken(turn: Turn, run: Run, response: Broken) -> None:
    """Fail a run that got no answer from its SDK (A80, A222)."""
    error = response.error
    shape = {"error": error.message, "name": error.name, "message": error.message}
    if response.is_body:
        finish(turn, run, FAILED, encode(shape), error=encode(shape))
    else:
        _finish_in_text(turn, run, shape, error.message)


def fail_early(turn: Turn, run: Run, name: str, message: str, stack: str | None = None) -> None:
    """Fail a run for something the engine refuses, without retries (A24)."""
    shape = {"error": f"{name}: {message}", "name": name, "message": message}
    if stack is not None:
        shape["stack"] = stack
    _finish_in_text(turn, run, shape, name)


def overflow(turn: Turn, run: Run) -> None:
    """Fail a run that has as many memos as a run may have, before it sends another request (A180).

    Its events are shaped as recorded: the error in text twice, and no result.
    """
    message = overflow_text(turn.limits.steps)
    shape = {"error": "function has too many steps", "name": OVERFLOWED, "message": message}
    advise(turn, run, f"the run has as many memos as a run may have, {turn.limits.steps}")
    shown = encode({"error": shape})
    _end(turn, run, FAILED, shown)
    _tell(turn, run, "", encode({"error": shown, "name": "Error", "message": shown}))


def overflow_text(steps_max: int) -> str:
    """Say as the engine does that there are too many steps."""
    return f"The function run exceeded the step limit of {steps_max} steps."


def _finish_in_text(turn: Turn, run: Run, shape: dict[str, str], cause: str) -> None:
    """The run shows the error as an object; its events hold that object as a JSON text (A170)."""
    shown = encode({"error": shape})
    standard = encode({"error": cause, "name": "Error", "message": shown})
    _end(turn, run, FAILED, shown)
    _tell(turn, run, f',"result":{encode(shown)}', standard)


def _end(turn: Turn, run: Run, status: str, result: str) -> None:
    assert not run.is_ended, "a run ends once"
    run.status, run.result, run.ended_at = status, result, turn.now
    if run.pauses:
        pauses.end_all(turn, run)
    for nth, readiness in enumerate(run.cancellations):
        del turn.state.cancellations[readiness.event][run.id, nth]
    run.cancellations = ()
    for item in list(run.items.values()):
        queue.drop(turn, item)
    run.items = {}
    run.jobs.clear()
    run.pending.clear()
    turn.state.runs.pack(run)
    turn.state.ended(run)
    turn.emit(RunFinished(run.id, status, _without_stack(result) if status == FAILED else result))


def _without_stack(result: str) -> str:
    """Leave out of the trace what differs between two machines: paths and line numbers."""
    content = decode(result)
    if isinstance(content, dict):
        content.pop("stack", None)
    return encode(content)


def _tell(turn: Turn, run: Run, result: str, error: str | None) -> None:
    """Send the system events of a run that ended, and its outcome to whoever invoked it.

    Of a batch, the first event is told of, and each that invoked (A173). A run started by such an
    event sends none, so that failure handlers cannot recurse (A172).
    """
    texts = [event.text() for event in run.events]
    common = f'"events":[{",".join(texts)}]{result}' + (
        f',"error":{error}' if error is not None else ""
    )
    for nth, event in enumerate(run.events):
        if event.name in _SILENT_AFTER or (nth > 0 and event.invocation is None):
            continue
        call = event.invocation
        correlation = f',"correlation_id":{encode(call.correlation_id)}' if call else ""
        data = (
            f'{{"function_id":{quote(run.function.id)},"run_id":"{run.id}",'
            f'"event":{texts[nth]},{common},'
            f'"_inngest":{{"status":"{_STATUS_WORDS[run.status]}"}}{correlation}}}'
        )
        finished = _publish(turn, run, events.FINISHED, data)
        if call is not None:
            pauses.resume_invoke(turn, call.correlation_id, _outcome(turn, run, finished, error))
        if run.status == FAILED:
            _publish(turn, run, events.FAILED, data, event_id=run.id)
        elif run.status == CANCELLED:
            _publish(turn, run, events.CANCELLED, data, event_id=run.id)


def _outcome(turn: Turn, run: Run, finished: StoredEvent, error: str | None) -> str:
    """Write what an ended run is to its invoker, as the memo of the invoke (A136, A137)."""
    if run.status == CANCELLED:
        return finished.text() if turn.quirks.cancelled_invoke_resolves else CANCELLED_CHILD
    return f'{{"error":{error}}}' if error is not None else f'{{"data":{run.result}}}'


def _publish(
    turn: Turn, run: Run, name: str, data: str, *, event_id: str | None = None
) -> StoredEvent:
    internal_id = turn.state.mint.ulid(turn.now)
    event = StoredEvent(
        internal_id,
        name,
        event_id or internal_id,
        turn.now,
        data,
        "{}",
        None,
        turn.now,
        None,
        run.id,
    )
    turn.effects.append(Publish(event))
    return event
