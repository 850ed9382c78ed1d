"""The shape of a recorded function: its settings, and the operations of its program.

Words of both SDKs are known here; whether a driver can play them is another question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from dwf_sim.conformance.shape import (
    Shape,
    anything,
    count,
    flag,
    integer,
    number,
    one_of,
    or_null,
    rows,
    table,
    text,
    wrong,
)

_Words: TypeAlias = tuple[Mapping[str, Shape], Mapping[str, Shape]]

_ERRORS = ("plain", "other", "non_retriable")
_ERRORS_TYPESCRIPT = (
    *_ERRORS,
    "error",
    "type_error",
    "unnamed",
    "cause",
    "fields",
    "aggregate",
    "non_retriable_cause",
    "non_retriable_subclass",
    "string",
    "object",
    "bare_object",
    "number",
    "null",
    "undefined",
)
_ERRORS_TIMED = re.compile(r"retry_after:\w+|retry_after_ms:\d+|retry_after_date:\d+(\.\d+)?")
_MODES = ("race", "any", "all_settled", "group_race", "group_all")

EVENT: Shape = table({"name": text}, {"data": anything, "id": text, "ts_offset": number})
"""An event that is sent."""


_ROOTS = (
    "out",
    "event",
    "events",
    "err",
    "error",
    "i",
    "attempt",
    "max_attempts",
    "entry",
    "ctx_keys",
)
_PYTHON = ("tuple", "set", "object", "bytes", "nan", "datetime", "fill")


def _value(path: str, value: Any) -> None:
    """Take a value, in which a text that begins with a dollar sign is a path."""
    if isinstance(value, str) and value.startswith("$"):
        if value[1:].partition(".")[0] not in _ROOTS:
            raise wrong(path, value, f"a path that begins with one of {', '.join(_ROOTS)}")
    elif isinstance(value, list):
        rows(_value)(path, value)
    elif isinstance(value, Mapping):
        for key, content in value.items():
            (one_of(*_PYTHON) if key == "$py" else _value)(f"{path}.{key}", content)


def _error(path: str, value: Any) -> None:
    is_timed = isinstance(value, str) and _ERRORS_TIMED.fullmatch(value)
    if not is_timed and value not in _ERRORS_TYPESCRIPT:
        raise wrong(
            path, value, f"retry_after:<duration> or one of {', '.join(_ERRORS_TYPESCRIPT)}"
        )


def program(path: str, value: Any) -> None:
    """Take a list of operations."""
    rows(_operation)(path, value)


def _operation(path: str, value: Any) -> None:
    table({"op": one_of(*_OPERATIONS)}, is_open=True)(path, value)
    required, optional = _OPERATIONS[value["op"]]
    table({"op": text, **required}, {"id": text, **optional})(path, value)
    if value["op"] == "sleep" and ("for" in value) == ("ms" in value):
        raise wrong(path, value, "a sleep with either for or ms")
    if value["op"] == "sleep_until" and ("at" in value) == ("text" in value):
        raise wrong(path, value, "a sleep_until with either at or text")
    if value["op"] == "wait" and ("timeout" in value) == ("timeout_ms" in value):
        raise wrong(path, value, "a wait with either timeout or timeout_ms")


_STEP: Mapping[str, Shape] = {"id": text}
_OPERATIONS: Mapping[str, _Words] = {
    "run": (
        _STEP,
        {
            "returns": _value,
            "takes": text,
            "fail": count,
            "error": _error,
            "crash": count,
            "body": program,
            "input": anything,
            "echo": flag,
            "name": text,
            "parallel_mode": text,
        },
    ),
    "sleep": (_STEP, {"for": text, "ms": number}),
    "sleep_until": (_STEP, {"at": number, "as": one_of("date", "iso", "ms"), "text": text}),
    "wait": (
        {**_STEP, "event": text},
        {"timeout": text, "timeout_ms": number, "if": text, "match": text},
    ),
    "invoke": (
        {**_STEP, "function": text},
        {"data": _value, "timeout": text, "reference": flag},
    ),
    "send": ({**_STEP, "events": rows(EVENT)}, {"single": flag}),
    "parallel": ({"branches": rows(program)}, {"mode": one_of(*_MODES)}),
    "try": ({"body": program, "catch": program}, {}),
    "raise": ({}, {"error": _error, "message": text, "fail": count, "tag": text}),
    "loop": ({"times": count, "body": program}, {}),
    "work": ({"takes": text}, {}),
    "when": ({"value": _value, "equals": _value, "body": program}, {"else": program}),
    "return": ({}, {"value": _value}),
    "signal": (
        {**_STEP, "signal": text, "timeout": text, "on_conflict": one_of("fail", "replace")},
        {},
    ),
    "send_signal": ({**_STEP, "signal": text}, {"data": _value}),
    "start": ({**_STEP, "body": program}, {}),
    "await": ({"of": text}, {}),
    "crash": ({}, {"times": count, "tag": text}),
    "mark": ({}, {"label": text}),
}


def _trigger(path: str, value: Any) -> None:
    is_cron = isinstance(value, Mapping) and "cron" in value
    table({"cron": text} if is_cron else {"event": text}, {} if is_cron else {"if": text})(
        path, value
    )


def _checkpointing(path: str, value: Any) -> None:
    words = {"buffered_steps": anything, "max_runtime": anything, "max_interval": anything}
    if not isinstance(value, bool):
        table({}, words)(path, value)


_CANCEL = table({"event": text}, {"if": text, "match": text, "timeout": text})
_KEY: Mapping[str, Shape] = {"key": or_null(text)}
_PERIOD: Mapping[str, Shape] = {"limit": integer, "period": text}

FUNCTION: Shape = table(
    {"id": text, "triggers": rows(_trigger), "body": program},
    {
        "on_failure": program,
        "retries": integer,
        "concurrency": rows(table({"limit": integer}, {**_KEY, "scope": text})),
        "throttle": table(_PERIOD, {"burst": integer, **_KEY}),
        "rate_limit": table(_PERIOD, _KEY),
        "debounce": table({"period": text}, {**_KEY, "timeout": text}),
        "batch_events": table({"max_size": integer}, {"timeout": text, "if": text, **_KEY}),
        "priority": table({"run": text}),
        "singleton": table({"mode": text}, _KEY),
        "idempotency": text,
        "cancel_on": rows(_CANCEL),
        "timeouts": table({}, {"start": text, "finish": text}),
        "raw_config": table({}, is_open=True),
        "checkpointing": _checkpointing,
        "optimize_parallelism": flag,
        "gateway_error": table({}, is_open=True),
        "response_delay": table({"for": text}, is_open=True),
    },
)
"""A function as it is recorded; what the server refuses of it has a place in it, too."""
