"""Pauses: runs that wait for an event, a signal or an invoked function, and how they go on."""

from __future__ import annotations

from dwf_sim.engine import queue
from dwf_sim.engine.memos import go_on, save
from dwf_sim.engine.turn import Turn
from dwf_sim.errors import EvaluationError
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.payload import encode
from dwf_sim.model.records import SignalReceived
from dwf_sim.model.run import PAUSE_TIMEOUT, Pause, Run

EVENT, SIGNAL, INVOKE = "event", "signal", "invoke"

INVOKE_TIMEOUT = encode(
    {
        "error": {
            "error": "InngestInvokeTimeoutError",
            "name": "InngestInvokeTimeoutError",
            "message": "Timed out waiting for invoked function to complete",
        }
    }
)


def begin(turn: Turn, pause: Pause) -> bool:
    """Store a pause and queue its timeout; a step already waiting is left as it is (A35, A130)."""
    item = queue.new_item(turn, pause.run, PAUSE_TIMEOUT, due=pause.expires_at)
    item.pause, item.step = pause, pause.step
    if not queue.push(turn, item, f"{pause.step}-pause"):
        return False
    pause.timeout_item = item.seq
    pause.run.pauses[pause.id] = pause
    _index(turn, pause)
    return True


def end(turn: Turn, pause: Pause) -> None:
    """Forget a pause and its timeout."""
    run, state = pause.run, turn.state
    run.pauses.pop(pause.id, None)
    timeout = run.items.get(pause.timeout_item)
    if timeout is not None:
        queue.drop(turn, timeout)
    if pause.kind == EVENT:
        waits = state.event_waits[pause.key]
        waits.pop((run.id, pause.step), None)
        if not waits:
            del state.event_waits[pause.key]
    elif pause.kind == INVOKE:
        state.invoke_waits.pop(pause.key, None)
    elif state.signal_waits.get(pause.key) is pause:  # Another may have replaced it (A122).
        del state.signal_waits[pause.key]


def resume(turn: Turn, pause: Pause, memo: str, kind: str, event: str | None = None) -> None:
    """End a pause with a memo and let its run go on."""
    end(turn, pause)
    save(turn, pause.run, pause.step, memo, kind, event)
    go_on(turn, pause.run, f"{pause.step}-{kind}", race=pause.race)


def time_out(turn: Turn, pause: Pause) -> None:
    """End a pause whose time is over: null, or an error for an invoke (A107, A123, A135)."""
    resume(turn, pause, INVOKE_TIMEOUT if pause.kind == INVOKE else "null", "timeout")


def resume_event_waits(turn: Turn, event: StoredEvent) -> bool:
    """Resume every run that waits for this event, oldest wait first (A102, A105)."""
    waits = turn.state.event_waits.get(event.name)
    if not waits:
        return False
    matching = [pause for pause in waits.values() if _matches(turn, pause, event)]
    text = event.text() if matching else ""
    for pause in matching:
        resume(turn, pause, text, EVENT, event.internal_id)
    return bool(matching)


def resume_invoke(turn: Turn, correlation_id: str, memo: str) -> bool:
    """Give an invoked function's outcome to the run that waits for it, if it still does (A138)."""
    pause = _unexpired(turn, turn.state.invoke_waits.get(correlation_id))
    if pause is None:
        return False
    resume(turn, pause, memo, INVOKE)
    return True


def resume_signal(turn: Turn, signal: str, data: str) -> None:
    """Give a signal to the one run that waits for it; it is lost when none does (A124)."""
    pause = _unexpired(turn, turn.state.signal_waits.get(signal))
    turn.emit(SignalReceived(signal, pause.run.id if pause else None))
    if pause is not None:
        memo = f'{{"data":{{"signal":{encode(signal)},"data":{data}}}}}'
        resume(turn, pause, memo, SIGNAL)


def end_all(turn: Turn, run: Run) -> None:
    """Forget all pauses of a run that has ended (A112)."""
    for pause in list(run.pauses.values()):
        end(turn, pause)


def _index(turn: Turn, pause: Pause) -> None:
    if pause.kind == EVENT:
        waits = turn.state.event_waits.setdefault(pause.key, {})
        waits[(pause.run.id, pause.step)] = pause
    elif pause.kind == INVOKE:
        turn.state.invoke_waits[pause.key] = pause
    else:
        turn.state.signal_waits[pause.key] = pause


def _unexpired(turn: Turn, pause: Pause | None) -> Pause | None:
    """Overlook a pause whose time is over and whose timeout is late; at its very end it still
    counts (A109)."""
    return None if pause is None or pause.expires_at < turn.now else pause


def _matches(turn: Turn, pause: Pause, event: StoredEvent) -> bool:
    if _unexpired(turn, pause) is None:
        return False
    if pause.expression is None:
        return True
    try:
        return pause.expression.truth(pause.first_event, event.view, now_ms=turn.now)
    except EvaluationError:  # No match, and the wait goes on (A102).
        return False
