"""Days, clocks and their texts as Go's `time` package writes them; all of it whole numbers.

Years run from 0 to 9999 (a date without a year is in year 0), which Python's datetime cannot hold.
"""

from __future__ import annotations

import attrs

from dwf_sim.expressions.values import Timestamp

SECOND = 1_000_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@attrs.frozen
class Clock:
    """An instant taken apart in one zone; `month` and `day` start at 1, `weekday` at Sunday=0."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    nanos: int
    weekday: int
    day_of_year: int


def days_in_month(year: int, month: int) -> int:
    """Count the days of a month in the Gregorian calendar."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTH_DAYS[month - 1]


def days_since_1970(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01 (the civil-day formula, counting years from March)."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + days - 719468


def clock_at(nanos: int, offset_s: int) -> Clock:
    """Take an instant apart in a zone that is `offset_s` east of Greenwich."""
    seconds, fraction = divmod(nanos + offset_s * SECOND, SECOND)
    days, second_of_day = divmod(seconds, 86400)
    year, month, day = _civil(days)
    hour, rest = divmod(second_of_day, 3600)
    day_of_year = days - days_since_1970(year, 1, 1)
    return Clock(
        year, month, day, hour, rest // 60, rest % 60, fraction, (days + 4) % 7, day_of_year
    )


def timestamp_text(timestamp: Timestamp) -> str:
    """Write an instant as Go prints one: `2024-01-02 03:04:05 +0000 UTC`."""
    clock = clock_at(timestamp.nanos, timestamp.offset_s)
    offset = _offset_text(timestamp.offset_s, "")
    return f"{_date(clock)} {_time(clock)} {offset} {timestamp.zone or offset}"


def rfc3339_text(timestamp: Timestamp) -> str:
    """Write an instant as `2024-01-02T03:04:05Z`, with as many decimals as it has."""
    clock = clock_at(timestamp.nanos, timestamp.offset_s)
    zone = _offset_text(timestamp.offset_s, ":") if timestamp.offset_s else "Z"
    return f"{_date(clock)}T{_time(clock)}{zone}"


def duration_text(nanos: int) -> str:
    """Write a length of time as Go prints one: `1h0m0s`, `1.5s`, `2ms`."""
    size, sign = abs(nanos), "-" if nanos < 0 else ""
    if size == 0:
        return "0s"
    if size < SECOND:
        unit, name = next(
            (unit, name) for unit, name in ((10**6, "ms"), (10**3, "µs"), (1, "ns")) if size >= unit
        )
        return f"{sign}{_decimal(size, unit)}{name}"
    hours, rest = divmod(size, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    hours_text = f"{hours}h" if hours else ""
    minutes_text = f"{minutes}m" if hours or minutes else ""
    return f"{sign}{hours_text}{minutes_text}{_decimal(rest, SECOND)}s"


def _civil(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719468, 146097)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    width = len(str(unit)) - 1
    return f"{whole}.{rest:0{width}d}".rstrip("0").rstrip(".") if rest else str(whole)


def _date(clock: Clock) -> str:
    return f"{clock.year:04d}-{clock.month:02d}-{clock.day:02d}"


def _time(clock: Clock) -> str:
    fraction = f".{clock.nanos:09d}".rstrip("0") if clock.nanos else ""
    return f"{clock.hour:02d}:{clock.minute:02d}:{clock.second:02d}{fraction}"


def _offset_text(offset_s: int, colon: str) -> str:
    minutes = abs(offset_s) // 60
    return f"{'-' if offset_s < 0 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"
