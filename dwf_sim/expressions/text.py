"""Writes values as Go's `%v` does: the text of a key (B218, ALG8) and of a `+` of two types.

Go writes the same value in three ways, depending on where it stands, and so must we:

- PLAIN: a piece of an event's JSON (`<nil>`, `[a b]`, `map[k:v]`);
- VALUE: the unwrapped value of a result (null is `NULL_VALUE`);
- INNER: an element of a list or map that the text built (null is `0`, an inner list `[a, b]`).

The work is a stack of pieces, not a recursion, because an event may nest as deep as it likes.
"""

from __future__ import annotations

import math
from decimal import Decimal

from dwf_sim.expressions.calendar import duration_text, timestamp_text
from dwf_sim.expressions.values import (
    MISSING,
    NOTHING,
    Collector,
    Duration,
    Failure,
    JoinedList,
    ListValue,
    MapValue,
    Timestamp,
    TypeValue,
    Uint,
    adapt,
)

PLAIN, VALUE, INNER = "plain", "value", "inner"
_NULLS = {PLAIN: "<nil>", VALUE: "NULL_VALUE", INNER: "0"}
_INNER_TYPES = {"list": "list(dyn)", "map": "map(dyn, dyn)"}
_RESULT_NAMES: dict[type, str] = {
    bool: "bool",
    str: "string",
    float: "double",
    int: "int",
    Uint: "uint",
    type(None): "null",
    list: "list",
    JoinedList: "list",
    dict: "map",
    ListValue: "[]ref.Val",
    Collector: "[]ref.Val",
    MapValue: "map[ref.Val]ref.Val",
    Timestamp: "time.Time",
    Duration: "time.Duration",
    bytes: "[]uint8",
    TypeValue: "string",
}

Piece = str | tuple[str, object]
"""A finished text, or a style and the value still to be written in it."""


def key_text(value: object) -> str:
    """Write a result as the text under which it is a key."""
    return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in go_text(value))


def type_name(value: object) -> str:
    """Name a result's type; types that JSON does not have keep Go's name."""
    return _RESULT_NAMES[type(value)]


def go_text(value: object, style: str = VALUE) -> str:
    """Write any value in one of the three styles."""
    written: list[str] = []
    waiting: list[Piece] = [(style, value)]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, str):
            written.append(piece)
        else:
            waiting.extend(reversed(_pieces(*piece)))
    return "".join(written)


def double_text(number: float) -> str:
    """Write a double with the fewest digits; an exponent below 1e-4 and from 1e6 (ALG8)."""
    if math.isnan(number) or math.isinf(number):
        return "NaN" if math.isnan(number) else ("+Inf" if number > 0 else "-Inf")
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int), "a finite double has an exponent"
    spelled = "".join(map(str, digits)).lstrip("0").rstrip("0") or "0"
    power = exponent + len(digits) - 1 if number else 0
    prefix = "-" if sign else ""
    return prefix + (_scientific(spelled, power) if _is_far(power) else _positional(number))


def _is_far(power: int) -> bool:
    return power < -4 or power >= 6


def _scientific(digits: str, power: int) -> str:
    point = "." if len(digits) > 1 else ""
    return f"{digits[0]}{point}{digits[1:]}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _positional(number: float) -> str:
    return format(Decimal(repr(abs(number))), "f").removesuffix(".0")


def _pieces(style: str, value: object) -> list[Piece]:
    value = adapt(value) if style == PLAIN else value
    match value:
        case list():
            return _list_pieces(style, PLAIN, value)
        case Collector() | ListValue():
            return _built_list_pieces(style, value)
        case dict():
            return _event_map_pieces(style, value)
        case MapValue():
            return _map_pieces(style, INNER, list(value.entries.values()))
        case _:
            return [_scalar_text(style, value)]


def _built_list_pieces(style: str, value: Collector | ListValue) -> list[Piece]:
    if isinstance(value, Collector):
        return _list_pieces(style, INNER, [] if style == VALUE else value.items)
    inner = VALUE if isinstance(value, JoinedList) and style == VALUE else INNER
    return _list_pieces(style, inner, list(value.items))


def _list_pieces(style: str, inner: str, items: list[object]) -> list[Piece]:
    separator = ", " if style == INNER else " "
    pieces: list[Piece] = ["["]
    for item in items:
        pieces += [(inner, item), separator]
    return [*(pieces[:-1] if items else pieces), "]"]


def _event_map_pieces(style: str, value: dict[str, object]) -> list[Piece]:
    if style != INNER:
        return _map_pieces(style, PLAIN, sorted(value.items()))
    entries: list[tuple[object, object]] = [(key, adapt(value[key])) for key in sorted(value)]
    return _map_pieces(style, INNER, entries)


def _map_pieces(style: str, inner: str, entries: list[tuple[object, object]]) -> list[Piece]:
    opening, colon, separator, closing = (
        ("{", ": ", ", ", "}") if style == INNER else ("map[", ":", " ", "]")
    )
    pieces: list[Piece] = [opening]
    for key, value in sorted(entries, key=_order):
        pieces += [(inner, key), colon, (inner, value), separator]
    return [*(pieces[:-1] if entries else pieces), closing]


def _order(entry: tuple[object, object]) -> tuple[str, float, str]:
    # Go sorts the keys of a printed map: numbers by size, everything else by text.
    key = entry[0]
    number = float(key) if isinstance(key, int | float) else 0.0
    return type(key).__name__, number, go_text(key, INNER)


def _scalar_text(style: str, value: object) -> str:
    match value:
        case None:
            return _NULLS[style]
        case bool():
            return "true" if value else "false"
        case float():
            return double_text(value)
        case bytes():
            return "[" + " ".join(str(byte) for byte in value) + "]"
        case Timestamp():
            return timestamp_text(value)
        case Duration(nanos):
            return duration_text(nanos)
        case TypeValue(name):
            return _INNER_TYPES.get(name, name) if style == INNER else name
        case Failure(message):
            return message
    assert value is not MISSING, "a missing value is never written"
    return "<nil>" if value is NOTHING else str(value)
