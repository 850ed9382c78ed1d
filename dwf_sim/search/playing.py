"""Playing a course: one run of a subject, and what came of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from dwf_sim.errors import (
    BudgetError,
    ConfigError,
    InvariantViolated,
    LivenessViolated,
    SendEventsError,
    UsageError,
)
from dwf_sim.outcomes.masks import masked
from dwf_sim.outcomes.outcome import Outcome, Trouble, outcome_of
from dwf_sim.places import is_machinery, place_of
from dwf_sim.search.course import Course
from dwf_sim.search.stage import Stage
from dwf_sim.search.subject import Subject
from dwf_sim.search.turns import Turns, written
from dwf_sim.search.verdict import BROKEN, STUCK, UNPLAYABLE, Verdict, judge

# The clock, the fences and the fakes are the process's: two simulations at work in two threads
# would take each other's down. A cluster's worker has threads, and may be in the search's process.
_TURN = threading.RLock()


@attrs.frozen
class Played:
    """A course that was played: the closed simulation, and what came of it."""

    course: Course
    stage: Stage
    outcome: Outcome


def play(
    subject: Subject,
    course: Course,
    settings: Mapping[str, Any],
    *,
    turns: Turns | None = None,
    is_pilot: bool = False,
) -> Played:
    """Play a course to its end: until nothing is left to happen, and every run has ended.

    `turns` replaces those of the course; what they chose is then in the course that is returned.
    One thread of a process at a time plays, the others wait.
    """
    with _TURN:
        return _played(subject, course, settings, turns, is_pilot=is_pilot)


def _played(
    subject: Subject,
    course: Course,
    settings: Mapping[str, Any],
    turns: Turns | None,
    *,
    is_pilot: bool,
) -> Played:
    order = written(course.turns) if turns is None else turns
    stage = Stage(course, order, {**settings, "pilot": is_pilot})
    trouble: Trouble | None = None
    has_ended = False
    try:
        subject.play(stage)
        has_ended = True
        stage.run_until_idle()
        stage.heal()
    except BaseException as error:
        if not _is_of_play(error, course):
            raise
        trouble = _trouble(error, is_early=not has_ended)
    finally:
        stage.close()
    if turns is not None:
        course = attrs.evolve(course, turns=turns.taken)
    return Played(course, stage, outcome_of(stage, trouble))


def check_begun(pilot: Played) -> None:
    """Raise `ConfigError` if no run began in a play without faults: then nothing can go wrong."""
    if not pilot.outcome.endings:
        names = dict.fromkeys(sending.name for sending in pilot.stage.sendings)
        sent = f"no run began of {', '.join(map(repr, names))}" if names else "nothing was sent"
        raise ConfigError(
            f"without faults, {sent}, so there is nothing to prove; serve a function and send "
            "an event that it has a trigger for"
        )


def check_alike(one: Outcome, other: Outcome) -> None:
    """Raise `UsageError` unless one course has twice come to the same."""
    if (one.endings, one.done) != (other.endings, other.done):
        raise remembering()


def remembering() -> UsageError:
    """Make the error for a subject that is not the same each time."""
    return UsageError(
        "the same play came to different ends, so something outside of the simulation remembers "
        "the one before: put it back in setup=, or give a play, a function of a simulation that "
        "makes all anew. Ledgers are empty in each simulation by themselves"
    )


class Judge:
    """Judges courses of a subject; plays each input once without faults, to compare."""

    def __init__(
        self, subject: Subject, settings: Mapping[str, Any], tolerate: Collection[str] = ()
    ) -> None:
        self.subject = subject
        self.settings = settings
        self.tolerate = tuple(tolerate)
        self._calm: dict[tuple[object, ...], Outcome] = {}

    def play(self, course: Course, **how: Any) -> tuple[Played, tuple[Verdict, ...]]:
        """Play a course and say what is wrong with what came of it, worst first."""
        played = play(self.subject, course, self.settings, **how)
        return played, self.judge(played)

    def judge(self, played: Played) -> tuple[Verdict, ...]:
        """Say what is wrong, worst first.

        What is wrong without faults, too, only because the play was cut does not count: its
        assertions are about all that it sends.
        """
        course, calm = played.course, self.calm(played.course)
        found = judge(played.outcome, calm, self.tolerate)
        if not found or not (course.left_out or course.pauses):
            return found
        whole = self.calm(Course(seed=course.seed))
        usual = {verdict.same for verdict in judge(whole, whole)}
        of_cut = {verdict.same for verdict in judge(calm, calm)} - usual
        return tuple(verdict for verdict in found if verdict.same not in of_cut)

    def calm(self, course: Course) -> Outcome:
        """The outcome of the same input when nothing goes wrong."""
        key = course.input
        if key not in self._calm:
            self._calm[key] = play(self.subject, course.calm, self.settings).outcome
        return self._calm[key]


def _is_of_play(error: BaseException, course: Course) -> bool:
    """Whether an error is about what was played: an exception, or what pytest's `fail` and `skip`
    raise, which are none. What skips a test without any fault skips it, and `exit` ends all."""
    outcomes = sys.modules.get("_pytest.outcomes")
    if outcomes is None:
        return isinstance(error, Exception)
    if isinstance(error, outcomes.Skipped | outcomes.XFailed):
        return course != Course(seed=course.seed)
    return isinstance(error, Exception | outcomes.Failed) and not isinstance(error, outcomes.Exit)


def _trouble(error: BaseException, *, is_early: bool) -> Trouble:
    """Say what an error means that ended a play, or the time after it."""
    first = masked(str(error).partition("\n")[0])
    if isinstance(error, LivenessViolated):
        return Trouble(STUCK, "", str(error).partition("\nplan: ")[0], is_early)
    if isinstance(error, BudgetError):
        return Trouble(STUCK, "budget", first, is_early)
    if isinstance(error, InvariantViolated):
        lines = str(error).partition("\nplan: ")[0]
        return Trouble(BROKEN, first.partition(":")[0], lines, is_early)
    place = _place(error)
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    is_asked = type(error) in (UsageError, SendEventsError, ConfigError)
    is_skipped = type(error).__name__ in ("Skipped", "XFailed")  # Pytest's; see above.
    kind = UNPLAYABLE if is_asked or is_skipped else BROKEN
    return Trouble(kind, place, f"{text}, at {place}" if place else text, is_early)


def _place(error: BaseException) -> str:
    """Name the line of the user's that raised it: the innermost outside of this package."""
    found, entry = "", error.__traceback__
    while entry is not None:
        frame = entry.tb_frame
        if not is_machinery(str(frame.f_globals.get("__name__", ""))):
            found = place_of(frame.f_code, entry.tb_lineno, frame.f_globals)
        entry = entry.tb_next
    return found
