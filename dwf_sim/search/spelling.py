"""Spelling: faults and values as the Python that makes them, for tests that can be pasted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.faults import Fault, FaultPlan

_SPANS = ("by", "after", "at", "lasts", "for")


def spelled(fault: Fault) -> str:
    """Write the call that makes a fault: `dwf.crash.after_effect("charge")`.

    Raises `ConfigError` for one that holds an object of the user's.
    """
    (content,) = json.loads(FaultPlan([fault]).to_json())["faults"]
    kind = content.pop("kind")
    first = [content.pop(name) for name in ("step", "event") if name in content]
    words = [quoted(name) for name in first]
    words += [f"{_word(name)}={_value(name, value)}" for name, value in content.items()]
    return f"dwf.{kind}({', '.join(words)})"


def spelled_plan(faults: Iterable[Fault]) -> str:
    """Write a list of faults."""
    return f"[{', '.join(map(spelled, faults))}]"


def quoted(value: Any) -> str:
    """Write a value of JSON as Python, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(quoted, value)) + "]"
    return repr(value)


def span(ms: int) -> str:
    """Write a duration as it is best read, if that says it all."""
    text = format_duration(ms)
    return quoted(text) if ms > 0 and to_ms(text) == ms else str(ms)


def _word(name: str) -> str:
    return "for_" if name == "for" else name


def _value(name: str, value: Any) -> str:
    return span(value) if name in _SPANS and isinstance(value, int) else quoted(value)
