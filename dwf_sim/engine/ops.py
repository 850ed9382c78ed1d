"""Ops: what the engine does with each thing a handler reports.

An op handler returns None when all is well, a `FailEarly` that ends the run at once (A24), a
`Refused` response, which is retried (A25), or a `StepFailed` that has attempts left (A69).
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs

from dwf_sim.duration import parse_sleep, parse_timeout
from dwf_sim.engine import pauses, queue
from dwf_sim.engine.cancellation import LACKS
from dwf_sim.engine.memos import go_on, save
from dwf_sim.engine.retries import has_attempts
from dwf_sim.engine.sizes import advise, state_overflows
from dwf_sim.engine.turn import Turn
from dwf_sim.errors import DurationError, ExpressionError
from dwf_sim.expressions import check, compile_expression
from dwf_sim.model.effects import Publish
from dwf_sim.model.event import INVOKED, Invocation, StoredEvent
from dwf_sim.model.ops import (
    ErrorBody,
    InvokeFunction,
    Op,
    Sleep,
    StepErrored,
    StepPlanned,
    StepRun,
    UnknownOp,
    WaitForEvent,
    WaitForSignal,
    label_of,
)
from dwf_sim.model.payload import decode, encode
from dwf_sim.model.records import Complained, StepReported
from dwf_sim.model.run import EDGE, EDGE_ERROR, SLEEP, Item, Pause, Run

DAY_MS = 24 * 3_600_000
TIMEOUT_MS_MAX = 366 * DAY_MS
YEAR_MS = 365 * DAY_MS


@attrs.frozen
class FailEarly:
    """The run ends at once, whatever attempts it has left; `stack` is what the engine knows of the
    place of the mistake."""

    name: str
    message: str
    stack: str | None = None


@attrs.frozen
class Refused:
    """The response cannot be used; the handler is called again."""

    reason: str


@attrs.frozen
class StepFailed:
    """A step raised and is to be tried again."""

    reason: str


Trouble: TypeAlias = FailEarly | Refused | StepFailed | None

_TOO_LONG = FailEarly(
    "InngestErrTimeoutTooLong", "The timeout or sleep is longer than the maximum of one year"
)


def handle_op(turn: Turn, item: Item, op: Op) -> Trouble:
    """Fold one op into its run."""
    run = item.run
    run.labels.setdefault(op.hash, label_of(op))
    match op:
        case StepRun():
            return _keep_output(turn, item, op)
        case StepPlanned():
            return _plan(turn, run, op)
        case Sleep():
            return _sleep(turn, run, op)
        case StepErrored():
            return _fail_step(turn, item, op)
        case WaitForEvent():
            return _wait_for_event(turn, run, op)
        case InvokeFunction():
            return _invoke(turn, run, op)
        case WaitForSignal():
            return _wait_for_signal(turn, run, op)
        case UnknownOp():
            return Refused(f"unknown opcode {op.op}")
        case _:
            assert_never(op)


def _keep_output(turn: Turn, item: Item, op: StepRun) -> Trouble:
    run, memo = item.run, f'{{"data":{op.data}}}'
    if state_overflows(turn, run, memo):
        return state_overflow(turn, run)
    save(turn, run, op.hash, memo, "data")
    go_on(turn, run, op.hash, race=op.race or item.race)
    return None


def state_overflow(turn: Turn, run: Run) -> FailEarly:
    """Say that a run has no room for what its steps returned (A185)."""
    bytes_max = turn.limits.state_bytes
    advise(turn, run, f"the events and memos of the run are over {bytes_max} bytes")
    message = f"The function run exceeded the state size limit of {bytes_max} bytes."
    return FailEarly("InngestErrStateOverflowed", message)


def save_outcome(turn: Turn, run: Run, op: Op) -> None:
    """Store what a step returned, or the error it ended with; other ops have none."""
    if isinstance(op, StepRun):
        save(turn, run, op.hash, f'{{"data":{op.data}}}', "data")
    elif isinstance(op, StepErrored):
        save(turn, run, op.hash, f'{{"error":{_memo_error(op.error)}}}', "error")


def _plan(turn: Turn, run: Run, op: StepPlanned) -> Trouble:
    item = queue.new_item(turn, run, EDGE)
    item.step, item.race = op.hash, op.race
    if queue.push(turn, item, f"{op.hash}-plan"):
        turn.emit(StepReported(run.id, label_of(op), "planned", None))
    return None


def _sleep(turn: Turn, run: Run, op: Sleep) -> Trouble:
    try:
        delay = _sleep_ms(op.until, turn.now)
    except DurationError as error:
        return Refused(str(error))
    if delay > TIMEOUT_MS_MAX:
        return _TOO_LONG
    item = queue.new_item(turn, run, SLEEP, due=turn.now + delay)
    item.step, item.race = op.hash, op.race
    if queue.push(turn, item, f"{op.hash}-sleep"):
        turn.emit(StepReported(run.id, label_of(op), "sleep", item.due))
    return None


def _sleep_ms(until: int | str, now: int) -> int:
    """An instant is rounded to whole seconds from now, half away from zero (A91, A93)."""
    if isinstance(until, str):
        return max(0, parse_sleep(until, now))
    return max(0, (until - now + 500) // 1000 * 1000)


def _fail_step(turn: Turn, item: Item, op: StepErrored) -> Trouble:
    """Have the step's own item retried, or store the error for the handler to meet (A69, A70)."""
    run = item.run
    if not op.final and has_attempts(item):
        return StepFailed(f"{op.error.name}: {op.error.message}")
    save_outcome(turn, run, op)
    go_on(turn, run, f"{op.hash}-failure", race=op.race or item.race, kind=EDGE_ERROR)
    return None


def _memo_error(error: ErrorBody) -> str:
    """What of an error the engine keeps: unknown keys, such as `code`, are dropped (A77)."""
    kept = {"name": error.name, "message": error.message}
    if error.stack is not None:
        kept["stack"] = error.stack
    return encode(kept)


def _wait_for_event(turn: Turn, run: Run, op: WaitForEvent) -> Trouble:
    expires = _expires_at(turn, op.timeout, "0s")
    if not isinstance(expires, int):
        return expires
    pause = Pause(op.hash, pauses.EVENT, run, op.hash, op.event, turn.now, expires, op.race)
    if op.expression is not None:
        try:
            check(op.expression)
            pause.expression = compile_expression(op.expression)
        except ExpressionError as error:
            message = "Wait for event If expression failed to compile"
            stack = f"error compiling expression: {error}"
            return FailEarly("InvalidExpression", message, stack)
        first = run.events[0].view
        pause.first_event = pause.expression.interpolated(first)
        if pause.first_event != first:
            turn.emit(Complained(run.id, f"{label_of(op)}: {op.expression} {LACKS}"))
    if pauses.begin(turn, pause):
        turn.emit(StepReported(run.id, label_of(op), "wait", expires, op.event, op.expression))
    return None


def _wait_for_signal(turn: Turn, run: Run, op: WaitForSignal) -> Trouble:
    expires = _expires_at(turn, op.timeout, f"{YEAR_MS}ms", ms_max=None)
    if not isinstance(expires, int):
        return expires
    again = op.hash in run.pauses  # Then it is no conflict, even if another replaced it (A121).
    if op.signal in turn.state.signal_waits and not again and op.conflict != "replace":
        return FailEarly("Error", "Signal conflict; signal wait already exists for another run")
    pause = Pause(op.hash, pauses.SIGNAL, run, op.hash, op.signal, turn.now, expires, op.race)
    if not again and pauses.begin(turn, pause):
        turn.emit(StepReported(run.id, label_of(op), "signal", expires, op.signal))
    return None


def _expires_at(
    turn: Turn, timeout: str, default: str, ms_max: int | None = TIMEOUT_MS_MAX
) -> int | Refused | FailEarly:
    try:
        delay = parse_timeout(timeout or default, turn.now)
    except DurationError as error:
        return Refused(str(error))
    if ms_max is not None and delay > ms_max:
        return _TOO_LONG
    return turn.now + max(0, delay)


def _invoke(turn: Turn, run: Run, op: InvokeFunction) -> Trouble:
    """Wait for the invoked function, then send the event that starts it (A130, A131)."""
    expires = _expires_at(turn, op.timeout, f"{YEAR_MS}ms", ms_max=None)
    if not isinstance(expires, int):
        return expires
    correlation = f"{run.id}.{op.hash}"
    pause = Pause(op.hash, pauses.INVOKE, run, op.hash, correlation, turn.now, expires, op.race)
    if pauses.begin(turn, pause):
        turn.emit(StepReported(run.id, label_of(op), "invoke", expires, correlation))
        turn.effects.append(Publish(_invoked_event(turn, run, op, pause)))
    return None


def _invoked_event(turn: Turn, run: Run, op: InvokeFunction, pause: Pause) -> StoredEvent:
    internal_id = turn.state.mint.ulid(turn.now)
    payload = decode(op.data)
    meta = {
        "fn_id": op.function_id,
        "correlation_id": pause.key,
        "source_app_id": run.function.app_id,
        "source_fn_id": run.function.id,
        "expire": pause.expires_at,
        "gid": op.hash,
        "name": label_of(op),
    }
    data = {**(payload if isinstance(payload, dict) else {}), "_inngest": meta}
    return StoredEvent(
        internal_id,
        INVOKED,
        internal_id,
        turn.now,
        encode(data),
        "{}",
        op.v,
        turn.now,
        Invocation(op.function_id, pause.key),
    )
