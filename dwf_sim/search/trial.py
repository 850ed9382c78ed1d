"""A trial: one run of a search, in whichever process, and what the search learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import Site
from dwf_sim.model.claims import SOMETIMES, Claimed
from dwf_sim.search.course import Course
from dwf_sim.search.drawing import Drawn
from dwf_sim.search.playing import Judge
from dwf_sim.search.sites import later
from dwf_sim.search.stage import Stage
from dwf_sim.search.states import states_of
from dwf_sim.search.subject import Subject
from dwf_sim.search.turns import PRIORITY, RANDOM, Turns, by_chance, by_priority
from dwf_sim.search.verdict import Verdict
from dwf_sim.sim.choices import Choices
from dwf_sim.world.serving import load_given


@attrs.frozen
class Task:
    """A run to be made, with all that it depends on: nothing else goes into it.

    `sources` are the users' modules and their hashes, where whoever makes it may have others.
    """

    subject: Subject
    settings: Mapping[str, Any]
    tolerate: tuple[str, ...]
    seed: int
    choices: int
    drawn: Drawn
    sources: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class Result:
    """What came of a run: the course as it went, its verdicts, the states it reached, the kinds of
    faults that struck with their steps, the claims that sometimes hold, and where more can
    strike."""

    number: int
    strategy: str
    course: Course
    verdicts: tuple[Verdict, ...]
    states: tuple[int, ...]
    struck: tuple[tuple[str, str], ...]
    happened: tuple[str, ...]
    later: tuple[Site, ...]


def run(task: Task, judge: Judge | None = None) -> Result:
    """Make one run. The same task gives the same result in any process."""
    judge = judge or Judge(task.subject, task.settings, task.tolerate)
    drawn = task.drawn
    played, verdicts = judge.play(drawn.course, turns=_turns(task), is_pilot=True)
    stage = played.stage
    struck = stage.faults_struck
    return Result(
        drawn.number,
        drawn.strategy,
        played.course,
        verdicts,
        states_of(stage.trace),
        tuple((each.fault.kind_name, each.site.step) for each in struck),
        happened(stage),
        tuple(later(stage.sites, struck[-1].site)) if struck else stage.sites,
    )


def run_all(tasks: tuple[Task, ...]) -> list[Result]:
    """Make runs in a process that makes many: what each input comes to without faults is found out
    once. Raises `ConfigError` where the subject is not there, or not as it was sent."""
    for task in tasks[:1]:
        _check_is_there(task.subject)
        _check_is_same(task)
    return [run(t, judge_for(t.subject, t.settings, t.tolerate)) for t in tasks]


def judge_for(subject: Subject, settings: Mapping[str, Any], tolerate: tuple[str, ...]) -> Judge:
    """Give the judge that this process has for a subject.

    Raises `ConfigError` for one that is not to be had here.
    """
    key = repr((subject, settings, tolerate))
    if key not in _JUDGES:
        if len(_JUDGES) >= _JUDGES_MAX:  # A function that was sent by value is another each time.
            _JUDGES.clear()
        _check_is_there(subject)
        _JUDGES[key] = Judge(subject, settings, tolerate)
    return _JUDGES[key]


def _check_is_same(task: Task) -> None:
    """Demand that the code has not changed since it was loaded: a cluster's workers live long."""
    for name, source in task.sources:
        if _LOADED.setdefault(name, source) != source:
            raise ConfigError(
                f"a worker of the executor has loaded module {name}, which has changed since then, "
                "so that it would play what is there no more; start the workers anew"
            )


def _check_is_there(subject: Subject) -> None:
    """Load what is named: else each run would say that it cannot be played, and none that it is the
    worker which lacks it."""
    try:
        for given in (subject.given, subject.setup):
            if isinstance(given, str):
                load_given(given, "what is played")
    except ConfigError as error:
        raise ConfigError(
            f"a worker of the executor cannot make runs: {error}. Let its workers import from the "
            "folder that it is in, as dwf-sim explore does with --jobs and --dask"
        ) from None


_JUDGES_MAX = 8
_JUDGES: dict[str, Judge] = {}
_LOADED: dict[str, str] = {}  # The users' modules, with their hashes when they were first needed.


def happened(stage: Stage) -> tuple[str, ...]:
    """List the claims that something sometimes holds, which have come true."""
    claimed = stage.trace.of(Claimed)
    names = [claim.name for claim in claimed if claim.kind == SOMETIMES and claim.holds]
    return tuple(dict.fromkeys((*names, *stage._oracles.met)))


def _turns(task: Task) -> Turns | None:
    drawn = task.drawn
    choices, stream = Choices(task.seed), f"turns/{drawn.number}"
    if drawn.order == RANDOM:
        return by_chance(choices, stream)
    if drawn.order == PRIORITY:
        return by_priority(choices, stream, drawn.changes, task.choices)
    return None
