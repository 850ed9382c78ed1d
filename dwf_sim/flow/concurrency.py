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
from dwf_sim.model.limits import Limits


@attrs.define(eq=False)
class Slots:
    """How many are in flight under one key, which functions may share (B86)."""

    taken: int = 0


@attrs.define(eq=False)
class SlotGate(Gate):
    """Lets an item pass while fewer than `limit` are in flight; each function has its own."""

    key: str
    policy: str
    slots: Slots
    limit: int
    variant: str

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


@attrs.define(eq=False)
class FunctionGate(Gate):
    """Lets an item pass while neither its function nor the account has too many in flight."""

    key: str
    policy: str
    own: SlotGate
    account: SlotGate
    frees: tuple[str, ...]
    stops: bool = True

    def closed_by(self) -> str:
        """Its own key, or the account's."""
        is_own = self.own.slots.taken >= self.own.limit
        return self.own.key if is_own else self.account.key

    def opens_at(self, now: int, holder: int) -> int | None:  # noqa: ARG002  # The contract.
        """Now, or when somebody leaves."""
        own, account = self.own, self.account
        is_open = own.slots.taken < own.limit and account.slots.taken < account.limit
        return now if is_open else None

    def enter(self, now: int, holder: int) -> None:  # noqa: ARG002  # The contract.
        """Take a slot of each."""
        self.own.slots.taken += 1
        self.account.slots.taken += 1

    def leave(self) -> None:
        """Give both slots back."""
        assert self.own.slots.taken > 0, "who leaves has entered"
        self.own.slots.taken -= 1
        self.account.slots.taken -= 1

    def describe(self, now: int) -> str:
        """Say what is in the way."""
        return (self.own if self.closed_by() == self.own.key else self.account).describe(now)


class ConcurrencyLimits(Dispatch):
    """Gives a function its gate, which stops all that is behind an item, and a run one for each
    key, which does not (B89)."""

    name = "concurrency"

    def __init__(self, limits: Limits | None = None) -> None:
        self._limit = limit = (limits or Limits()).concurrency
        self._slots: weakref.WeakValueDictionary[str, Slots] = weakref.WeakValueDictionary()
        self._account = self._make_gate("concurrency of the account", limit)

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        """Give the gates of a run; keys are evaluated once, over its first event (B87)."""
        keyed = [limit for limit in arrival.function.concurrency if limit.key is not None]
        if not keyed:
            return ()
        return tuple(_lowest([self._keyed_gate(now, arrival, limit) for limit in keyed]))

    def stops(self, function: FunctionConfig) -> tuple[Gate, ...]:
        """Give the gate of a function; it shares its count with one that had this id before."""
        plain = [limit.limit for limit in function.concurrency if limit.key is None]
        # Nothing and less than nothing count as not set (B85).
        limit = min((given for given in plain if given > 0), default=self._limit)
        key = f"concurrency of {function.id}"
        own = self._make_gate(key, limit)
        return (FunctionGate(key, self.name, own, self._account, frees=(key, self._account.key)),)

    def _keyed_gate(self, now: int, arrival: Arrival, limit: Concurrency) -> SlotGate:
        assert limit.key is not None, "the caller looked"
        owner = arrival.function.id if limit.scope in (None, "fn") else limit.scope
        key = f"concurrency of {owner}: {limit.key} = {evaluate_key(limit.key, now, arrival)}"
        return self._make_gate(key, limit.limit)

    def _make_gate(self, key: str, limit: int) -> SlotGate:
        slots = self._slots.get(key)
        if slots is None:
            slots = self._slots[key] = Slots()
        return SlotGate(key, self.name, slots, limit, str(limit))


def _lowest(gates: list[SlotGate]) -> list[SlotGate]:
    """Keep of two gates of one key the one of the lower limit: an item takes one slot there."""
    lowest: dict[str, SlotGate] = {}
    for gate in gates:
        known = lowest.get(gate.key)
        if known is None or gate.limit < known.limit:
            lowest[gate.key] = gate
    return list(lowest.values())
