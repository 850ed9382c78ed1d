"""`ctx.logger` of an SDK function: what the SDK lets through is a fact of the trace as well."""

from __future__ import annotations

from typing import Any

from dwf_sim.drivers.base import Bench
from dwf_sim.drivers.native.logger import LOG_METHODS, logged


class VisitLogger:
    """Passes calls on to the SDK's logger, which is silent while a handler replays (A210-A212)."""

    def __init__(self, bench: Bench, run_id: str, filtered: Any, logger: Any) -> None:
        self._bench = bench
        self._run_id = run_id
        self._filtered = filtered
        self._logger = logger

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._filtered, name)
        if name not in LOG_METHODS or target != getattr(self._logger, name):
            return target  # The SDK gives one that does nothing while it is silent.

        def log(*args: Any, **kwargs: Any) -> None:
            self._bench.emit(logged(self._run_id, name, args))
            target(*args, **kwargs)

        return log
