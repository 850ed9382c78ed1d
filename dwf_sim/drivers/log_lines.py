"""Log lines of user code: the simulation is told of each, by a factory of log records.

`ctx.logger` is not meant: it is silent while a handler replays.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from dwf_sim.drivers.outlets import running
from dwf_sim.places import is_machinery


class LogLines:
    """Listens between `start` and `stop`."""

    def __init__(self) -> None:
        self._make: Callable[..., logging.LogRecord] = logging.getLogRecordFactory()

    def start(self) -> None:
        """Listen."""
        self._make = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._note)

    def stop(self) -> None:
        """Put the factory back that was there."""
        logging.setLogRecordFactory(self._make)

    def _note(self, name: str, *args: Any, **kwargs: Any) -> logging.LogRecord:
        outlet = running()
        if outlet is not None and _is_users(sys._getframe(1)):
            outlet.note_outside(f"a line logged to {name!r}")
        return self._make(name, *args, **kwargs)


def _is_users(frame: FrameType | None) -> bool:
    """Say whether it is user code itself that calls a logger."""
    while frame is not None and frame.f_globals.get("__name__") == logging.__name__:
        frame = frame.f_back
    return frame is not None and not is_machinery(str(frame.f_globals.get("__name__", "")))
