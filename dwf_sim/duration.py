"""Durations as people write them, in integer milliseconds.

Strings like "1h30m" live at the edge only: everything behind this file counts milliseconds.
"""

from __future__ import annotations

import datetime
import re

from dwf_sim.errors import DurationError

_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([a-zµ]+)")


def to_ms(value: int | str | datetime.timedelta) -> int:
    """Read a duration given by a user: "1h30m", a `timedelta`, or an int of milliseconds.

    Raises `DurationError` on anything else.
    """
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, datetime.timedelta):
        return round(value.total_seconds() * 1000)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise DurationError(
        f"duration is {value!r}; a duration is a text such as '1h30m', a timedelta, "
        "or an int of milliseconds"
    )


def parse_duration(text: str) -> int:
    """Read the engine's duration text (A91): numbers with units, "1h30m", "1.5h", "1w2d"."""
    body = text[1:] if text[:1] in ("+", "-") else text
    total, end = 0.0, 0
    for part in _PART.finditer(body):
        if part.start() != end or part[2] not in _UNITS_NS:
            break
        total, end = total + float(part[1]) * _UNITS_NS[part[2]], part.end()
    if not body or end != len(body):
        raise DurationError(
            f"duration is {text!r}; a duration is numbers with units "
            "(ns, us, ms, s, m, h, d, w), such as '90s' or '1h30m'"
        )
    return round(total / 1e6) * (-1 if text.startswith("-") else 1)


def format_duration(ms: int) -> str:
    """Write milliseconds as a duration text: 90000 is "1m30s"."""
    if ms == 0:
        return "0s"
    sign, rest, parts = ("-" if ms < 0 else ""), abs(ms), []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts)
