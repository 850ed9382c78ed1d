"""Drawing: how each strategy of a search makes the next course."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.faults import Fault, Site
from dwf_sim.search.course import Course
from dwf_sim.search.terrain import Terrain, usual_faults
from dwf_sim.search.turns import FIFO, PRIORITY, RANDOM
from dwf_sim.sim.choices import Choices

T = TypeVar("T")

_SPANS = tuple(map(to_ms, ("1ms", "1s", "1m", "10m", "1h", "1d")))
_FAULTS_MAX = 6


class Draws:
    """Chance for one course: it depends on the seed of the search and the number of the run, which
    is -1 for what is drawn once for all."""

    def __init__(self, seed: int, number: int) -> None:
        self._choices = Choices(seed)
        self._stream = f"search/{number}"

    def below(self, count: int) -> int:
        """Draw a number from 0 on, below a count."""
        return self._choices.integer(self._stream, 0, count - 1)

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Draw an order."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in things]

    def among(self, things: Sequence[T]) -> T:
        """Draw one of several."""
        return things[self.below(len(things))]


@attrs.frozen
class Drawn:
    """A course to be played; `order` says how the callbacks take turns besides what it writes,
    `number` which run of the search it is, and `strategy` who has drawn it."""

    number: int
    strategy: str
    course: Course
    order: str = FIFO
    changes: int = 0


@attrs.frozen
class Seed:
    """A course that reached new states, to be varied: with the sites that it came to."""

    course: Course
    later: tuple[Site, ...]  # Those after its last strike, where one more fault can strike.


@attrs.define
class Ground:
    """What a search draws from: the terrain, what has proved worth varying, and kinds of faults."""

    terrain: Terrain
    kinds: tuple[str, ...]
    draws: Draws  # For what is drawn once.
    seeds: list[Seed] = attrs.field(factory=list)
    next_plan: Iterator[Course] | None = None

    def planned(self) -> Course | None:
        """The next course of all that there are; None when there are no more."""
        if self.next_plan is None:
            self.next_plan = all_courses(self.terrain, self.draws)
        return next(self.next_plan, None)


def all_courses(terrain: Terrain, draws: Draws) -> Iterator[Course]:
    """Yield each single fault and each single turn, in an order that is drawn, and then each two
    faults of the pilot's sites."""
    singles = [Course(faults=(fault,)) for fault in terrain.faults]
    singles += [Course(turns=((number, 1),)) for number in range(terrain.choices)]
    yield from draws.shuffled(singles)
    for nth, first in enumerate(terrain.faults):
        for second in terrain.faults[nth + 1 :]:
            yield Course(faults=(first, second))


def by_random(draws: Draws, ground: Ground) -> tuple[Course, str, int]:
    """Draw one to three faults, each kind being as probable as any other, and half of the time an
    order of callbacks."""
    count = 1 + draws.below(3)
    return _course(draws, ground, ground.terrain.kinds, count), draws.among((FIFO, RANDOM)), 0


def by_swarm(draws: Draws, ground: Ground) -> tuple[Course, str, int]:
    """Draw first which kinds of faults there are at all, and then up to six of those: some
    mistakes show only where others do not get in their way."""
    kinds = [kind for kind in ground.terrain.kinds if draws.below(3) == 0]
    count = 1 + draws.below(_FAULTS_MAX)
    order = draws.among((FIFO, RANDOM, PRIORITY))
    return _course(draws, ground, kinds or ground.terrain.kinds, count), order, 1 + draws.below(3)


def by_priority_turns(draws: Draws, ground: Ground) -> tuple[Course, str, int]:
    """Draw priorities for requests, and how often they change; with one fault or none."""
    course = _course(draws, ground, ground.terrain.kinds, draws.below(2))
    return course, PRIORITY, draws.below(4)


def by_variation(draws: Draws, ground: Ground) -> tuple[Course, str, int]:
    """Vary a course that has reached new states: one fault more, another, or fewer."""
    if not ground.seeds:
        return by_random(draws, ground)
    seed = draws.among(ground.seeds)
    faults = list(seed.course.faults)
    way = draws.below(4)
    if way == 0 and faults:
        del faults[draws.below(len(faults))]
    elif way == 1 and faults:
        nth = draws.below(len(faults))
        faults[nth] = _varied(draws, ground, faults[nth])
    elif len(faults) < _FAULTS_MAX:
        faults += _one_more(draws, ground, seed)
    course = attrs.evolve(seed.course, faults=tuple(faults))
    return course, FIFO if course.turns else draws.among((FIFO, FIFO, RANDOM)), 0


Strategy = Callable[[Draws, Ground], tuple[Course, str, int]]
STRATEGIES: dict[str, Strategy] = {
    "random": by_random,
    "swarm": by_swarm,
    "priority": by_priority_turns,
    "variation": by_variation,
}
EXHAUSTIVE = "exhaustive"


def _course(draws: Draws, ground: Ground, kinds: Sequence[str], count: int) -> Course:
    """Draw faults: first the kind, then the place, so that no kind is rare for having few."""
    faults: list[Fault] = []
    for _ in range(count if kinds else 0):
        kind = draws.among(kinds)
        places = [fault for fault in ground.terrain.faults if fault.kind_name == kind]
        faults.append(_varied(draws, ground, draws.among(places)))
    return Course(faults=tuple(dict.fromkeys(faults)))


def _one_more(draws: Draws, ground: Ground, seed: Seed) -> list[Fault]:
    """Draw a fault where the course came to after its last one, or else anywhere."""
    if seed.later and draws.below(4):
        for _ in range(3):
            here = usual_faults(draws.among(seed.later), ground.kinds)
            if here:
                return [_varied(draws, ground, draws.among(here))]
    return list(_course(draws, ground, ground.terrain.kinds, 1).faults)


def _varied(draws: Draws, ground: Ground, fault: Fault) -> Fault:
    """Draw how long, where a fault has a duration: one that reads well, or one from an instant of
    the pilot to another, give or take a millisecond."""
    name = next((name for name in ("by", "after") if getattr(fault, name, 0)), None)
    if name is None:
        return fault
    if draws.below(2):
        chosen = draws.among(_SPANS)
    else:
        instants = ground.terrain.instants
        one, other = draws.among(instants), draws.among(instants)
        chosen = max(1, abs(one - other) + draws.below(3) - 1)
    change: dict[str, Any] = {name: chosen}
    return attrs.evolve(fault, **change)
