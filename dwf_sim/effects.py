"""External effects: a stand-in for a service that remembers what it was made to do."""

from __future__ import annotations

import weakref
from typing import TypeVar

import attrs

from dwf_sim.drivers.base import Outlet
from dwf_sim.drivers.outlets import present

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

    Each simulation finds it empty. `calls` and `count` speak of the simulation that is running,
    or else of the one that was made or moved last; outside of any, of calls made there.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._outside = _Page()
        self._pages: weakref.WeakKeyDictionary[Outlet, _Page] = weakref.WeakKeyDictionary()

    @property
    def calls(self) -> list[LedgerCall]:
        """The calls so far, repeats of a key included."""
        return self._page().calls

    def call(self, operation: str, *, key: str | None = None, value: T) -> T:
        """Make an effect and return its value; with a known key, only the first one's value."""
        page, outlet = self._page(), present()
        is_repeat = key is not None and (operation, key) in page.first
        if outlet is not None:
            outlet.note_effect(self.name, operation, key, is_repeat=is_repeat)
        page.calls.append(LedgerCall(operation, key, value, is_repeat))
        if key is not None:
            value = page.first.setdefault((operation, key), value)  # type: ignore[assignment]  # Of this operation.
        if outlet is not None:
            outlet.settle_effect()
        return value

    def count(self, operation: str | None = None) -> int:
        """Count the effects of an operation, or of all; repeats of a key are none."""
        return sum(
            not call.is_repeat and operation in (None, call.operation) for call in self.calls
        )

    def __repr__(self) -> str:
        return f"<ledger {self.name}: {self.count()} effects in {len(self.calls)} calls>"

    def _page(self) -> _Page:
        outlet = present()
        if outlet is None:
            return self._outside
        page = self._pages.get(outlet)
        if page is None:
            page = self._pages[outlet] = _Page()
        return page


@attrs.define(eq=False)
class _Page:
    """What a ledger knows of one simulation."""

    calls: list[LedgerCall] = attrs.field(factory=list)
    first: dict[tuple[str, str], object] = attrs.field(factory=dict)
