"""Moments as texts. A sleep may be sent as a date, and the engine recognises it by trying a list
of layouts (`pkg/dateutil/dateutil.go`), each as forgiving as Go is: the day of the week is not
compared with the date, a fraction of a second may follow wherever seconds stand, and a zone given
by its letters counts as UTC.
"""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# A layout without a year means the year 0, which datetime lacks. The year 4 is as long past and
# has a 29 February too.
_YEAR_ZERO = 4


def parse_date(text: str) -> int | None:
    """Read a moment in any layout the engine knows, as nanoseconds since 1970; else None."""
    for layout in _LAYOUTS:
        moment_ns = _parse_layout(text, layout)
        if moment_ns is not None:
            return moment_ns
    return None


def format_rfc3339(at: int) -> str:
    """Write an instant in milliseconds as RFC 3339 in UTC, cut to whole seconds."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def format_instant(at: int) -> str:
    """Write an instant in milliseconds as reports do, with its milliseconds."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def parse_rfc3339(text: str) -> int | None:
    """Read a moment such as 2026-11-20T09:00:00Z, as nanoseconds since 1970; else None."""
    return _parse_layout(text, _RFC3339)


_YEAR, _YEAR_OF_CENTURY = r"(?P<year>[0-9]{4})", r"(?P<short_year>[0-9]{2})"
_MONTH, _MONTH_NAME = r"(?P<month>[0-9]{2})", rf"(?P<month_name>(?i:{'|'.join(_MONTHS)}))"
_DAY, _LOOSE_DAY = r"(?P<day>[0-9]{2})", r"(?P<day>[0-9]{1,2})"
_WEEKDAY = r"(?i:mon|tue|wed|thu|fri|sat|sun)"
_LONG_WEEKDAY = r"(?i:mon|tues|wednes|thurs|fri|satur|sun)(?i:day)"
_HOUR_MINUTE = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
_CLOCK = _HOUR_MINUTE + r":(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?"
_OFFSET = r"(?P<sign>[+-])(?P<offset_hour>[0-9]{2})(?P<offset_minute>[0-9]{2})"
_COLON_OFFSET = r"(?P<sign>[+-])(?P<offset_hour>[0-9]{2}):(?P<offset_minute>[0-9]{2})"
_HOURS = r"[+-](?:[01]?[0-9]|2[0-3])"
_LETTERS = (
    rf"(?=.{{3}})(?:(?P<utc>UTC)|GMT{_HOURS}|ChST|MeST|WITA|[A-Z]{{3}}|[A-Z]{{3,4}}T|{_HOURS})"
)


def _layout(*parts: str) -> re.Pattern[str]:
    """Join the parts of a layout; where it has a space, any number of spaces may stand."""
    return re.compile(" +".join(parts))


_DATE = f"{_YEAR}-{_MONTH}-{_DAY}"
_RFC3339 = _layout(rf"{_DATE}T{_CLOCK}(?:Z|{_COLON_OFFSET})")
_LAYOUTS = (
    _RFC3339,
    _layout(rf"{_DATE}T{_CLOCK}"),
    _layout(rf"{_WEEKDAY},", _DAY, _MONTH_NAME, _YEAR, _CLOCK, _LETTERS),
    _layout(_DAY, _MONTH_NAME, _YEAR_OF_CENTURY, _HOUR_MINUTE, _LETTERS),
    _layout(_DAY, _MONTH_NAME, _YEAR_OF_CENTURY, _HOUR_MINUTE, _OFFSET),
    _layout(rf"{_LONG_WEEKDAY},", f"{_DAY}-{_MONTH_NAME}-{_YEAR_OF_CENTURY}", _CLOCK, _LETTERS),
    _layout(_WEEKDAY, _MONTH_NAME, _DAY, _CLOCK, _OFFSET, _YEAR),
    _layout(_WEEKDAY, _MONTH_NAME, _LOOSE_DAY, _CLOCK, _LETTERS, _YEAR),
    _layout(_WEEKDAY, _MONTH_NAME, _LOOSE_DAY, _CLOCK, _YEAR),
    _layout(_MONTH_NAME, _LOOSE_DAY, _CLOCK),
    _layout(_DATE),
    _layout(_DATE, _CLOCK, _OFFSET, _LETTERS),
)


def _parse_layout(text: str, layout: re.Pattern[str]) -> int | None:
    match = layout.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict(default="")
    offset_s = _offset_s(parts)
    wall = _wall(parts)
    if wall is None or offset_s is None:
        return None
    nanoseconds = int(parts.get("fraction", "")[:9].ljust(9, "0"))
    return ((wall - _EPOCH) // _SECOND - offset_s) * 1_000_000_000 + nanoseconds


def _wall(parts: dict[str, str]) -> datetime | None:
    """Give the moment the clock parts name if it were UTC; None where no such moment exists."""
    try:
        return _EPOCH.replace(
            year=_year(parts),
            month=_month(parts),
            day=int(parts["day"]),
            hour=int(parts.get("hour") or 0),
            minute=int(parts.get("minute") or 0),
            second=int(parts.get("second") or 0),
        )
    except ValueError:
        return None


def _year(parts: dict[str, str]) -> int:
    if short := parts.get("short_year"):
        return int(short) + (1900 if int(short) >= 69 else 2000)
    return int(parts.get("year") or 0) or _YEAR_ZERO


def _month(parts: dict[str, str]) -> int:
    if name := parts.get("month_name"):
        return _MONTHS.index(name.lower()) + 1
    return int(parts["month"])


def _offset_s(parts: dict[str, str]) -> int | None:
    """Give the zone's offset, None where it is out of Go's range; the letters UTC outdo it."""
    if sign := parts.get("sign"):
        hours, minutes = int(parts["offset_hour"]), int(parts["offset_minute"])
        if hours > 24 or minutes > 60:
            return None
        if parts.get("utc"):
            return 0
        return (hours * 3600 + minutes * 60) * (-1 if sign == "-" else 1)
    return 0
