"""Concurrency: no more requests in flight than a function and its keys allow (B78-B91)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import (
    LeaseLost,
    RequestSent,
    ResponseIgnored,
    ResponseReceived,
    RunScheduled,
)
from dwf_sim.model.served import FunctionServed


class ConcurrencyKept(Invariant):
    """Whoever sends a request keeps to its own limit; under a shared key others may have more."""

    name = "concurrency kept"
    says = "no more requests are in flight for a function, or for a key, than its limit"
    rules = ("B78", "B80", "B84", "B85", "B86", "B87", "B89")

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:
        """Say whether the function has this setting."""
        return bool(served.concurrency)

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._keys: dict[str, tuple[tuple[str, int], ...]] = {}  # By run: its keys and limits.
        self._flying: dict[str, int] = {}  # By key.
        self._open: dict[int, tuple[str, ...]] = {}

    def watches(self) -> Watches:
        """Look at requests, and at what brings them back."""
        return {
            RunScheduled: self._scheduled,
            RequestSent: self._request,
            ResponseReceived: self._back,
            ResponseIgnored: self._back,
            LeaseLost: self._back,
        }

    def _scheduled(self, record: RunScheduled, _at: int, _seq: int) -> None:
        served = self.facts.settings.get(record.run)
        if served is None or not any(key for _, key, _ in served.concurrency):
            return
        limits: list[tuple[str, int]] = []
        for text in record.keys:
            for limit, key, scope in served.concurrency:
                owner = record.function if scope in (None, "fn") else scope
                if key is not None and text.startswith(f"concurrency of {owner}: {key} = "):
                    limits.append((text, limit))
        self._keys[record.run] = tuple(limits)

    def _request(self, record: RequestSent, _at: int, seq: int) -> None:
        keys = self._keys.get(record.run, ())
        own = self._of_function(record.run)
        if own is not None:
            keys = (*keys, own)
        if not keys:
            return
        for key in dict.fromkeys(key for key, _ in keys):
            self._flying[key] = self._flying.get(key, 0) + 1
        self._open[record.number] = tuple(dict.fromkeys(key for key, _ in keys))
        for key, limit in keys:
            if self._flying[key] > limit:
                text = f"{self._flying[key]} requests are in flight, {limit} may be ({key})"
                self.broken(text, seq, record.run)

    def _of_function(self, run: str) -> tuple[str, int] | None:
        """Give the limit of a function as it is registered now; 0 and less mean none (B85)."""
        known = self.facts.runs.get(run)
        served = None if known is None else self.facts.functions.get(known.function)
        if served is None or not served.concurrency:
            return None
        plain = [limit for limit, key, _ in served.concurrency if key is None and limit > 0]
        return (f"concurrency of {served.function}", min(plain)) if plain else None

    def _back(self, record: ResponseReceived, _at: int, _seq: int) -> None:
        for key in self._open.pop(record.number, ()):
            self._flying[key] -= 1
