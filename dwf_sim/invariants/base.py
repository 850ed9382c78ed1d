"""What every invariant has: what it says, which records it looks at, and what it found broken."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterator
from typing import Any, ClassVar, TypeAlias

import attrs

from dwf_sim.invariants.facts import Facts
from dwf_sim.model.served import FunctionServed

# Called with a record, its instant and its number.
Watch: TypeAlias = Callable[[Any, int, int], None]
Watches: TypeAlias = dict[type[Any], Watch]


@attrs.frozen
class Violation:
    """An invariant that is broken: where, and in what way. `seq` is the number of the record."""

    invariant: str
    message: str
    seq: int
    run: str | None = None


class Invariant:
    """A property of every trace. Each simulation has an instance of its own.

    `says` is the property in one sentence, `rules` are those of the engine it follows from.
    A record's instant is over once time has moved on: only then can it be missed.
    """

    name: ClassVar[str]
    says: ClassVar[str]
    rules: ClassVar[tuple[str, ...]]

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.violations: list[Violation] = []

    @classmethod
    def concerns(cls, served: FunctionServed) -> bool:  # noqa: ARG003  # For invariants.
        """Say whether a function is of interest; nothing is watched before one that is."""
        return True

    def watches(self) -> Watches:
        """List what is to be called for which class of records."""
        raise NotImplementedError

    def misplaced(self, record: object, cause: int, seq: int) -> None:
        """Look at a record that follows from one that is not before it."""

    def settle(self, until: int) -> None:
        """Look for what is missing at instants before `until`, in milliseconds; they are over."""

    def broken(self, message: str, seq: int, run: str | None = None) -> None:
        """Note a violation at a record."""
        self.violations.append(Violation(self.name, message, seq, run))


@attrs.frozen
class Expectation:
    """Something that has to happen; `message` is what is said when it does not."""

    by: int
    message: str
    seq: int
    run: str | None


class Expectations:
    """What has to happen up to an instant, by key, and what did not."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Expectation] = {}
        self._order: list[tuple[int, int, Hashable]] = []
        self._made = 0

    def add(self, key: Hashable, by: int, message: str, seq: int, run: str | None = None) -> None:
        """Expect something by an instant, in place of what was expected under this key."""
        self._open[key] = Expectation(by, message, seq, run)
        self._made += 1
        heapq.heappush(self._order, (by, self._made, key))

    def meet(self, key: Hashable) -> Expectation | None:
        """Note that it has happened, and give what was expected if anything was."""
        return self._open.pop(key, None)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._open

    def overdue(self, until: int) -> Iterator[Expectation]:
        """Yield what should have happened before an instant, and forget it."""
        order = self._order
        while order and order[0][0] < until:
            by, _, key = heapq.heappop(order)
            expectation = self._open.get(key)
            if expectation is not None and expectation.by == by:
                del self._open[key]
                yield expectation


class Awaiting(Invariant):
    """An invariant that says that something has to happen."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.expected = Expectations()

    def settle(self, until: int) -> None:
        """Note what has not happened in time."""
        for missed in self.expected.overdue(until):
            self.broken(missed.message, missed.seq, missed.run)
