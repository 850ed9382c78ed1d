"""What becomes of values and errors that leave user code (A66-A77)."""

from __future__ import annotations

import datetime
import traceback
from typing import Any

from dwf_sim.drivers.native.call import StepCall
from dwf_sim.drivers.unwritten import UNWRITTEN, complain_of_unwritten
from dwf_sim.duration import to_ms
from dwf_sim.errors import (
    DurationError,
    FunctionConfigInvalidError,
    NonRetriableError,
    RetryAfterError,
    SendEventsError,
    StepError,
    UnserializableError,
    UsageError,
)
from dwf_sim.model.messages import Broken, Ops, Response, Returned, Threw
from dwf_sim.model.ops import ErrorBody, StepErrored, StepRun
from dwf_sim.model.payload import decode, encode, is_json, json_complaint

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (StepError, "step_errored"),
    (NonRetriableError, "non_retriable_error"),
    (RetryAfterError, "retry_after_error"),
    (FunctionConfigInvalidError, "function_config_invalid"),
    (SendEventsError, "send_event_failed"),
)

_NESTED = ErrorBody("CodedError", "Nested steps are not supported.", None, "step_nested")


def returned(output: object) -> Returned | Threw:
    """Turn what a handler returned into a response (A51, A76)."""
    try:
        text = encode(output)
    except UnserializableError:
        return _unserializable("returned unserializable data", output)
    return Returned(text if is_json(text) else encode(text))


def ran(call: StepCall, output: object) -> Response:
    """Turn what a step's body returned into a response; without JSON, the request fails (A76)."""
    try:
        text = encode(output)
    except UnserializableError:
        return _unserializable(f'"{call.name}" returned unserializable data', output)
    complaint = json_complaint(text)
    if complaint is None:
        return Ops((StepRun(call.hash, call.name, call.index, text, call.race),))
    return Broken(ErrorBody("Error", f"error reading generator opcode response: {complaint}"))


def nested(call: StepCall) -> Response:
    """Answer that a step was asked for inside the body of another (A42)."""
    return Ops((StepErrored(call.hash, call.name, call.index, _NESTED, True, call.race),))


def step_raised(call: StepCall, error: Exception, now: int, *, is_last: bool) -> Ops:
    """Turn what a step's body raised into a response (A68, A69, A70)."""
    final = is_last or not is_retriable(error)
    op = StepErrored(call.hash, call.name, call.index, error_body(error), final, call.race)
    if isinstance(error, RetryAfterError) and not final:
        return Ops((op,), retry_time(error, now))
    return Ops((op,))


def thrown(error: BaseException, now: int) -> Threw:
    """Turn an error that left the handler into a response (A65, A67, A72, A74)."""
    try:
        retry_at = retry_time(error, now) if isinstance(error, RetryAfterError) else None
    except DurationError as bad:  # Of a subclass that keeps something else there.
        return Threw(error_body(bad), is_retriable(bad))
    return Threw(error_body(error), is_retriable(error), retry_at)


def unexpected(call: StepCall) -> Threw:
    """Answer that a step was met which is not the one to run (A41)."""
    message = f'found step "{call.name}" when targeting a different step'
    return Threw(ErrorBody("StepUnexpectedError", message, None, "step_unexpected"), True)


def is_retriable(error: BaseException) -> bool:
    """Say whether trying again could help."""
    if isinstance(error, StepError | UsageError):
        return error.is_retriable
    return not isinstance(error, NonRetriableError)


def error_body(error: BaseException) -> ErrorBody:
    """Write an error for the wire; a step's error keeps its original name and stack (A77)."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "unknown")
    if isinstance(error, StepError):
        return ErrorBody(error.name, error.message, error.stack, code)
    stack = "".join(traceback.format_exception(error))
    return ErrorBody(type(error).__name__, _text(error), stack, code)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # As `traceback` does: a broken __str__ must not hide the error.
        return "<exception str() failed>"


def retry_time(error: RetryAfterError, now: int) -> int:
    """Say when a RetryAfterError asks to be retried, in milliseconds since 1970 (A66)."""
    retry_after: Any = getattr(error, "retry_after", None)
    if isinstance(retry_after, datetime.datetime):
        return instant_ms(retry_after)
    return now + to_ms(retry_after)


def instant_ms(at: datetime.datetime) -> int:
    """Read a datetime as milliseconds since 1970; naive ones are local time, here UTC (A95)."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.UTC)
    return round(at.timestamp() * 1000)


def recall(call: StepCall) -> object:
    """Read a step's memo; raises `StepError` when it holds an error (A14, A71)."""
    assert call.memo is not None, "only a step that has its memo is recalled"
    content = decode(call.memo)
    if type(content) is dict and len(content) == 1 and "data" in content:
        return content["data"]  # Nearly all.
    if isinstance(content, dict) and content.keys() <= {"data", "error"}:
        error = content.get("error")
        if isinstance(error, dict):
            raise StepError(
                str(error.get("message", "")),
                name=str(error.get("name", "Error")),
                stack=error.get("stack"),
            )
        return content.get("data")
    return content


def _unserializable(message: str, output: object) -> Threw:
    complain_of_unwritten(message, output)
    body = ErrorBody("OutputUnserializableError", message, None, UNWRITTEN, has_stack=False)
    return Threw(body, True)
