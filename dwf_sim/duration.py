"""Lengths of time as people and SDKs write them. Inside the simulator a length of time is a whole
number of milliseconds; texts such as "1h30m" live at the edge only, and this file is that edge.
"""

from datetime import timedelta
from functools import lru_cache

from dwf_sim.dates import parse_date, parse_rfc3339
from dwf_sim.duration_grammar import (
    NANOSECONDS_PER_MS,
    NANOSECONDS_PER_SECOND,
    parse_batch_timeout_ns,
    parse_duration_ns,
)
from dwf_sim.errors import DurationError
from dwf_sim.given import shown

# The engine looks for a date only in texts of at least this many bytes ("2026-11-20").
_DATE_LENGTH_MIN = 10


@lru_cache(maxsize=4096)
def parse_duration(text: str) -> int:
    """Read a text of the general grammar ("1h30m", "2w3d", "-1.5s") as milliseconds.

    What is finer than a millisecond is cut off, towards zero.
    """
    return _whole_ms(parse_duration_ns(text))


def parse_batch_timeout(text: str) -> int:
    """Read a batch timeout as milliseconds: days and weeks are not allowed there."""
    return _whole_ms(parse_batch_timeout_ns(text))


def parse_sleep(text: str, now_ms: int) -> int:
    """Read how long a sleep lasts from `now_ms`: a date or a duration, as an SDK sends it."""
    if not text:
        return 0
    if len(text.encode("utf-8", "surrogatepass")) >= _DATE_LENGTH_MIN:
        until_ns = parse_date(text)
        if until_ns is not None:
            return max(0, _to_whole_seconds(until_ns - now_ms * NANOSECONDS_PER_MS))
    return parse_duration(text)


def parse_timeout(text: str, now_ms: int) -> int:
    """Read how long a wait lasts from `now_ms`: a duration, or a moment written as in RFC 3339."""
    if not text:
        return 0
    try:
        return parse_duration(text)
    except DurationError:
        until_ns = parse_rfc3339(text)
        if until_ns is None:
            raise
        return until_ns // NANOSECONDS_PER_MS - now_ms


def to_ms(value: int | str | timedelta) -> int:
    """Read what a user may pass as a length of time: "1h30m", a timedelta, or milliseconds."""
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return _divide_towards_zero(value // timedelta(microseconds=1), 1000)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise DurationError(
        f"{shown(value)} is a {type(value).__name__}; a duration is a text such as "
        '"1h30m", a timedelta, or a whole number of milliseconds (int): pass one of these'
    )


def format_duration(ms: int) -> str:
    """Write milliseconds as the shortest readable text that parses back to them."""
    if ms < 0:
        return "-" + format_duration(-ms)
    if 0 < ms < 1000:
        return f"{ms}ms"
    parts = []
    for unit, size_ms in _WRITTEN_UNITS:
        count, ms = divmod(ms, size_ms)
        if count:
            parts.append(f"{count}{unit}")
    if ms or not parts:
        parts.append(_format_seconds(ms))
    return "".join(parts)


_WRITTEN_UNITS = (
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
)


def _whole_ms(nanoseconds: int) -> int:
    return _divide_towards_zero(nanoseconds, NANOSECONDS_PER_MS)


def _to_whole_seconds(nanoseconds: int) -> int:
    """Round to the nearest second, halves away from zero, and give it in milliseconds."""
    doubled = 2 * abs(nanoseconds) + NANOSECONDS_PER_SECOND
    seconds = doubled // (2 * NANOSECONDS_PER_SECOND)
    return seconds * 1000 if nanoseconds >= 0 else -seconds * 1000


def _divide_towards_zero(value: int, divisor: int) -> int:
    return value // divisor if value >= 0 else -(-value // divisor)


def _format_seconds(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{seconds}{fraction}s"
