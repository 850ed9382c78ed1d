"""What a driver must have to play a recording: the needs it says, and those its program shows.

The recordings of the TypeScript SDK name what they need in broad words. Some of their programs use
what only that SDK has, whatever they are about; these are told apart here, by the program alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPESCRIPT = "ts-sdk-behaviour"
"""The result comes from the TypeScript SDK itself."""

WORKER_FAULTS = "worker-faults"
"""Answers that do not come from the SDK, late ones, and connections closed outside of steps."""

CRASHES = "crashes"
"""A worker that dies in a step: the part of `worker-faults` that every driver has."""

ERROR_KINDS = "error-kinds"
"""Errors that the Python SDK cannot tell apart: with a cause, or of classes without their name."""

_ERRORS = ("plain", "other", "fields", "non_retriable")
_ERRORS_TIMED = ("retry_after", "retry_after_ms", "retry_after_date")
_TYPESCRIPT_WORDS = {
    "run": ("body", "input", "echo", "name", "parallel_mode"),
    "send": ("single",),
    "sleep": ("ms",),
    "sleep_until": ("text",),
    "wait": ("timeout_ms",),
}
_TYPESCRIPT_VALUES = ("$js", "$type_of")
_TYPESCRIPT_PATH = "$ctx_keys"
_SPANS = ("for", "timeout")
_SHARED_SPAN = re.compile(r"\d+[smhd]")  # That SDK reads parts of seconds and two units otherwise.


def needs_of(case: Mapping[str, Any]) -> tuple[str, ...]:
    """List what a case needs; one that names no needs takes what every driver has."""
    if "needs" not in case:
        return ()
    functions = case["functions"]
    has_faults = any(_has_other_faults(function) for function in functions)
    said = [CRASHES if need == WORKER_FAULTS and not has_faults else need for need in case["needs"]]
    return tuple(dict.fromkeys([*said, *_shown(functions)]))


def _has_other_faults(function: Mapping[str, Any]) -> bool:
    is_in_front = "gateway_error" in function or "response_delay" in function
    return is_in_front or any(op.get("op") == "crash" for op in _tables(function))


def _shown(functions: list[Any]) -> Iterator[str]:
    for table in _tables(functions):
        words = _TYPESCRIPT_WORDS.get(table.get("op", ""), ())
        if any(word in table for word in (*words, *_TYPESCRIPT_VALUES)):
            yield TYPESCRIPT
        spans = [table[key] for key in _SPANS if "op" in table and key in table]
        if not all(_SHARED_SPAN.fullmatch(str(span)) for span in spans):
            yield TYPESCRIPT
        if _TYPESCRIPT_PATH in table.values():
            yield TYPESCRIPT
        kind, _, detail = str(table.get("error", "plain")).partition(":")
        if table.get("op") in ("run", "raise") and kind not in (
            _ERRORS_TIMED if detail else _ERRORS
        ):
            yield ERROR_KINDS


def _tables(given: Any) -> Iterator[Mapping[str, Any]]:
    """Walk through all that is written with keys."""
    if isinstance(given, Mapping):
        yield given
    inner = given.values() if isinstance(given, Mapping) else given
    for content in inner if isinstance(given, Mapping | list) else ():
        yield from _tables(content)
