"""What of a value differs from one machine to the next, and is told by a word instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

_ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SIZE = re.compile(r"Size \d+ bytes")  # Names were longer while recording.
_LONG = re.compile(r"(.)\1{199,}")  # Recordings tell only how long it is.
# Of these shapes recordings keep nothing of some fields; what user code returns keeps all of its.
_OF_ORIGIN = ("correlation_id", "source_app_id", "source_fn_id", "expire", "gid")
_OF_EVENT = ("ts", "user", "v")
_EVENT = {"name", "data", "id"}
_ERROR = {"name", "message", "stack"}


@attrs.define
class Labels:
    """What the ids of a simulation are called in an observation."""

    events: dict[str, str]
    runs: dict[str, str]


NO_LABELS = Labels({}, {})


def mask(given: Any, labels: Labels = NO_LABELS, key: str = "") -> Any:
    """Mask ids by their labels, and stacks, times, sizes and long texts by words.

    Stamps and origins are left out of an event, of what a system event says of its origin, and
    nowhere else; a stack is masked in an error.
    """
    if isinstance(given, str):
        return _mask_text(given, labels)
    if isinstance(given, list):
        return [mask(item, labels) for item in given]
    if not isinstance(given, Mapping):
        return given
    dropped = _dropped(given, key)
    is_error = given.keys() >= _ERROR
    return {
        _mask_text(name, labels): "<stack>"
        if name == "stack" and content and is_error
        else mask(content, labels, name)
        for name, content in given.items()
        if name not in dropped
    }


def _dropped(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Say which fields of an object recordings do not have."""
    if key == "_inngest":
        return _OF_ORIGIN
    if "_inngest" in given and "function_id" in given:
        return ("correlation_id",)
    is_event = _EVENT <= given.keys() <= {*_EVENT, *_OF_EVENT}
    return _OF_EVENT if is_event else ()


def _mask_text(text: str, labels: Labels) -> str:
    known = labels.runs.get(text) or labels.events.get(text)
    if known is not None:
        return known
    if text.startswith('{"'):
        text = _mask_json(text, labels)
    masked = _ULID.sub(lambda found: labels.runs.get(found[0], "<ulid>"), text)
    masked = _SIZE.sub("Size <n> bytes", _TIME.sub("<time>", masked))
    return _LONG.sub(lambda found: f"<{found[1]}*{len(found[0])}>", masked)


def _mask_json(text: str, labels: Labels) -> str:
    """Mask what is inside of an object that was written as a text."""
    try:
        return json.dumps(mask(json.loads(text), labels), sort_keys=True)
    except ValueError:
        return text
