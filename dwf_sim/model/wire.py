"""Wire shapes: requests, ops and responses as the real SDKs write and read them (W1-W8).

The native driver and the engine exchange values; these functions are the same values in JSON,
so that a driver of a real SDK can stand in the native one's place.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never

from dwf_sim.dates import parse_rfc3339
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
from dwf_sim.model.payload import decode, encode

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, dict[str, str], str]  # Status, headers, body.

SDK, NO_RETRY, RETRY_AFTER = "x-inngest-sdk", "x-inngest-no-retry", "retry-after"
_NS_PER_MS = 1_000_000


def request_body(request: Request) -> Json:
    """Write the body of a request (W1)."""
    events = [decode(event.text()) for event in request.events]
    stack = list(request.memos)
    return {
        "event": events[0],
        "events": events,
        "steps": {key: decode(memo) for key, memo in request.memos.items()},
        "defers": {},
        "version": -1,
        "use_api": False,
        "ctx": {
            "fn_id": request.function_id,
            "run_id": request.run_id,
            "env": "dev",
            "step_id": request.target or "step",
            "attempt": request.attempt,
            "max_attempts": request.attempts_max,
            "disable_immediate_execution": request.plan_only,
            "use_api": False,
            "stack": {"stack": stack, "current": len(stack)},
        },
    }


def request_query(request: Request) -> dict[str, str]:
    """Write the query of a request: which function, and which step to run (W1)."""
    return {"fnId": request.function_id, "stepId": request.target or "step"}


def write_response(response: Ops | Returned | Threw) -> Answer:
    """Write a response as an SDK would: status, headers and body (W3-W5)."""
    headers = {SDK: "dwf_sim", "x-inngest-req-version": "2"}
    match response:
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


def read_response(status: int, headers: Mapping[str, str], body: str) -> Response:
    """Read what an SDK, or something in front of it, answered (A75, A81, A222, W3, W4)."""
    retry_at = _read_retry_after(headers.get(RETRY_AFTER))
    if SDK not in headers:
        return _read_foreign(status)
    if status == 206:
        content = json.loads(body)
        ops = content if isinstance(content, list) else [content]
        return Ops(tuple(op_from_wire(op) for op in ops), retry_at)
    if status < 300:
        return Returned(body)
    error = _error_from_wire(json.loads(body))
    return Threw(error, headers.get(NO_RETRY) != "true", retry_at, status)


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


def op_from_wire(written: Json) -> Op:
    """Read an op (W3, W6); one that is not known becomes `UnknownOp` (A22)."""
    opts = written.get("opts") or {}
    userland = written.get("userland") or {}
    step, kind, name = written["id"], written["op"], written.get("name") or ""
    title = str(userland.get("id", written.get("displayName") or name))
    index: int = userland.get("index") or 0
    about = (str(step), title, index)
    race = opts.get("parallelMode") == "race"
    match kind:
        case "StepRun" | "Step":
            return StepRun(*about, encode(written.get("data")), race)
        case "StepError" | "StepFailed":
            error = _error_from_wire(written["error"])
            return StepErrored(*about, error, kind == "StepFailed", race)
        case "StepPlanned":
            return StepPlanned(*about, race)
        case "Sleep":
            return Sleep(*about, _read_until(opts.get("duration") or name), race)
        case "WaitForEvent":
            event = opts.get("event") or name
            return WaitForEvent(*about, event, opts.get("timeout", ""), opts.get("if"), race)
        case "InvokeFunction":
            payload = opts.get("payload") or {}
            data, version = encode(payload.get("data") or {}), payload.get("v")
            timeout = opts.get("timeout") or ""
            return InvokeFunction(*about, opts["function_id"], data, version, timeout, race)
        case "WaitForSignal":
            conflict = opts.get("conflict", "fail")
            return WaitForSignal(*about, opts["signal"], opts.get("timeout", ""), conflict, race)
        case _:
            return UnknownOp(*about, str(kind), race)


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
            return {"op": op.op}
        case _:
            assert_never(op)


def _read_foreign(status: int) -> Broken:
    """Read an answer that does not come from an SDK (A81, A222)."""
    if status >= 500:
        message = f"Your server returned HTTP {status} before the SDK responded."
        return Broken(ErrorBody("Server returned a fatal error", message), is_body=True)
    return Broken(ErrorBody("Error", "not_sdk"))


def _error_to_wire(error: ErrorBody) -> Json:
    written = {"name": error.name, "message": error.message, "stack": error.stack}
    return written if error.code is None else {"code": error.code, **written}


def _error_from_wire(written: Json) -> ErrorBody:
    return ErrorBody(
        written.get("name") or "Error",
        written.get("message") or "",
        written.get("stack"),
        written.get("code"),
    )


def _write_retry_after(headers: dict[str, str], retry_at: int | None) -> None:
    if retry_at is not None:
        headers[RETRY_AFTER] = _iso(retry_at)


def _read_retry_after(text: str | None) -> int | None:
    at = parse_rfc3339(text) if text else None
    return None if at is None else at // _NS_PER_MS


def _read_until(text: str) -> int | str:
    at = parse_rfc3339(text) if "T" in text else None
    return text if at is None else at // _NS_PER_MS


def _iso(at: int) -> str:
    moment = datetime.datetime.fromtimestamp(at / 1000, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = [
    "op_from_wire",
    "op_to_wire",
    "read_response",
    "request_body",
    "request_query",
    "write_response",
]
