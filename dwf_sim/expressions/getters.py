"""`getFullYear`, `getHours` and their kin, in UTC or in a zone that the text names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dwf_sim.expressions.calendar import HOUR, MINUTE, SECOND, Clock, clock_at
from dwf_sim.expressions.values import Duration, Failure, Timestamp

_PARTS: dict[str, Callable[[Clock], int]] = {
    "getFullYear": lambda clock: clock.year,
    "getMonth": lambda clock: clock.month - 1,
    "getDayOfYear": lambda clock: clock.day_of_year,
    "getDayOfMonth": lambda clock: clock.day - 1,
    "getDate": lambda clock: clock.day,
    "getDayOfWeek": lambda clock: clock.weekday,
    "getHours": lambda clock: clock.hour,
    "getMinutes": lambda clock: clock.minute,
    "getSeconds": lambda clock: clock.second,
    "getMilliseconds": lambda clock: clock.nanos // 10**6,
}
NAMES = tuple(_PARTS)
DURATION_UNITS = {
    "getHours": HOUR,
    "getMinutes": MINUTE,
    "getSeconds": SECOND,
    "getMilliseconds": 10**6,
}
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


def in_utc(name: str) -> Callable[[Timestamp], object]:
    """Make the getter of a part of an instant in UTC."""
    part = _PARTS[name]
    return lambda timestamp: part(clock_at(timestamp.nanos, 0))


def in_zone(name: str) -> Callable[[Timestamp, str], object]:
    """Make the getter of a part of an instant in a zone."""
    part = _PARTS[name]

    def get(timestamp: Timestamp, zone: str) -> object:
        offset_s = _offset_s(timestamp, zone)
        if isinstance(offset_s, Failure):
            return offset_s
        return part(clock_at(timestamp.nanos, offset_s))

    return get


def of_duration(name: str) -> Callable[[Duration], object]:
    """Make the getter of the whole units in a length of time."""
    unit = DURATION_UNITS[name]
    return lambda duration: abs(duration.nanos) // unit * (-1 if duration.nanos < 0 else 1)


def _offset_s(timestamp: Timestamp, zone: str) -> int | Failure:
    if ":" in zone:
        return _numeric_offset_s(zone)
    if zone in ("", "UTC", "Local"):
        return 0
    try:
        return _zone_offset_s(ZoneInfo(zone), timestamp.nanos // SECOND)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Failure(f"unknown time zone {zone}")


def _numeric_offset_s(zone: str) -> int | Failure:
    hours, _, minutes = zone.partition(":")
    for part in (hours, minutes):
        if not _WHOLE.fullmatch(part):
            return Failure(f'strconv.Atoi: parsing "{part}": invalid syntax')
    sign = -1 if zone.startswith("-") else 1
    return (int(hours) * 60 + sign * int(minutes)) * 60


def _zone_offset_s(zone: ZoneInfo, seconds: int) -> int:
    # Beyond the years a datetime can hold, the zone's first and last known offsets apply.
    bounded = min(max(seconds, -62_135_510_400), 253_402_214_400)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=bounded)
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None, "a zone has an offset at every moment"
    return int(offset.total_seconds())
