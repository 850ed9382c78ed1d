"""A cron schedule, read and checked the way the engine does when a function is registered: five
fields and an optional time zone, no @daily, no seconds.
"""

import re
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import attrs

from dwf_sim.cron.fields import DAY, HOUR, MINUTE, MONTH, WEEKDAY, Field, read_field
from dwf_sim.cron.search import Pattern, next_match
from dwf_sim.errors import CronError

# The engine's bound (`pkg/inngest/trigger.go`), in bytes.
LENGTH_MAX = 255

_PREFIXES = ("TZ=", "CRON_TZ=")
_FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)
# Go's idea of white space; str.split() would also split at the separators \x1c to \x1f.
_SPACES = re.compile("[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@attrs.frozen
class Cron:
    """When a function starts by the clock.

    >>> parse_cron("TZ=Europe/Paris 0 9 * * MON-FRI").next(0)
    28800000
    """

    text: str
    pattern: Pattern

    def next(self, after_ms: int) -> int | None:
        """Find the first tick strictly after a moment; None if five years hold none."""
        tick_s = next_match(self.pattern, after_ms // 1000)
        return None if tick_s is None else tick_s * 1000


@lru_cache(maxsize=1024)
def parse_cron(text: str) -> Cron:
    """Read a schedule, or refuse it as registration does."""
    try:
        return Cron(text, _read(text))
    except CronError as error:
        shown = text if len(text) <= LENGTH_MAX else f"{text[:60]}..."
        raise CronError(f"{shown!r} isn't a valid cron schedule; {error}") from None


def _read(text: str) -> Pattern:
    length = len(text.encode("utf-8", "surrogatepass"))
    if length > LENGTH_MAX:
        raise CronError(f"it has {length} bytes; at most {LENGTH_MAX} are allowed: shorten it")
    zone, rest = _split_zone(text)
    minute, hour, day, month, weekday = map(read_field, _split_fields(rest), _FIELDS)
    return Pattern(
        minutes=minute.bits,
        hours=hour.bits,
        days=day.bits,
        months=month.bits,
        weekdays=weekday.bits,
        both_days=day.starred or weekday.starred,
        zone=zone,
    )


def _split_zone(text: str) -> tuple[tzinfo, str]:
    if not text.startswith(_PREFIXES):
        return UTC, text
    prefix, _, rest = text.partition(" ")
    return _find_zone(prefix.partition("=")[2]), rest


def _find_zone(name: str) -> tzinfo:
    # The engine runs its process in UTC, so that is what "Local" means there.
    if name in ("", "UTC", "Local"):
        return UTC
    try:
        # Where the system has no zone database (Windows), the tzdata package must be installed.
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CronError(
            f"there is no time zone {name!r}; a zone is a name of the tz database: "
            "write it like TZ=America/New_York 0 9 * * *"
        ) from None


def _split_fields(rest: str) -> list[str]:
    fields = [field for field in _SPACES.split(rest) if field]
    if fields and fields[0] in _DESCRIPTORS:
        raise CronError(f"names are not allowed here; write {_DESCRIPTORS[fields[0]]!r}")
    if len(fields) != len(_FIELDS):
        raise CronError(
            f"it has {len(fields)} fields; it must have five, {_field_names(_FIELDS)}, and before "
            "them at most a zone: write it like 0 9 * * MON-FRI or TZ=Europe/Paris 0 9 * * *"
        )
    return fields


def _field_names(fields: tuple[Field, ...]) -> str:
    return ", ".join(field.name for field in fields)
