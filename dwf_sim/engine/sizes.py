"""Sizes: what is too big for the engine, and what a user can do about it (A182-A185)."""

from __future__ import annotations

from dwf_sim.engine.turn import Turn
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import Broken, Ops, Response, Returned
from dwf_sim.model.ops import ErrorBody, InvokeFunction, Op, StepErrored, StepRun, label_of
from dwf_sim.model.payload import byte_count, encode, exceeds
from dwf_sim.model.records import Complained
from dwf_sim.model.run import Run
from dwf_sim.model.wire import write_response

_ADVICE = (
    "split the work among several runs with step.invoke or step.send_event, or keep what is big "
    "outside and return a reference to it"
)
_OP_LENGTH_GUESS = 256  # More than an op has besides what the user gave it.


def advise(turn: Turn, run: Run, what: str) -> None:
    """Tell the user which limit a run has met, and the way round it."""
    turn.emit(Complained(run.id, f"{what}: {_ADVICE}"))


def readable(turn: Turn, run: Run, response: Response) -> Response:
    """Give back a response of a size the engine reads; any other is an error and is retried.

    The steps it tells of are lost with it, so they are executed again (A220).
    """
    limits = turn.limits
    ops = response.ops if isinstance(response, Ops) else ()
    if len(ops) == 1 and isinstance(ops[0], StepRun) and len(ops[0].data) < limits.safe_chars // 2:
        return response  # By far the most; a label is far shorter than that.
    if _length_max(response) <= limits.safe_chars:
        return response  # Nearly all are; nothing has to be written down to know it.
    if _is_too_long(response, limits):
        advise(turn, run, f"a response is over {turn.limits.response_bytes} bytes")
        return Broken(ErrorBody("Error", "output_too_large"))
    for op in _told(response):
        if isinstance(op, StepRun | StepErrored) and _is_too_big(op, limits):
            about = f"the output of step {label_of(op)!r}"
            advise(turn, run, f"{about} is over {limits.step_bytes} bytes")
            message = "step output size is greater than the limit"
            whole = f"error validating generator opcode {op.hash}: {message}"
            return Broken(ErrorBody("Error", whole))
    return response


def too_big(turn: Turn, run: Run, steps: tuple[StepRun, ...]) -> str | None:
    """Say why steps cannot be taken before their request ends, if they cannot (A208)."""
    limits = turn.limits
    for op in steps:
        if _is_too_big(op, limits):
            return f"the output of step {label_of(op)!r} is over {limits.step_bytes} bytes"
    if state_overflows(turn, run, "".join([op.data for op in steps])):
        return f"the events and memos of the run are over {limits.state_bytes} bytes"
    return None


def state_overflows(turn: Turn, run: Run, memo: str) -> bool:
    """Say whether a run has no room for one more memo: the events it has count too (A185)."""
    if run.events_size is None:
        run.events_size = byte_count(f"[{','.join([event.text() for event in run.events])}]")
    return run.events_size + run.state_size + byte_count(memo) > turn.limits.state_bytes


def _is_too_big(op: StepRun | StepErrored, limits: Limits) -> bool:
    """Measure an output as it would be kept; an error is one too (`state/opcode.go`, Output)."""
    if isinstance(op, StepRun):
        return exceeds(op.data, limits.step_bytes - len('{"data":}'))
    error = op.error
    shape = {"error": {"name": error.name, "message": error.message, "stack": error.stack}}
    return exceeds(encode(shape), limits.step_bytes)


def _is_too_long(response: Response, limits: Limits) -> bool:
    if isinstance(response, Broken):
        return False
    return exceeds(write_response(response)[2], limits.response_bytes)


def _length_max(response: Response) -> int:
    """Add up the characters of what users gave, and guess more than the rest has."""
    length = _OP_LENGTH_GUESS
    if isinstance(response, Returned):
        length += len(response.output)
    elif not isinstance(response, Ops):
        return length + _error_length(response.error)
    for op in _told(response):
        length += len(op.name) + _OP_LENGTH_GUESS
        if isinstance(op, StepRun | InvokeFunction):
            length += len(op.data)
        elif isinstance(op, StepErrored):
            length += _error_length(op.error)
    return length


def _told(response: Response) -> tuple[Op, ...]:
    """The steps a response tells of."""
    if isinstance(response, Ops):
        return response.ops
    return response.steps if isinstance(response, Returned) else ()


def _error_length(error: ErrorBody) -> int:
    return len(error.name) + len(error.message) + len(error.stack or "")
