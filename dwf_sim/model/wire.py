"""Wire shapes: requests, ops and responses as the real SDKs write and read them (W1-W6).

The native driver and the engine exchange values; these functions are the same values in JSON,
so that a driver of a real SDK can stand in the native one's place. Left out are `job_id` and
`generation_id`, since a `Request` knows no queue item, and what the engine keeps of a run's
version (W8): the caller gives it.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias, assert_never

from dwf_sim.dates import parse_date, parse_rfc3339
from dwf_sim.errors import UnserializableError
from dwf_sim.given import shown
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Broken, Ops, Request, Response, Returned, Threw
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
)
from dwf_sim.model.payload import decode, encode, is_json, quote, refuse_constant

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, dict[str, str], str]  # Status, headers, body.

SDK, NO_RETRY, RETRY_AFTER = "x-inngest-sdk", "x-inngest-no-retry", "retry-after"
_NS_PER_MS = 1_000_000
_decoder = json.JSONDecoder(parse_constant=refuse_constant)  # `json.loads` makes one per call.
_SECONDS = re.compile(r"(?=.{1,7}$)[+]?[0-9]+")


class UnreadableError(ValueError):
    """What was answered has not the shape the engine reads."""


def request_body(request: Request, version: int = -1) -> str:
    """Write the body of a request (W1); version -1 is that of a run that has none yet.

    Events and memos are JSON already and are put in as they are.
    """
    events = [event.text() for event in request.events]
    keys = [quote(key) for key in request.memos]
    memos = [f"{key}:{memo}" for key, memo in zip(keys, request.memos.values(), strict=True)]
    return (
        f'{{"event":{events[0]},"events":[{",".join(events)}],"steps":{{{",".join(memos)}}},'
        f'"defers":{{}},"version":{version},"use_api":false,"ctx":{{'
        f'"fn_id":{quote(request.function_id)},"run_id":{quote(request.run_id)},"env":"dev",'
        f'"step_id":{quote(request.target or "step")},"attempt":{request.attempt},'
        f'"max_attempts":{request.attempts_max},'
        f'"disable_immediate_execution":{"true" if request.plan_only else "false"},'
        '"use_api":false,"qi_id":"",'  # Only checkpoints ask for this id, and there are none.
        f'"request_id":"{request.number}",'
        f'"stack":{{"stack":[{",".join(keys)}],"current":{len(keys)}}}}}}}'
    )


def request_query(request: Request) -> dict[str, str]:
    """Write the query of a request: which function, and which step to run (W1)."""
    return {"fnId": request.function_id, "stepId": request.target or "step"}


def write_response(response: Ops | Returned | Threw) -> Answer:
    """Write a response as an SDK would: status, headers and body (W3-W5)."""
    headers = {SDK: "dwf_sim", "x-inngest-req-version": "2"}
    match response:
        case Returned() if response.steps:
            return 206, headers, encode([*map(op_to_wire, response.steps), _complete(response)])
        case Returned():
            return 200, headers, response.output
        case Ops():
            if any(isinstance(op, StepErrored) and op.final for op in response.ops):
                headers[NO_RETRY] = "true"
            _write_retry_after(headers, response.retry_at)
            return 206, headers, encode([op_to_wire(op) for op in response.ops])
        case Threw():
            if not response.retriable:
                headers[NO_RETRY] = "true"
            _write_retry_after(headers, response.retry_at)
            return response.status, headers, encode(_error_to_wire(response.error))
        case _:
            assert_never(response)


def read_response(status: int, headers: Mapping[str, str], body: str, now: int) -> Response:
    """Read what an SDK, or something in front of it, answered (A75, A81, A222, W3, W4).

    Never raises for what was answered: what cannot be read is `Broken`. `now` is when it came.
    """
    fields = {name.lower(): text for name, text in headers.items()}
    try:
        if status == 201:
            status, body = _unwrap(fields, body)
        return _read(status, fields, body, now)
    except (UnreadableError, UnserializableError) as error:
        return Broken(ErrorBody("Error", str(error)))


def read_unwritten(status: int, headers: Mapping[str, str], content: object, now: int) -> Response:
    """Read an answer whose body is not written as JSON yet, as `read_response` does when it is.

    Of what is answered most, an output is written and need not be read back. Names of headers are
    in lower case. Raises `UnserializableError` for what cannot be written.
    """
    if SDK in headers and RETRY_AFTER not in headers:
        if status == 200 and is_json(text := encode(content)):
            return Returned(text)
        match content:
            case [{"op": "StepRun" | "Sleep", "userland": {}} as written] if status == 206:
                with suppress(UnreadableError, UnserializableError):  # It is said below.
                    op = op_from_wire(written)
                    if not isinstance(op, StepRun) or is_json(op.data):
                        return Ops((op,))
    return read_response(status, headers, encode(content), now)


def foreign_answer(status: int) -> Broken:
    """Make what the engine reads of an answer that does not come from an SDK (A81, A222)."""
    if status >= 500:
        message = f"Your server returned HTTP {status} before the SDK responded."
        return Broken(ErrorBody("Server returned a fatal error", message), is_body=True)
    return Broken(ErrorBody("Error", "not_sdk"))


def op_to_wire(op: Op) -> Json:
    """Write an op (W3, W6)."""
    userland: Json = {"id": op.name}
    if op.index:
        userland["index"] = op.index
    written: Json = {"id": op.hash, "name": op.name, "displayName": op.name, "userland": userland}
    written.update(_special(op))
    if op.race:
        written.setdefault("opts", {})["parallelMode"] = "race"
    return written


def op_from_wire(written: object) -> Op:
    """Read an op (W3, W6); one that is not known becomes `UnknownOp` (A22).

    Raises `UnreadableError` for one that lacks what its kind needs.
    """
    if not isinstance(written, dict):
        raise UnreadableError(f"an op is a JSON object, not a {type(written).__name__}")
    opts, userland = _object(written, "opts"), _object(written, "userland")
    name = _text(written, "name")
    title = _text(userland, "id") or _text(written, "displayName") or name
    index = userland.get("index") or 0
    if not isinstance(index, int):
        raise UnreadableError(f"index of an op is {shown(index)}, not an int")
    about = (_need(written, "id"), title, index)
    race = opts.get("parallelMode") == "race"
    match _need(written, "op"):
        case "StepRun" | "Step":
            return StepRun(*about, encode(written.get("data")), race)
        case "StepError" | "StepFailed" as kind:
            error = _error_from_wire(written.get("error"))
            return StepErrored(*about, error, kind == "StepFailed", race)
        case "StepPlanned":
            return StepPlanned(*about, race)
        case "Sleep":
            return Sleep(*about, _read_until(_text(opts, "duration") or name), race)
        case "WaitForEvent":
            event, expression = _text(opts, "event") or name, _text(opts, "if") or None
            return WaitForEvent(*about, event, _text(opts, "timeout"), expression, race)
        case "InvokeFunction":
            payload = _object(opts, "payload")
            data, version = encode(payload.get("data") or {}), _text(payload, "v") or None
            function_id, timeout = _need(opts, "function_id"), _text(opts, "timeout")
            return InvokeFunction(*about, function_id, data, version, timeout, race)
        case "WaitForSignal":
            signal, conflict = _need(opts, "signal"), _text(opts, "conflict") or "fail"
            return WaitForSignal(*about, signal, _text(opts, "timeout"), conflict, race)
        case unknown:
            return UnknownOp(*about, unknown, race, encode(opts))


def _complete(response: Returned) -> Json:
    """Write that the function is done as an op, as a request with checkpoints says it (A203)."""
    return {"id": step_hash("complete"), "op": "RunComplete", "data": decode(response.output)}


def _special(op: Op) -> Json:
    match op:
        case StepRun():
            return {"op": "StepRun", "data": decode(op.data)}
        case StepErrored():
            kind = "StepFailed" if op.final else "StepError"
            return {"op": kind, "error": _error_to_wire(op.error)}
        case StepPlanned():
            return {"op": "StepPlanned"}
        case Sleep():
            until = op.until if isinstance(op.until, str) else _iso(op.until)
            return {"op": "Sleep", "name": until}
        case WaitForEvent():
            opts = {"timeout": op.timeout, "if": op.expression}
            return {"op": "WaitForEvent", "name": op.event, "opts": opts}
        case InvokeFunction():
            payload = {"data": decode(op.data), "v": op.v}
            invoke = {"function_id": op.function_id, "payload": payload, "timeout": op.timeout}
            return {"op": "InvokeFunction", "opts": invoke}
        case WaitForSignal():
            signal = {"signal": op.signal, "timeout": op.timeout, "conflict": op.conflict}
            return {"op": "WaitForSignal", "opts": signal}
        case UnknownOp():
            return {"op": op.op, "opts": decode(op.opts)}
        case _:
            assert_never(op)


def _unwrap(fields: dict[str, str], body: str) -> tuple[int, str]:
    """Take a streamed answer out of its wrapper; its headers join those that came first (W4)."""
    wrapper = _parse(body, "error parsing stream: ")
    if not isinstance(wrapper, dict):
        raise UnreadableError("error parsing stream: the wrapper is no JSON object")
    status, inner = wrapper.get("status"), wrapper.get("body")
    if not isinstance(status, int):
        raise UnreadableError(f"error parsing stream: status is {shown(status)}, not an int")
    for name, text in _object(wrapper, "headers").items():
        fields[name.lower()] = str(text)
    return status, inner if isinstance(inner, str) else encode(inner)


def _read(status: int, fields: Mapping[str, str], body: str, now: int) -> Response:
    if SDK not in fields:
        return foreign_answer(status)
    retry_at = _read_retry_after(fields.get(RETRY_AFTER, ""), now)
    if status == 206:
        content = _parse(body, "error reading generator opcode response: ")
        ops = content if isinstance(content, list) else [content]
        last = ops[-1] if ops else None
        if isinstance(last, dict) and last.get("op") == "RunComplete":
            return Returned(encode(last.get("data")), _read_ran(ops[:-1]))
        read = tuple(op_from_wire(op) for op in ops)
        is_final = fields.get(NO_RETRY) == "true"
        return Ops(_last_tries(read) if is_final else read, retry_at)
    if status < 300:
        return Returned(_output(body))
    error = _error_from_wire(_parse(body, f"invalid status code: {status}: "))
    return Threw(error, fields.get(NO_RETRY) != "true", retry_at, status)


def _last_tries(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """Read a step's error in a response that forbids retries: it is final (A44, A75)."""
    match ops:
        case (StepErrored() as op,):
            return (StepErrored(op.hash, op.name, op.index, op.error, True, op.race),)
        case _:
            return ops


def _read_ran(ops: list[object]) -> tuple[StepRun, ...]:
    """Read the steps that a function that is done has not reported before (A203)."""
    steps = [op_from_wire(op) for op in ops]
    ran = tuple([op for op in steps if isinstance(op, StepRun)])
    if len(ran) < len(steps):
        raise UnreadableError("a function is done and reports more than steps that ran")
    return ran


def _parse(text: str, complaint: str) -> object:
    """Read JSON as the engine does: without Python's NaN and Infinity."""
    try:
        content: object = _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{complaint}{error}") from None
    return content


def _output(body: str) -> str:
    """A body that is no JSON is a text to the engine, and an empty one null (`ParseResponse`)."""
    try:
        _parse(body, "")
    except UnreadableError:
        return encode(body or None)
    return body.strip()


def _object(written: Json, key: str) -> Json:
    content = written.get(key) or {}
    if not isinstance(content, dict):
        raise UnreadableError(f"{key} of an op is {shown(content)}, not a JSON object")
    return content


def _text(written: Json, key: str) -> str:
    content = written.get(key) or ""
    if not isinstance(content, str):
        raise UnreadableError(f"{key} of an op is {shown(content)}, not a text")
    return content


def _need(written: Json, key: str) -> str:
    content = _text(written, key)
    if not content:
        raise UnreadableError(f"an op has no {key}: {shown(written)}")
    return content


def _error_to_wire(error: ErrorBody) -> Json:
    code = {} if error.code is None else {"code": error.code}
    stack = {"stack": error.stack} if error.has_stack else {}
    return {**code, "name": error.name, "message": error.message, **stack}


def _error_from_wire(written: object) -> ErrorBody:
    if not isinstance(written, dict):
        raise UnreadableError(f"an error is a JSON object, not {shown(written)}")
    return ErrorBody(
        _text(written, "name") or "Error",
        _text(written, "message"),
        _text(written, "stack") or None,
        _text(written, "code") or None,
        "stack" in written,
    )


def _write_retry_after(headers: dict[str, str], retry_at: int | None) -> None:
    if retry_at is not None:
        headers[RETRY_AFTER] = _iso(retry_at)


def _read_retry_after(text: str, now: int) -> int | None:
    """Read a short number as seconds from now, else a date (A65; httpdriver's `parse.go`)."""
    if not text:
        return None
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    if seconds > 0:
        return now // 1000 * 1000 + seconds * 1000
    at = parse_date(text)
    return None if at is None else at // _NS_PER_MS


def _read_until(text: str) -> int | str:
    at = parse_rfc3339(text) if "T" in text else None
    return text if at is None else at // _NS_PER_MS


def _iso(at: int) -> str:
    moment = datetime.datetime.fromtimestamp(at / 1000, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = [
    "UnreadableError",
    "foreign_answer",
    "op_from_wire",
    "op_to_wire",
    "read_response",
    "read_unwritten",
    "request_body",
    "request_query",
    "write_response",
]
