"""External effects: a stand-in for a service that remembers what it was made to do."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import attrs

from dwf_sim.drivers.base import Outlet

T = TypeVar("T")


@attrs.frozen
class LedgerCall:
    """One call of a service. `is_repeat` marks a known key, which has no further effect."""

    operation: str
    key: str | None
    value: object
    is_repeat: bool


class Ledger:
    """A service outside, such as a payment provider: `stripe = Ledger("stripe")`.

    `stripe.call("charge", key="order-1", value={"id": "ch_1"})` returns the value. A key makes
    the call idempotent, as such services do: a second call with it changes nothing and returns
    what the first one returned. Inside a simulation each call is also a record of its trace.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[LedgerCall] = []
        self._first: dict[tuple[str, str], object] = {}

    def call(self, operation: str, *, key: str | None = None, value: T) -> T:
        """Make an effect and return its value; with a known key, only the first one's value."""
        outlet: Outlet | None = getattr(asyncio._get_running_loop(), "outlet", None)
        is_repeat = key is not None and (operation, key) in self._first
        if outlet is not None:
            outlet.note_effect(self.name, operation, key, is_repeat=is_repeat)
        self.calls.append(LedgerCall(operation, key, value, is_repeat))
        if key is None:
            return value
        first: T = self._first.setdefault((operation, key), value)  # type: ignore[assignment]  # Of this operation.
        return first

    def count(self, operation: str | None = None) -> int:
        """Count the effects of an operation, or of all; repeats of a key are none."""
        return sum(
            not call.is_repeat and operation in (None, call.operation) for call in self.calls
        )
