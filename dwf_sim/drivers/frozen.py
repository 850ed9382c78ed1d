"""The clock of user code: freezegun, started once for each drive of a simulation.

Starting it looks through every loaded module (1 to 8 ms), moving it costs well under a
microsecond, so it is started when a handler is first entered and moved with the virtual clock.
"""

from __future__ import annotations

import datetime
import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

_EPOCH = datetime.datetime(1970, 1, 1)


class FrozenClock:
    """Shows virtual time through `datetime.now`, `time.time` and the rest, in UTC."""

    def __init__(self) -> None:
        self._freezer: Any = None  # freezegun's own class for this has no public name.
        self._factory: FrozenDateTimeFactory | None = None
        self._zone: str | None = None
        self._inspection_limit = 0

    def start(self, now: int) -> None:
        """Freeze the clock at an instant in milliseconds since 1970."""
        import freezegun
        from freezegun import api

        # Freezegun shows the real time to callers whose stack holds one of its ignored modules,
        # `threading` among them; without looking at the stack it shows it to nobody.
        self._inspection_limit = api.call_stack_inspection_limit
        api.call_stack_inspection_limit = 0
        self._zone = os.environ.get("TZ")
        _set_zone("UTC")
        self._freezer = freezegun.freeze_time(_datetime(now))
        self._factory = self._freezer.start()

    def move_to(self, now: int) -> None:
        """Set the clock."""
        assert self._factory is not None, "the clock was started"
        self._factory.time_to_freeze = _datetime(now)

    def stop(self) -> None:
        """Show the real time again."""
        from freezegun import api

        self._freezer.stop()
        self._freezer = self._factory = None
        api.call_stack_inspection_limit = self._inspection_limit
        _set_zone(self._zone)


def _set_zone(zone: str | None) -> None:
    """Naive local times and UTC must agree, whatever the machine's zone is."""
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()


def _datetime(now: int) -> datetime.datetime:
    return _EPOCH + datetime.timedelta(milliseconds=now)
