"""Equality and order of values across types (B209, B215).

Numbers of different types compare as doubles do in cel-go (types/compare.go): an int meets a
double by becoming one, digits lost or not. Lists and maps are equal element by element; the walk
is a stack, because an event may nest as deep as it likes.
"""

from __future__ import annotations

import math

from dwf_sim.expressions.literals import utf8
from dwf_sim.expressions.values import (
    INT_MAX,
    INT_MIN,
    NO_OVERLOAD,
    NOTHING,
    UINT_MAX,
    Duration,
    EngineFault,
    Failure,
    Timestamp,
    Uint,
    elements_of,
    find_key,
    keys_of,
    kind_of,
    size_of_map,
)

_NUMBERS = ("double", "int", "uint")
_NAN = Failure("NaN values cannot be ordered")
Pairs = list[tuple[object, object]]


def equal(left: object, right: object) -> bool:
    """Say whether two values are equal; values of different kinds are not, except numbers."""
    pairs: Pairs = [(left, right)]
    while pairs:
        inner = _inner_pairs(*pairs.pop())
        if inner is None:
            return False
        pairs += inner
    return True


def contains(items: object, wanted: object) -> bool:
    """Say whether a list has an element equal to this."""
    return any(equal(wanted, item) for item in elements_of(items))


def order(left: object, right: object) -> int | Failure:
    """Compare: negative, zero or positive; a failure where the types have no order."""
    kind, other = kind_of(left), kind_of(right)
    if kind in _NUMBERS:
        return _number_order(left, right) if other in _NUMBERS else NO_OVERLOAD
    if kind != other:
        return _unordered(kind, other)
    mine, yours = _sortable(left), _sortable(right)
    return (mine > yours) - (mine < yours)


def _sortable(value: object) -> tuple[bytes, int]:
    """Turn a value into a pair of the same order; texts are ordered by their bytes."""
    match value:
        case str():
            return utf8(value), 0
        case bytes():
            return value, 0
        case bool():
            return b"", int(value)
        case Timestamp(nanos) | Duration(nanos):
            return b"", nanos
    raise EngineFault(f"a value of type {kind_of(value)} has no order")


def _unordered(kind: str, other: str) -> Failure:
    if kind == "google.protobuf.Timestamp" and not other:
        raise EngineFault("an instant is compared with no value at all")
    if kind in ("list", "map", "null_type", "type", ""):
        raise EngineFault(f"a value of type {kind} has no order")
    return NO_OVERLOAD


def _number_order(left: object, right: object) -> int | Failure:
    assert isinstance(left, int | float), "a number is on the left"
    assert isinstance(right, int | float), "a number is on the right"
    if math.isnan(left) or math.isnan(right):
        return _NAN
    mine, yours = _meeting(left, right), _meeting(right, left)
    return (mine > yours) - (mine < yours)


def _meeting(number: int | float, other: int | float) -> int | float:
    """Turn an integer into a double if it meets one that lies within the integer's type."""
    if isinstance(number, float) or not isinstance(other, float):
        return number
    low, high = (0, UINT_MAX) if isinstance(number, Uint) else (INT_MIN, INT_MAX)
    return float(number) if float(low) <= other <= float(high) else number


def _inner_pairs(left: object, right: object) -> Pairs | None:
    """List the pairs that must be equal in turn; None if these two are not equal."""
    if left is NOTHING and right is not None:
        raise EngineFault("no value at all is compared")
    kind, other = kind_of(left), kind_of(right)
    if kind in _NUMBERS and other in _NUMBERS:
        return [] if _number_order(left, right) == 0 else None
    if kind != other:
        return None
    if kind == "list":
        mine, yours = elements_of(left), elements_of(right)
        return list(zip(mine, yours, strict=True)) if len(mine) == len(yours) else None
    if kind == "map":
        return _map_pairs(left, right)
    return [] if _is_same(left, right) else None


def _map_pairs(left: object, right: object) -> Pairs | None:
    if size_of_map(left) != size_of_map(right):
        return None
    pairs = [(find_key(left, key), find_key(right, key)) for key in keys_of(left)]
    return None if any(yours is NOTHING for _, yours in pairs) else pairs


def _is_same(left: object, right: object) -> bool:
    if isinstance(left, Timestamp) and isinstance(right, Timestamp):
        return left.nanos == right.nanos
    return left == right
