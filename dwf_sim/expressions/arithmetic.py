"""`+ - * / %` and the sign: same types only, 64 bits, every overflow a failure (B213, B214)."""

from __future__ import annotations

import math
from collections.abc import Callable

from dwf_sim.expressions.values import (
    INT_MAX,
    INT_MIN,
    NO_OVERLOAD,
    UINT_MAX,
    Collector,
    Duration,
    Failure,
    JoinedList,
    Timestamp,
    Uint,
    elements_of,
    kind_of,
)

TIMESTAMP_MIN = -62_135_596_800 * 10**9
TIMESTAMP_END = 253_402_300_800 * 10**9
INT_OVERFLOW = Failure("integer overflow")
UINT_OVERFLOW = Failure("unsigned integer overflow")
TIMESTAMP_OVERFLOW = Failure("timestamp overflow")


def add(left: object, right: object) -> object:
    """Add two values of one type, or a duration to an instant."""
    match left, right:
        case float(), float():
            return left + right
        case str(), str():
            return left + right
        case bytes(), bytes():
            return left + right
        case Duration(mine), Duration(yours):
            return _duration(mine + yours)
        case (Timestamp() as start, Duration(nanos)) | (Duration(nanos), Timestamp() as start):
            return _shifted(start, nanos)
    if kind_of(left) == "list" and kind_of(right) == "list":
        return _joined(left, right)
    return _whole(left, right, lambda mine, yours: mine + yours)


def subtract(left: object, right: object) -> object:
    """Subtract two values of one type, or a duration from an instant."""
    match left, right:
        case float(), float():
            return left - right
        case (Timestamp(mine), Timestamp(yours)) | (Duration(mine), Duration(yours)):
            return _duration(mine - yours)
        case Timestamp(), Duration(nanos):
            # The engine negates first, so the smallest duration cannot be subtracted.
            return _shifted(left, -nanos) if nanos > INT_MIN else INT_OVERFLOW
    return _whole(left, right, lambda mine, yours: mine - yours)


def multiply(left: object, right: object) -> object:
    """Multiply two numbers of one type."""
    if isinstance(left, float) and isinstance(right, float):
        return left * right
    return _whole(left, right, lambda mine, yours: mine * yours)


def divide(left: object, right: object) -> object:
    """Divide two numbers of one type; integers towards zero, doubles into infinity."""
    if isinstance(left, float) and isinstance(right, float):
        return left / right if right else _by_zero(left, right)
    if right == 0 and type(left) is type(right):
        return Failure("division by zero")
    return _whole(left, right, _towards_zero)


def modulo(left: object, right: object) -> object:
    """Take the remainder of two integers; it has the sign of the first."""
    if right == 0 and type(left) is type(right):
        return Failure("modulus by zero")
    if left == INT_MIN and right == -1:
        return INT_OVERFLOW
    return _whole(left, right, lambda mine, yours: mine - yours * _towards_zero(mine, yours))


def negate(value: object) -> object:
    """Change the sign of a number or a duration."""
    match value:
        case bool():
            return NO_OVERLOAD
        case float():
            return -value
        case Duration(nanos):
            return _duration(-nanos)
    assert isinstance(value, int), "only numbers and durations have a sign"
    return _int(-value)


def _joined(left: object, right: object) -> object:
    items = elements_of(right)
    if isinstance(left, Collector):
        left.items.extend(items)
        return left
    if not elements_of(left):
        return right
    return JoinedList((*elements_of(left), *items)) if items else left


def _whole(left: object, right: object, combine: Callable[[int, int], int]) -> object:
    if type(left) is int and type(right) is int:
        return _int(combine(left, right))
    if isinstance(left, Uint) and isinstance(right, Uint):
        result = combine(int(left), int(right))
        return Uint(result) if 0 <= result <= UINT_MAX else UINT_OVERFLOW
    return NO_OVERLOAD


def _int(value: int) -> object:
    return value if INT_MIN <= value <= INT_MAX else INT_OVERFLOW


def _duration(nanos: int) -> object:
    return Duration(nanos) if INT_MIN <= nanos <= INT_MAX else INT_OVERFLOW


def _shifted(start: Timestamp, nanos: int) -> object:
    moved = start.nanos + nanos
    if not TIMESTAMP_MIN <= moved < TIMESTAMP_END:
        return TIMESTAMP_OVERFLOW
    return Timestamp(moved, start.offset_s, start.zone)


def _by_zero(left: float, right: float) -> float:
    if left == 0 or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _towards_zero(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient
