"""The search for the next tick. It walks the wall clock of the schedule's zone from month to day
to hour to minute to second and starts again from the month whenever one of them wraps around.
Where the clocks change, the order of these moves decides which ticks are skipped and which come
twice, so the moves are the engine's own (robfig/cron v3 `spec.go`, Go's `time.Date`). Where the
clock runs evenly, which is nearly always, several moves are made as one.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

import attrs

HORIZON_YEARS = 5

_EPOCH = datetime(1970, 1, 1)
_SECOND, _DAY, _LONGER_THAN_A_MONTH = timedelta(seconds=1), timedelta(days=1), timedelta(days=32)
# The calendar repeats every 400 years, weekdays included, and so do the zones far from today.
_CYCLE_S = 146_097 * 86_400
_EARLIEST_S = -62_000_000_000  # in the year 5
_LATEST_S = 253_000_000_000  # in the year 9987


@attrs.frozen(kw_only=True)
class Pattern:
    """The wall-clock times a schedule names: bit n of a field stands for the value n."""

    minutes: int
    hours: int
    days: int
    months: int
    weekdays: int
    both_days: bool
    """Whether day and weekday must both match; else either is enough."""
    zone: tzinfo

    def has_day(self, day: int, weekday: int) -> bool:
        """Say whether a day of the month that is this weekday matches (B40)."""
        in_month, in_week = self.days >> day & 1, self.weekdays >> weekday & 1
        return bool(in_month and in_week if self.both_days else in_month or in_week)


def next_match(pattern: Pattern, after_s: int) -> int | None:
    """Find the first second after the given one that matches; None if five years hold none."""
    if not (pattern.minutes and pattern.hours and pattern.months):
        return None
    shift_s = _shift_into_calendar(after_s)
    found_s = start_s = after_s - shift_s
    while found_s <= after_s - shift_s:
        match_s = _search(pattern, start_s + 1)
        if match_s is None:
            return None
        # Where the clocks go back at 0:01 (St. John's, until 2011) the engine finds a moment that
        # is past, and then the same for ever. We deviate and look again from a minute later.
        found_s, start_s = match_s, start_s + 60
    return found_s + shift_s


def _search(pattern: Pattern, from_s: int) -> int | None:
    walk = _Walk(pattern, from_s)
    last_year = walk.wall.year + HORIZON_YEARS
    while walk.wall.year <= last_year:
        if walk.reaches_match():
            return walk.at_s
    return None


def _shift_into_calendar(at_s: int) -> int:
    """Give the whole cycles that bring a moment among the years a datetime can hold."""
    if _EARLIEST_S <= at_s < _LATEST_S:
        return 0
    return (at_s - _EARLIEST_S) // _CYCLE_S * _CYCLE_S


class _Walk:
    """A moment on its way to the next match, and the wall clock of the zone at that moment."""

    def __init__(self, pattern: Pattern, at_s: int) -> None:
        self._pattern = pattern
        # Only the first move rounds down: after it, all smaller fields stand at their start.
        self._is_rounded = False
        self._go_to(at_s)

    def reaches_match(self) -> bool:
        """Move on until every field matches, or only until one wraps around: then answer no."""
        return (
            self._reaches_month()
            and self._reaches_day()
            and self._reaches_hour()
            and self._reaches_minute()
            and self._reaches_second()
        )

    def _reaches_month(self) -> bool:
        while not self._pattern.months >> self.wall.month & 1:
            self._round_to(self.wall.replace(day=1, hour=0, minute=0, second=0))
            self._go_to_wall(_month_later(self.wall))
            if self.wall.month == 1:
                return False
        return True

    def _reaches_day(self) -> bool:
        while not self._pattern.has_day(self.wall.day, _weekday(self.wall)):
            self._round_to(self.wall.replace(hour=0, minute=0, second=0))
            self._skip_days()
            self._return_to_midnight()
            if self.wall.day == 1:
                return False
        return True

    def _reaches_hour(self) -> bool:
        while not self._pattern.hours >> self.wall.hour & 1:
            self._round_to(self.wall.replace(minute=0, second=0))
            self._skip(_distance(self._pattern.hours, self.wall.hour, 24), 3600)
            if self.wall.hour == 0:
                return False
        return True

    def _reaches_minute(self) -> bool:
        while not self._pattern.minutes >> self.wall.minute & 1:
            # Not by the wall clock: in a repeated hour that could lead back to its first pass.
            if not self._is_rounded:
                self._is_rounded = True
                self._go_to(self.at_s - self.at_s % 60)
            self._skip(_distance(self._pattern.minutes, self.wall.minute, 60), 60)
            if self.wall.minute == 0:
                return False
        return True

    def _reaches_second(self) -> bool:
        """Match second 0 only: a tick is a whole minute."""
        while self.wall.second != 0:
            self._is_rounded = True
            self._skip(60 - self.wall.second, 1)
            if self.wall.second == 0:
                return False
        return True

    def _go_to(self, at_s: int) -> None:
        self.at_s = at_s
        self.wall = self._wall(at_s)

    def _go_to_wall(self, wall: datetime) -> None:
        self._go_to(self._moment(wall))

    def _round_to(self, wall: datetime) -> None:
        if not self._is_rounded:
            self._is_rounded = True
            self._go_to_wall(wall)

    def _skip(self, count: int, step_s: int) -> None:
        """Take `count` steps at once if the clock runs evenly all the way, else a single one."""
        at_s = self.at_s + count * step_s
        if self._wall(at_s) - self.wall != count * step_s * _SECOND:
            at_s = self.at_s + step_s
        self._go_to(at_s)

    def _skip_days(self) -> None:
        count = self._days_to_match() if self.wall.hour == 0 else 1
        at_s = self._moment(self.wall + count * _DAY)
        if at_s - self.at_s != count * 86_400:
            at_s = self._moment(self.wall + _DAY)
        if at_s <= self.at_s:
            # The next day does not exist (Samoa left out 30 December 2011). The engine would try
            # it for ever; here it is passed over.
            at_s = self._moment(self.wall + 2 * _DAY)
        self._go_to(at_s)

    def _days_to_match(self) -> int:
        """Count the days to the next match, or to the first of the next month."""
        day, weekday = self.wall.day, _weekday(self.wall)
        remaining = monthrange(self.wall.year, self.wall.month)[1] - day
        for count in range(1, remaining + 1):
            if self._pattern.has_day(day + count, (weekday + count) % 7):
                return count
        return remaining + 1

    def _return_to_midnight(self) -> None:
        """Undo the hours by which a day without a midnight was missed.

        Going back from 1:00 lands on the day before, so that such a day can be lost as a whole.
        """
        if self.wall.hour > 12:
            self._go_to(self.at_s + (24 - self.wall.hour) * 3600)
        elif self.wall.hour > 0:
            self._go_to(self.at_s - self.wall.hour * 3600)

    def _wall(self, at_s: int) -> datetime:
        moment = _EPOCH + at_s * _SECOND
        zone = self._pattern.zone
        if zone is UTC:
            return moment
        return zone.fromutc(moment.replace(tzinfo=zone)).replace(tzinfo=None)

    def _moment(self, wall: datetime) -> int:
        """Find the moment of a wall-clock time, with Go's choice if there is none, or two.

        It takes the offset at the same time in UTC, corrects by it, and takes the offset there.
        """
        utc_s = (wall - _EPOCH) // _SECOND
        offset_s = self._offset_s(utc_s)
        return utc_s - self._offset_s(utc_s - offset_s) if offset_s else utc_s

    def _offset_s(self, at_s: int) -> int:
        return (self._wall(at_s) - _EPOCH) // _SECOND - at_s


def _month_later(wall: datetime) -> datetime:
    """Add a month; from the 31st to a shorter month runs over into the one after, as in Go."""
    first = wall.replace(day=1)
    return (first + _LONGER_THAN_A_MONTH).replace(day=1) + (wall.day - 1) * _DAY


def _weekday(wall: datetime) -> int:
    return wall.isoweekday() % 7


def _distance(bits: int, value: int, end: int) -> int:
    """Count the steps from a value to the next one in the set, or to the end of the field."""
    later = bits >> (value + 1)
    return (later & -later).bit_length() if later else end - value
