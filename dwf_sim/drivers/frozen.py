"""The clock of user code: freezegun, started once for each drive of a simulation.

Moving it costs well under a microsecond, so it is started when a handler is first entered and
moved with the virtual clock. It is shown no other modules, through all of which it would look at
every start (4 to 8 ms, and 1 ms if told to ignore them); `copies.py` does that for all stand-ins
at once.
"""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

_EPOCH = datetime.datetime(1970, 1, 1)

_NUDGES_MAX = 999  # In a millisecond, so that the clock never goes back.

_NO_MODULES = SimpleNamespace(modules={})  # All that freezegun looks for in `sys`.

# What freezegun replaces in its own module, and what code elsewhere may hold a copy of.
_SHOWN = (
    (datetime, ("datetime", "date")),
    (time, ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    (time, ("localtime", "gmtime", "strftime")),
)


class FrozenClock:
    """Shows virtual time through `datetime.now`, `time.time` and the rest, in UTC."""

    def __init__(self) -> None:
        self._freezer: Any = None  # freezegun's own class for this has no public name.
        self._factory: FrozenDateTimeFactory | None = None
        self._zone: str | None = None
        self._decision: Any = None
        self._ahead = 0
        self._now = 0
        self._nudges = -1  # The first at an instant changes nothing.
        self._counting: tuple[Callable[[], float], Callable[[], int]] | None = None

    def start(self, now: int) -> list[tuple[object, object]]:
        """Freeze the clock at an instant in milliseconds since 1970; tell originals and stand-ins.

        There are none where the user's own freezegun is at work, which has replaced them already.
        """
        import freezegun
        from freezegun import api

        # A thread that was there before, such as the event loop of a Dask worker, has its own
        # timers. Those that user code starts live in virtual time with it. Freezegun itself shows
        # the real time to callers whose stack holds one of its ignored modules, `threading` among
        # them. Its limit for looking stays, since a thread may be about to ask it.
        others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
        self._decision = api._should_use_real_time
        api._should_use_real_time = lambda: threading.get_ident() in others
        self._zone = os.environ.get("TZ")
        _set_zone("UTC")
        self._freezer = freezegun.freeze_time(self._datetime(now))
        real = _shown()
        with _alone():
            self._factory = self._freezer.start()
        if self._ahead:
            self._uncouple()
        return [pair for pair in zip(real, _shown(), strict=True) if pair[0] is not pair[1]]

    @property
    def strangers(self) -> tuple[str, ...]:
        """Beginnings of the names of modules that keep the real clock."""
        from freezegun import config

        return ("freezegun", *config.settings.default_ignore_list)

    def move_to(self, now: int) -> None:
        """Set the clock."""
        assert self._factory is not None, "the clock was started"
        self._factory.time_to_freeze = self._datetime(now)

    def nudge(self) -> None:
        """Show a microsecond more than at the nudge before, if that was at the same instant."""
        self._nudges = min(self._nudges + 1, _NUDGES_MAX)
        self.move_to(self._now)

    def shift(self, ahead: int) -> None:
        """Show so many milliseconds more from the next move on: somebody has set the clock.

        Clocks that only count, such as `time.monotonic`, cannot be set.
        """
        self._ahead = ahead
        if self._factory is not None:
            self._uncouple()

    def _uncouple(self) -> None:
        """Freezegun derives the clocks that count from the one that can be set."""
        from freezegun import api

        if self._counting is None:
            self._counting = api._get_fake_monotonic, api._get_fake_monotonic_ns
        seconds, nanoseconds = self._counting
        api._get_fake_monotonic = lambda: seconds() - self._ahead / 1000
        api._get_fake_monotonic_ns = lambda: nanoseconds() - self._ahead * 1_000_000

    def stop(self) -> None:
        """Show the real time again."""
        from freezegun import api

        with _alone():
            self._freezer.stop()
        self._freezer = self._factory = None
        if self._counting is not None:
            api._get_fake_monotonic, api._get_fake_monotonic_ns = self._counting
            self._counting = None
        api._should_use_real_time = self._decision
        _set_zone(self._zone)

    def _datetime(self, now: int) -> datetime.datetime:
        if now != self._now:
            self._now, self._nudges = now, -1
        more = max(self._nudges, 0)
        return _EPOCH + datetime.timedelta(milliseconds=now + self._ahead, microseconds=more)


@contextmanager
def _alone() -> Iterator[None]:
    """Have freezegun see no module but itself meanwhile."""
    from freezegun import api

    names = vars(api)
    real = names["sys"]
    names["sys"] = _NO_MODULES
    try:
        yield
    finally:
        names["sys"] = real


def _shown() -> list[object]:
    return [getattr(module, name) for module, names in _SHOWN for name in names]


def _set_zone(zone: str | None) -> None:
    """Naive local times and UTC must agree, whatever the machine's zone is."""
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()
