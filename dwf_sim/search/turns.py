"""Turns: which of the callbacks that are ready goes next, as it is written, by chance, or by
priority; and what was chosen, so that it can be written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dwf_sim.search.course import Pairs
from dwf_sim.sim.agenda import Choose, Handle
from dwf_sim.sim.choices import Choices

FIFO, RANDOM, PRIORITY = "fifo", "random", "priority"

_Pick = Callable[[int, Sequence[Handle]], int]


class Turns:
    """Chooses, and keeps each choice that is not the first in line: its number, and its place."""

    def __init__(self, pick: _Pick) -> None:
        self.taken: list[tuple[int, int]] = []
        self.count = 0
        self._pick = pick

    def __call__(self, ready: Sequence[Handle]) -> int:
        """Say which goes next."""
        place = min(self._pick(self.count, ready), len(ready) - 1)
        if place:
            self.taken.append((self.count, place))
        self.count += 1
        return place


def written(turns: Pairs) -> Choose | str:
    """Take turns as they are written; where nothing is, the first goes next."""
    return in_turn(turns) or FIFO


def in_turn(turns: Pairs) -> Turns | None:
    """Take turns as they are written, to see which of them could be; None if nothing is."""
    if not turns:
        return None
    places = dict(turns)
    return Turns(lambda number, _: places.get(number, 0))


def by_chance(choices: Choices, stream: str) -> Turns:
    """Take turns by chance, each order being as probable as any other."""
    return Turns(lambda _, ready: choices.integer(stream, 0, len(ready) - 1))


def by_priority(choices: Choices, stream: str, changes: int, choices_max: int) -> Turns:
    """Let the request of the highest priority go first, always, but for some changes.

    Each request gets its priority by chance when it is first seen, and so does the engine. At so
    many choices, drawn beforehand, who would go next comes last from then on. A mistake that needs
    few changes is met with a good chance, however many orders there are.
    """
    at = {choices.integer(f"{stream}/change", 0, choices_max) for _ in range(changes)}
    ranks: dict[object, int] = {}

    def rank(handle: Handle) -> int:
        if handle.activity not in ranks:
            ranks[handle.activity] = choices.integer(f"{stream}/rank", 0, 1_000_000)
        return ranks[handle.activity]

    def pick(number: int, ready: Sequence[Handle]) -> int:
        first = max(ready, key=rank)
        if number in at:
            ranks[first.activity] = -number
            first = max(ready, key=rank)
        return next(place for place, handle in enumerate(ready) if handle is first)

    return Turns(pick)
