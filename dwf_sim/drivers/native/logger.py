"""`ctx.logger`: silent while a handler replays, so that a line is logged once (A210, A211)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from dwf_sim.drivers.native.entry import Entry
from dwf_sim.model.records import Logged

_METHODS = (
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

    A memo that nobody asks for keeps it silent for the whole request, as in the vendor's SDK.
    """

    def __init__(self, entry: Entry, logger: logging.Logger) -> None:
        self._entry = entry
        self._logger = logger

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._logger, name)
        return self._wrap(name, target) if name in _METHODS else target

    def _wrap(self, name: str, target: Callable[..., None]) -> Callable[..., None]:
        def log(*args: Any, **kwargs: Any) -> None:
            if self._entry.memos_unread:
                return
            level, words = (str(args[0]), args[1:]) if name == "log" else (name, args)
            text = str(words[0]) % words[1:] if len(words) > 1 else str(words[0]) if words else ""
            self._entry.bench.emit(Logged(self._entry.request.run_id, level, text))
            target(*args, **kwargs)

        return log
