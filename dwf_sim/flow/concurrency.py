"""Concurrency: how many requests may be in flight at a time, by function and by key (B78-B91)."""

from __future__ import annotations

import weakref

import attrs

from dwf_sim.flow.base import Dispatch
from dwf_sim.flow.keys import evaluate_key
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import Concurrency
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate

LIMIT_DEFAULT = 1000  # Of a function that sets none, and of the whole account (B84).


@attrs.define(eq=False)
class Slots:
    """How many are in flight under one key, which functions may share (B86)."""

    taken: int = 0


@attrs.define(eq=False)
class SlotGate(Gate):
    """Lets an item pass while fewer than `limit` are in flight; each function has its own."""

    key: str
    policy: str
    stops: bool
    slots: Slots
    limit: int

    def opens_at(self, now: int, holder: int) -> int | None:  # noqa: ARG002  # The contract.
        """Now, or when somebody leaves."""
        return now if self.slots.taken < self.limit else None

    def enter(self, now: int, holder: int) -> None:  # noqa: ARG002  # The contract.
        """Take a slot."""
        self.slots.taken += 1

    def leave(self) -> None:
        """Give a slot back."""
        assert self.slots.taken > 0, "who leaves has entered"
        self.slots.taken -= 1

    def describe(self, now: int) -> str:  # noqa: ARG002  # The contract.
        """Say what is in the way."""
        return f"{self.slots.taken} of {self.limit} are in flight ({self.key})"


class ConcurrencyLimits(Dispatch):
    """Gives a run its gates: the account's and its function's, which stop all that is behind an
    item, and one for each key, which does not (B89)."""

    name = "concurrency"

    def __init__(self, limit: int = LIMIT_DEFAULT) -> None:
        self._limit = limit
        self._slots: weakref.WeakValueDictionary[str, Slots] = weakref.WeakValueDictionary()
        self._account = self._make_gate("concurrency of the account", limit, stops=True)
        self._functions: dict[str, tuple[FunctionConfig, tuple[SlotGate, ...]]] = {}

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        """Give the gates of a run; keys are evaluated once, over its first event (B87)."""
        function = arrival.function
        stops = self._stops(function)
        if not function.concurrency:
            return stops
        keyed = [limit for limit in function.concurrency if limit.key is not None]
        return (*stops, *[self._keyed_gate(now, arrival, limit) for limit in keyed])

    def _stops(self, function: FunctionConfig) -> tuple[SlotGate, ...]:
        known = self._functions.get(function.id)
        if known is not None and known[0] is function:
            return known[1]
        plain = [limit.limit for limit in function.concurrency if limit.key is None]
        # Nothing and less than nothing count as not set (B85).
        limit = min((given for given in plain if given > 0), default=self._limit)
        gate = self._make_gate(f"concurrency of {function.id}", limit, stops=True)
        stops = self._account, gate
        self._functions[function.id] = function, stops
        return stops

    def _keyed_gate(self, now: int, arrival: Arrival, limit: Concurrency) -> SlotGate:
        assert limit.key is not None, "the caller looked"
        owner = arrival.function.id if limit.scope in (None, "fn") else limit.scope
        key = f"concurrency of {owner}: {limit.key} = {evaluate_key(limit.key, now, arrival)}"
        return self._make_gate(key, limit.limit, stops=False)

    def _make_gate(self, key: str, limit: int, *, stops: bool) -> SlotGate:
        slots = self._slots.get(key)
        if slots is None:
            slots = self._slots[key] = Slots()
        return SlotGate(key, self.name, stops, slots, limit)
