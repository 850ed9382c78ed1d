"""`int(x)`, `string(x)` and their kin: which types they take and what they make of them."""

from __future__ import annotations

import math
import re

from dwf_sim.expressions.arithmetic import (
    INT_OVERFLOW,
    TIMESTAMP_END,
    TIMESTAMP_MIN,
    TIMESTAMP_OVERFLOW,
    UINT_OVERFLOW,
)
from dwf_sim.expressions.calendar import SECOND, rfc3339_text
from dwf_sim.expressions.literals import utf8
from dwf_sim.expressions.text import double_text, go_text
from dwf_sim.expressions.times import read_duration, read_timestamp
from dwf_sim.expressions.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    Duration,
    Failure,
    Timestamp,
    TypeValue,
    Uint,
    kind_of,
)

_INT = re.compile(r"[+-]?[0-9]+")
_UINT = re.compile(r"[0-9]+")
_DOUBLE = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity|nan))"
)
_HEX_DOUBLE = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")
_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
_DURATION, _TIMESTAMP = "google.protobuf.Duration", "google.protobuf.Timestamp"


def to_type(value: object) -> object:
    """Name a value's type, as a value."""
    return TypeValue(kind_of(value))


def to_bool(value: object) -> object:
    """Read a text as strconv.ParseBool does."""
    if isinstance(value, bool):
        return value
    assert isinstance(value, str), "bool() takes bool and string"
    return _BOOLS.get(value, _unreadable("bool"))


def to_bytes(value: object) -> object:
    """Encode a text."""
    return utf8(value) if isinstance(value, str) else value


def to_int(value: object) -> object:
    """Truncate a double, read a text, or count a duration's nanoseconds or a time's seconds."""
    match value:
        case float():
            is_inside = float(INT_MIN) < value < float(INT_MAX)
            return int(value) if is_inside else INT_OVERFLOW
        case str():
            return _whole(value, _INT, INT_MIN, INT_MAX, "int")
        case Duration(nanos):
            return nanos
        case Timestamp(nanos):
            return nanos // SECOND
    assert isinstance(value, int), "int() takes numbers, texts and times"
    return int(value) if value <= INT_MAX else INT_OVERFLOW


def to_uint(value: object) -> object:
    """Truncate a double, read a text, or take an int that is not negative."""
    match value:
        case float():
            return Uint(value) if 0 <= value < 2.0**64 else UINT_OVERFLOW
        case str():
            whole = _whole(value, _UINT, 0, UINT_MAX, "uint")
            return whole if isinstance(whole, Failure) else Uint(whole)
    assert isinstance(value, int), "uint() takes numbers and texts"
    return Uint(value) if value >= 0 else UINT_OVERFLOW


def to_double(value: object) -> object:
    """Read a text as strconv.ParseFloat does, or widen an integer."""
    if not isinstance(value, str):
        assert isinstance(value, int | float), "double() takes numbers and texts"
        return float(value)
    if _HEX_DOUBLE.fullmatch(value):
        return _hexadecimal(value)
    if not _DOUBLE.fullmatch(value):
        return _unreadable("double")
    number = float(value)
    is_too_large = math.isinf(number) and "n" not in value.lower()
    return _unreadable("double") if is_too_large else number


def to_string(value: object) -> object:
    """Write a scalar; a time as RFC 3339, a duration as its seconds."""
    match value:
        case bytes():
            return _decoded(value)
        case Timestamp():
            return rfc3339_text(value)
        case Duration(nanos):
            return _seconds_text(nanos)
    return go_text(value)


def to_duration(value: object) -> object:
    """Read a text; the engine declares a conversion from int and has none."""
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        return Failure(f"type conversion error from 'int' to '{_DURATION}'")
    duration = read_duration(value)
    return _unreadable(_DURATION) if duration is None else duration


def to_timestamp(value: object) -> object:
    """Read an RFC 3339 text, or take an int as seconds since 1970."""
    match value:
        case str():
            return read_timestamp(value)
        case int():
            nanos = value * SECOND
            is_inside = TIMESTAMP_MIN <= nanos < TIMESTAMP_END
            return Timestamp(nanos) if is_inside else TIMESTAMP_OVERFLOW
    return value


def _unreadable(name: str) -> Failure:
    return Failure(f"type conversion error from 'string' to '{name}'")


def _whole(text: str, pattern: re.Pattern[str], low: int, high: int, name: str) -> int | Failure:
    # More than twenty significant digits are out of every range; Python would refuse thousands.
    if not pattern.fullmatch(text) or len(text.lstrip("+-0")) > 20:
        return _unreadable(name)
    value = int(text)
    return value if low <= value <= high else _unreadable(name)


def _hexadecimal(text: str) -> object:
    try:
        return float.fromhex(text)
    except OverflowError:
        return _unreadable("double")


def _decoded(value: bytes) -> object:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return Failure("invalid UTF-8 in bytes, cannot convert to string")


def _seconds_text(nanos: int) -> str:
    seconds = float(nanos // SECOND if nanos >= 0 else -(-nanos // SECOND))
    rest = nanos - int(seconds) * SECOND
    number = seconds + rest / SECOND
    text = double_text(number)
    return f"{text if 'e' not in text else format(number, '.17g')}s"
