"""Replays of what one handler has left with another, for either driver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from dwf_sim.histories import History, Replayed, Replayer, record
from tests.histories.shop import served

__tracebackhide__ = True  # What a handler does is reported at its own line.

Handler = Callable[[Any], Awaitable[Any]]


def recorded(handler: Handler, driver: str = "native", *, retries: int = 3) -> History:
    """Record a handler that needs nothing but its first event."""
    return record(served(handler, driver, retries=retries), "order/created").histories[0]


def replayed(
    before: Handler, after: Handler, driver: str = "native", *, retries: int = 3, **options: Any
) -> Replayed:
    """Replay what one handler has left with another."""
    history = recorded(before, driver, retries=retries)
    return Replayer(history, **options).replay(served(after, driver, retries=retries))


def kinds(found: Replayed) -> dict[str, str]:
    """Give the class of each boundary by its title."""
    return {verdict.title: verdict.kind for verdict in found.verdicts}


def one() -> int:
    return 1
