"""The engine's two grammars of durations, to the nanosecond: a general one (xhit/go-str2duration),
and Go's own, without days and weeks, for batch timeouts. They differ in their units and in where
their integers overflow.
"""

import re
from itertools import accumulate, takewhile

import attrs

from dwf_sim.errors import DurationError
from dwf_sim.given import shown

NANOSECONDS_PER_MS = 1_000_000
NANOSECONDS_PER_SECOND = 1_000_000_000

_INT64_MAX = 2**63 - 1


def parse_duration_ns(text: str) -> int:
    """Read a text of the general grammar as nanoseconds, the engine's own precision."""
    return _parse(text, _GENERAL)


def parse_batch_timeout_ns(text: str) -> int:
    """Read a batch timeout as nanoseconds, the engine's own precision."""
    return _parse(text, _BATCH)


@attrs.frozen
class _Grammar:
    """What one of the engine's two parsers knows: its units, and where its integers overflow."""

    units: dict[str, int]
    largest: int


_CLOCK_UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter mu
    "ms": NANOSECONDS_PER_MS,
    "s": NANOSECONDS_PER_SECOND,
    "m": 60 * NANOSECONDS_PER_SECOND,
    "h": 3600 * NANOSECONDS_PER_SECOND,
}
_DAY_NS = 24 * _CLOCK_UNITS["h"]
# The general parser counts in signed 64 bits; Go's own, behind batch timeouts, in unsigned ones,
# so that it can also read the most negative duration.
_GENERAL = _Grammar({**_CLOCK_UNITS, "d": _DAY_NS, "w": 7 * _DAY_NS}, _INT64_MAX)
_BATCH = _Grammar(_CLOCK_UNITS, _INT64_MAX + 1)

# A number with an optional fraction, then everything up to the next number as its unit.
_TERM = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")


def _parse(text: str, grammar: _Grammar) -> int:
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    if unsigned == "0":
        return 0
    if not unsigned:
        raise _refusal(text, "it holds no number", grammar)
    total = _sum_of_terms(unsigned, text, grammar)
    if text[0] == "-":
        return -total
    if total > _INT64_MAX:
        raise _too_long(text, grammar)
    return total


def _sum_of_terms(unsigned: str, text: str, grammar: _Grammar) -> int:
    total, position = 0, 0
    while position < len(unsigned):
        term = _TERM.match(unsigned, position)
        assert term is not None, "every part of the pattern is optional"
        total += _term_ns(term, text, grammar)
        if total > grammar.largest:
            raise _too_long(text, grammar)
        position = term.end()
    return total


def _term_ns(term: re.Match[str], text: str, grammar: _Grammar) -> int:
    whole, fraction, unit = term[1], term[2] or "", term[3]
    if not whole and not fraction:
        raise _refusal(text, f"{shown(term[0] or text)} does not begin with a number", grammar)
    if not unit:
        raise _refusal(text, f"the number {shown(term[0])} has no unit", grammar)
    if unit not in grammar.units:
        raise _refusal(text, f"{shown(unit)} is not a unit", grammar)
    unit_ns = grammar.units[unit]
    count = _whole_number(whole, text, grammar)
    if count > grammar.largest // unit_ns:
        raise _too_long(text, grammar)
    return count * unit_ns + _fraction_ns(fraction, unit_ns, grammar)


def _whole_number(digits: str, text: str, grammar: _Grammar) -> int:
    significant = digits.lstrip("0")
    if len(significant) > len(str(grammar.largest)):
        raise _too_long(text, grammar)
    return int(significant or "0")


def _fraction_ns(digits: str, unit_ns: int, grammar: _Grammar) -> int:
    """Value the digits after the point in floating point, as the engine does.

    Digits beyond 64 bits are ignored, and enough leading zeros make the scale infinite.
    """
    values = list(
        takewhile(
            lambda value: value <= grammar.largest,
            accumulate((int(digit) for digit in digits), lambda value, digit: value * 10 + digit),
        )
    )
    if not values or not values[-1]:
        return 0
    scale = 1.0
    for _ in values:
        scale *= 10.0
    return int(float(values[-1]) * (float(unit_ns) / scale))


def _refusal(text: str, why: str, grammar: _Grammar) -> DurationError:
    units = ", ".join(unit for unit in grammar.units if unit.isascii())
    return DurationError(
        f"{shown(text)} is not a duration: {why}; a duration is numbers, each with one of the "
        f'units {units}, and no spaces: write it like "1h30m"'
    )


def _too_long(text: str, grammar: _Grammar) -> DurationError:
    return _refusal(text, "it is longer than 292 years", grammar)
