"""Shrinking: from a course that shows a mistake to one from which nothing can be removed.

Faults, events of the play, its pauses and the order of callbacks are shrunk together: whatever is
taken out, the rest is tried again, until no single removal is left that keeps the mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults import Fault
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge, Played, remembering
from dwf_sim.search.verdict import Verdict
from dwf_sim.search.verdict import judge as judge_calm

# Fields of faults that say how long, and the durations that read well, shortest first.
_SPANS = ("by", "after", "at", "lasts", "for_")
_NICE = tuple(map(to_ms, ("0s", "1ms", "1s", "10s", "1m", "10m", "1h", "6h", "1d", "7d", "30d")))
# What says that a fault means one site only; without it, it means the first of several.
_NARROW = ("run", "attempt", "visit", "nth")


@attrs.frozen
class Shrunk:
    """The smallest course, what it shows, and how many runs it took to find.

    `is_smallest` is False if the runs were used up before all that could go was tried.
    """

    played: Played
    verdict: Verdict
    runs: int
    is_smallest: bool = True

    @property
    def course(self) -> Course:
        """The course."""
        return self.played.course


def shrink(judge: Judge, course: Course, verdict: Verdict, runs_max: int = 2000) -> Shrunk:
    """Take out of a course whatever can go while the same mistake is still found.

    Raises `UsageError` if the course does not show it when it is played again, or if it is still
    shown when nothing goes wrong, where it was not before.
    """
    trial = _Trial(judge, verdict, runs_max)
    best = trial.run(course)
    if best is None:
        raise remembering()
    while True:
        smaller = _first(trial, best[0])
        if smaller is None:
            _check_cause(judge, course, best[0].course, verdict)
            return Shrunk(best[0], best[1], trial.runs, not trial.is_short)
        best = smaller


def _check_cause(judge: Judge, course: Course, smallest: Course, verdict: Verdict) -> None:
    """Refuse that something went wrong for no cause."""
    calm = judge.calm(smallest)
    is_for_no_cause = course != course.calm and smallest == smallest.calm
    if is_for_no_cause and verdict.same not in {each.same for each in judge_calm(calm, calm)}:
        raise remembering()


@attrs.define
class _Trial:
    """Plays candidates, each once, and tells which of them show the mistake."""

    judge: Judge
    verdict: Verdict
    runs_max: int
    runs: int = 0
    is_short: bool = False  # Whether something was left untried.
    _failed: dict[Course, None] = attrs.field(factory=dict)

    def run(self, course: Course) -> tuple[Played, Verdict] | None:
        if course in self._failed:
            return None
        if self.runs >= self.runs_max:
            self.is_short = True
            return None
        self.runs += 1
        played, verdicts = self.judge.play(course)
        for verdict in verdicts:
            if verdict.same == self.verdict.same:
                return played, verdict
        self._failed[course] = None
        return None


def _first(trial: _Trial, played: Played) -> tuple[Played, Verdict] | None:
    """Find the first candidate that still shows the mistake."""
    for candidate in _candidates(played):
        found = trial.run(candidate)
        if found is not None:
            return found
    return None


def _candidates(played: Played) -> Iterator[Course]:
    """Yield smaller courses, those first that take away most."""
    course = played.course
    struck = [each.fault for each in played.stage.faults_struck]
    kept = tuple(fault for fault in course.faults if any(fault is other for other in struck))
    if len(kept) < len(course.faults):
        yield attrs.evolve(course, faults=kept)
    for turns in _parts(course.turns):
        yield attrs.evolve(course, turns=turns)
    for faults in _parts(course.faults):
        yield attrs.evolve(course, faults=faults)
    for number in reversed(played.stage.numbers):
        yield attrs.evolve(course, left_out=sorted((*course.left_out, number)))
    if course.seed:
        yield attrs.evolve(course, seed=0)
    for nth, fault in enumerate(course.faults):
        for simpler in _simpler(fault):
            yield attrs.evolve(course, faults=_replaced(course.faults, nth, simpler))
    for nth, ms in enumerate(played.stage.pauses):
        for less in (each for each in _NICE if each < ms):
            pauses = {**dict(course.pauses), nth: less}
            yield attrs.evolve(course, pauses=sorted(pauses.items()))
    yield from _earlier_turns(course)


def _parts(whole: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield what is left when everything, halves, quarters … and then single parts are out."""
    size = len(whole)
    while size:
        for first in range(0, len(whole), size):
            yield whole[:first] + whole[first + size :]
        size //= 2


def _simpler(fault: Fault) -> Iterator[Fault]:
    """Yield the fault with one condition less, or a shorter duration that reads better."""
    fields = attrs.fields_dict(type(fault))
    for name in _NARROW:
        if name in fields and getattr(fault, name) is not None:
            yield from _made(fault, {name: None})
    if fault.times != fields["times"].default:
        yield from _made(fault, {"times": fields["times"].default})
    if fault.chance != 1:
        yield from _made(fault, {"chance": 1.0})
    for name in _SPANS:
        if name in fields and "is_span" in fields[name].metadata:
            given = getattr(fault, name)
            for less in (each for each in _NICE if given is not None and each < given):
                yield from _made(fault, {name: less})


def _made(fault: Fault, change: dict[str, Any]) -> Iterator[Fault]:
    try:
        yield attrs.evolve(fault, **change)
    except ConfigError:
        return  # There is no such fault: a delay of nothing, say.


def _replaced(faults: Sequence[Fault], nth: int, fault: Fault) -> tuple[Fault, ...]:
    return (*faults[:nth], fault, *faults[nth + 1 :])


def _earlier_turns(course: Course) -> Iterator[Course]:
    """Yield courses in which one that goes before its turn passes fewer."""
    for nth, (number, place) in enumerate(course.turns):
        if place > 1:
            turns = (*course.turns[:nth], (number, place - 1), *course.turns[nth + 1 :])
            yield attrs.evolve(course, turns=turns)
