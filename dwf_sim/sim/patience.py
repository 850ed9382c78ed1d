"""Patience: how long a condition is waited for while nothing but crons is left to happen."""

from __future__ import annotations

from collections.abc import Callable

from dwf_sim.cron import parse_cron

_TICKS_MIN = 1000  # What a test may count to without saying so.
_ROUNDS = 2  # How often each schedule comes at least.


class Patience:
    """Lets crons tick a thousand times, and each schedule twice.

    A condition that has not held by then, while nothing else happens, hardly ever will; but the
    crons would go on for as many years as the budget allows.
    """

    def __init__(self) -> None:
        self._ticks = 0
        self._until: int | None = None  # When each schedule has come often enough.

    def allows(self, when: int, now: int, crons: Callable[[], list[str]]) -> bool:
        """Say whether to wait until the next tick; `crons` lists the schedules."""
        if self._until is None:
            self._until = max((_round_end(cron, now) for cron in crons()), default=now)
        self._ticks += 1
        return self._ticks <= _TICKS_MIN or when <= self._until


def _round_end(cron: str, now: int) -> int:
    at = now
    for _ in range(_ROUNDS):
        at = parse_cron(cron).next(at) or at  # None for a date that never comes again.
    return at
