"""`ctx.logger`: silent while a handler replays, so that a line is logged once (A210, A211)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from dwf_sim.drivers.native.entry import Entry
from dwf_sim.model.records import Logged

LOG_METHODS = (
    "critical",
    "debug",
    "error",
    "exception",
    "fatal",
    "info",
    "log",
    "warn",
    "warning",
)


class RunLogger:
    """Passes calls on to the app's logger and the trace, once no memo is left to be read.

    A memo that nobody asks for keeps it silent for the whole request, as in the SDK (A210).
    """

    def __init__(self, entry: Entry, logger: logging.Logger) -> None:
        self._entry = entry
        self._logger = logger

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._logger, name)
        return self._wrap(name, target) if name in LOG_METHODS else target

    def _wrap(self, name: str, target: Callable[..., None]) -> Callable[..., None]:
        def log(*args: Any, **kwargs: Any) -> None:
            if self._entry.unread:
                return
            self._entry.bench.emit(logged(self._entry.request.run_id, name, args))
            target(*args, **kwargs)

        return log


def logged(run_id: str, method: str, args: tuple[Any, ...]) -> Logged:
    """Make the record of a call of one of a logger's methods."""
    level, words = (str(args[0]), args[1:]) if method == "log" else (method, args)
    return Logged(run_id, level, _text(*words))


def _text(message: object = "", *words: Any) -> str:
    """Format as the standard library does: arguments that do not fit are no error of the caller."""
    if not words:
        return str(message)
    only = words[0]
    try:
        return str(message) % (only if isinstance(only, Mapping) and len(words) == 1 else words)
    except (TypeError, ValueError, KeyError):
        return str(message)
