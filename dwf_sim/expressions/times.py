"""Reads instants and lengths of time as Go's `time` package and the engine's `date` do (B217).

A layout is a list of small readers, each taking its part off the front of the text, because that
is how Go parses: several spellings (a one-digit hour, decimals after any second, any number of
spaces) are accepted although the layout does not show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from dwf_sim.expressions.arithmetic import TIMESTAMP_END, TIMESTAMP_MIN, TIMESTAMP_OVERFLOW
from dwf_sim.expressions.calendar import (
    HOUR,
    MINUTE,
    MONTHS,
    SECOND,
    WEEKDAYS,
    days_in_month,
    days_since_1970,
)
from dwf_sim.expressions.values import INT_MAX, NOTHING, Duration, Failure, Timestamp

_DATE_INT_MIN = 946_684_800
_HOURS = "2[0-3]|[01]?[0-9]"
_ZONE_NAME = (
    rf"ChST|MeST|GMT(?:[+-](?:{_HOURS}))?|WITA|[A-Z]{{3}}[A-Z]?T|[A-Z]{{3}}"
    r"|[+-](?:2[0-3]|[01][0-9])"
)
_SECONDS_END, _MILLISECONDS_END = 9_999_999_999, 9_999_999_999_999
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_DURATION_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<decimals>[0-9]*))?(?P<unit>[^0-9.]+)")


@attrs.define
class _Reading:
    """What has been read so far; absent parts keep Go's defaults."""

    rest: str
    year: int = 0
    month: int = 1
    day: int = 1
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanos: int = 0
    offset_s: int | None = None
    zone: str | None = None
    is_only_named: bool = False  # The offset is of a zone that Go made up to show.

    def take(self, pattern: str) -> str:
        """Take what matches off the front; raises `ValueError` if nothing does."""
        found = re.match(pattern, self.rest)
        if found is None:
            raise ValueError(pattern)
        self.rest = self.rest[found.end() :]
        return found[0]


_Reader = Callable[[_Reading], None]


def read_timestamp(text: str) -> object:
    """Read an RFC 3339 text: what `timestamp("…")` accepts."""
    timestamp = _read(_RFC3339, text)
    if timestamp is None:
        return Failure("type conversion error from 'string' to 'google.protobuf.Timestamp'")
    return timestamp if TIMESTAMP_MIN <= timestamp.nanos < TIMESTAMP_END else TIMESTAMP_OVERFLOW


def read_date(text: str) -> object:
    """Read a text in any of the layouts `date("…")` knows; NOTHING if it is in none."""
    for layout in _LAYOUTS:
        timestamp = _read(layout, text)
        if timestamp is not None:
            return timestamp
    return NOTHING


def date_of_int(value: int) -> object:
    """Read a number as seconds, milliseconds or nanoseconds by its size; NOTHING before 2000."""
    if value < _DATE_INT_MIN:
        return NOTHING
    if value < _SECONDS_END:
        return Timestamp(value * SECOND)
    return Timestamp(value * 10**6 if value < _MILLISECONDS_END else value)


def read_duration(text: str) -> Duration | None:
    """Read a length of time such as `1h30m` or `-1.5s`; None if it is not written like that."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if body == "0":
        return Duration(0)
    nanos, position = 0, 0
    while position < len(body):
        part = _DURATION_PART.match(body, position)
        length = None if part is None else _part_nanos(part)
        if part is None or length is None:
            return None
        nanos, position = nanos + length, part.end()
    is_valid = body != "" and nanos <= INT_MAX + (sign < 0)
    return Duration(sign * nanos) if is_valid else None


def _part_nanos(part: re.Match[str]) -> int | None:
    whole, decimals, unit = part["whole"], part["decimals"] or "", _UNITS.get(part["unit"])
    if unit is None or not (whole or decimals) or len(whole.lstrip("0")) > 19:
        return None
    # Eighteen decimals are more than a nanosecond of an hour can tell apart.
    fraction = int(decimals[:18] or "0") * (unit / 10 ** len(decimals[:18]))
    return int(whole or "0") * unit + int(fraction)


def _read(layout: tuple[_Reader, ...], text: str) -> Timestamp | None:
    reading = _Reading(text)
    try:
        for reader in layout:
            reader(reading)
    except ValueError:
        return None
    if reading.rest or not 1 <= reading.day <= days_in_month(reading.year, reading.month):
        return None
    return _timestamp(reading)


def _timestamp(reading: _Reading) -> Timestamp:
    days = days_since_1970(reading.year, reading.month, reading.day)
    seconds = days * 86400 + reading.hour * 3600 + reading.minute * 60 + reading.second
    offset = reading.offset_s or 0
    moved = 0 if reading.is_only_named else offset
    nanos = (seconds - moved) * SECOND + reading.nanos
    # An offset of zero is the engine's local zone, UTC; other zones keep the name they came with.
    default = "UTC" if offset == 0 else ""
    return Timestamp(nanos, offset, default if reading.zone is None else reading.zone)


def _number(field: str, pattern: str, low: int, high: int) -> _Reader:
    def read(reading: _Reading) -> None:
        value = int(reading.take(pattern))
        if not low <= value <= high:
            raise ValueError(field)
        setattr(reading, field, value)

    return read


def _text(text: str) -> _Reader:
    def read(reading: _Reading) -> None:
        # One space of a layout stands for any number of spaces.
        reading.take(re.escape(text).replace(r"\ ", " +"))

    return read


def _read_second(reading: _Reading) -> None:
    _number("second", "[0-9]{2}", 0, 59)(reading)
    decimals = reading.take(r"([.,][0-9]+)?")[1:10]
    reading.nanos = int(decimals.ljust(9, "0")) if decimals else 0


def _read_short_year(reading: _Reading) -> None:
    value = int(reading.take("[0-9]{2}"))
    reading.year = value + (1900 if value >= 69 else 2000)


def _read_month_name(reading: _Reading) -> None:
    name = reading.take("[A-Za-z]{3}").capitalize()
    reading.month = [month[:3] for month in MONTHS].index(name) + 1


def _weekday(pattern: str) -> _Reader:
    def read(reading: _Reading) -> None:
        reading.take(f"(?i:{pattern})")

    return read


def _read_padded_day(reading: _Reading) -> None:
    reading.take(" ?")
    reading.day = int(reading.take("[0-9]{1,2}"))


def _read_zulu_or_offset(reading: _Reading) -> None:
    _set_offset(reading, reading.take("Z|[+-][0-9]{2}:[0-9]{2}"))


def _read_offset(reading: _Reading) -> None:
    _set_offset(reading, reading.take("[+-][0-9]{4}"))


def _set_offset(reading: _Reading, spelled: str) -> None:
    digits = spelled[1:].replace(":", "") or "0000"
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 24 or minutes > 60:
        raise ValueError(spelled)
    reading.offset_s = (-1 if spelled[0] == "-" else 1) * (hours * 3600 + minutes * 60)


def _read_zone_name(reading: _Reading) -> None:
    name = reading.take(_ZONE_NAME)
    if name == "UTC":
        reading.zone, reading.offset_s = "UTC", 0  # The letters outdo an offset in digits.
        return
    reading.zone = name
    if name.startswith("GMT") and len(name) > 3 and reading.offset_s is None:
        # Go makes up a zone of this offset to show, and leaves the instant where it was.
        reading.offset_s, reading.is_only_named = int(name[3:]) * 3600, True


_YEAR = _number("year", "[0-9]{4}", 0, 9999)
_MONTH = _number("month", "[0-9]{2}", 1, 12)
_DAY = _number("day", "[0-9]{2}", 0, 99)
_CLOCK = (
    _number("hour", "[0-9]{1,2}", 0, 23),
    _text(":"),
    _number("minute", "[0-9]{2}", 0, 59),
    _text(":"),
    _read_second,
)
_SHORT_CLOCK = _CLOCK[:3]
_ISO_DAY = (_YEAR, _text("-"), _MONTH, _text("-"), _DAY)
_SHORT_WEEKDAY = _weekday("|".join(day[:3] for day in WEEKDAYS))
_LONG_WEEKDAY = _weekday("|".join(WEEKDAYS))
_SPACE = _text(" ")
_RFC3339 = (*_ISO_DAY, _text("T"), *_CLOCK, _read_zulu_or_offset)
_RFC822_DAY = (_DAY, _SPACE, _read_month_name, _SPACE, _read_short_year, _SPACE, *_SHORT_CLOCK)
_UNIX_DAY = (_SHORT_WEEKDAY, _SPACE, _read_month_name, _SPACE, _read_padded_day, _SPACE, *_CLOCK)
_STAMP = (_read_month_name, _SPACE, _read_padded_day, _SPACE, *_CLOCK)

_LAYOUTS: tuple[tuple[_Reader, ...], ...] = (
    _RFC3339,
    (*_ISO_DAY, _text("T"), *_CLOCK),
    (
        *(_SHORT_WEEKDAY, _text(", "), _DAY, _SPACE, _read_month_name, _SPACE, _YEAR, _SPACE),
        *(*_CLOCK, _SPACE, _read_zone_name),
    ),
    (*_RFC822_DAY, _SPACE, _read_zone_name),
    (*_RFC822_DAY, _SPACE, _read_offset),
    (
        *(_LONG_WEEKDAY, _text(", "), _DAY, _text("-"), _read_month_name, _text("-")),
        *(_read_short_year, _SPACE, *_CLOCK, _SPACE, _read_zone_name),
    ),
    (
        *(_SHORT_WEEKDAY, _SPACE, _read_month_name, _SPACE, _DAY, _SPACE, *_CLOCK, _SPACE),
        *(_read_offset, _SPACE, _YEAR),
    ),
    (*_UNIX_DAY, _SPACE, _read_zone_name, _SPACE, _YEAR),
    (*_UNIX_DAY, _SPACE, _YEAR),
    _STAMP,
    _ISO_DAY,
    (*_ISO_DAY, _SPACE, *_CLOCK, _SPACE, _read_offset, _SPACE, _read_zone_name),
)
"""pkg/dateutil's layouts in its order (RFC 1123, 822, 822Z, 850, Ruby, Unix, ANSI C, stamps, …)."""
