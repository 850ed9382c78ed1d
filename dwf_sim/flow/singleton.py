"""Singleton: only one run at a time, and either the new one or the old one goes (B123-B128)."""

from __future__ import annotations

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Displace, Skip, Verdict

_Lock = tuple[str, str]  # The function and the value of its key.


class Singletons(Admission):
    """Remembers which run holds the lock of a function and key, from its scheduling on (B124)."""

    name = "singleton"

    def __init__(self, quirks: Quirks | None = None) -> None:  # noqa: ARG002  # The contract.
        self._holders: dict[_Lock, str] = {}
        self._locks: dict[str, _Lock] = {}

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.singleton is not None

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Skip the new run or displace the old one, while there is an old one."""
        lock = _lock(now, arrival)
        holder = None if lock is None else self._holders.get(lock)
        if lock is None or holder is None:
            return PASS
        settings = arrival.function.singleton
        assert settings is not None, "only a singleton has a lock"
        key = f" with {settings.key} = {lock[1]!r}" if settings.key is not None else ""
        if settings.mode == "skip":
            return Skip(f"run {holder}{key} has not ended")
        self.ended(holder)  # Whatever becomes of the new run (B126).
        return Displace(holder, f"singleton: displaced by a newer run{key}")

    def scheduled(self, now: int, arrival: Arrival) -> None:
        """Take the lock for a run that was let in."""
        lock = _lock(now, arrival)
        if lock is not None:
            self._holders[lock] = arrival.run_id
            self._locks[arrival.run_id] = lock

    def ended(self, run_id: str) -> None:
        """Give the lock of a run back."""
        lock = self._locks.pop(run_id, None)
        if lock is not None:
            del self._holders[lock]


def _lock(now: int, arrival: Arrival) -> _Lock | None:
    """Find the lock a run needs; none when its key is false, missing or has no value (B123)."""
    settings = arrival.function.singleton
    if settings is None:
        return None
    if settings.key is None:
        return arrival.function.id, ""
    try:
        key = compile_expression(settings.key)
        if key.declines(arrival.event.view, now_ms=now):
            return None
        return arrival.function.id, key.key(arrival.event.view, now_ms=now)
    except (EvaluationError, ExpressionError):
        return None
