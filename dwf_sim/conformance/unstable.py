"""Unstable lists: facts whose number was not the same each time a case was recorded.

The place of such a list holds its samples instead, so that no fact of ours has a counterpart:
these lists are left out on both sides. Single values are compared with each sample elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FACTS = ("runs", "entries", "steps", "executions", "internal_events", "sends", "signals")
_TIMES = ("t", "start", "end", "queued", "received")


def settle(expected: Any, got: Any, key: str = "") -> tuple[Any, Any]:
    """Leave unstable lists out of a recording and of ours."""
    if is_unstable(expected):
        if key in _FACTS:
            return [], []
        return (_interval(expected) if key in _TIMES else expected), got
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        both = {name: settle(expected[name], got.get(name), name) for name in expected}
        ours = {name: both[name][1] for name in both if name in got}
        return {name: pair[0] for name, pair in both.items()}, {**got, **ours}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = [settle(*pair) for pair in zip(expected, got, strict=True)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return expected, got


def is_unstable(value: Any) -> bool:
    """Whether a place of a recording holds its samples."""
    return isinstance(value, Mapping) and value.keys() == {"unstable"}


def _interval(expected: Any) -> Any:
    """Make an interval of times; one that is missing in a sample has none."""
    known = [sample for sample in expected["unstable"] if sample is not None]
    return [min(known), max(known)] if len(known) == len(expected["unstable"]) else None
