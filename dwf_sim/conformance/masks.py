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
# Stamps, and fields of which recordings keep nothing.
_DROPPED = ("ts", "user", "correlation_id", "source_app_id", "source_fn_id", "expire", "gid", "v")


@attrs.define
class Labels:
    """What the ids of a simulation are called in an observation."""

    events: dict[str, str]
    runs: dict[str, str]


NO_LABELS = Labels({}, {})


def mask(given: Any, labels: Labels = NO_LABELS) -> Any:
    """Mask ids by their labels, and stacks, times, sizes and long texts by words."""
    if isinstance(given, str):
        return _mask_text(given, labels)
    if isinstance(given, list):
        return [mask(item, labels) for item in given]
    if isinstance(given, Mapping):
        return {
            _mask_text(key, labels): "<stack>"
            if key == "stack" and content
            else mask(content, labels)
            for key, content in given.items()
            if key not in _DROPPED
        }
    return given


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
