"""Judging: courses that do not depend on each other, played and judged here or by an executor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

import attrs

from dwf_sim.faults import Site
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge
from dwf_sim.search.sending import in_parts, sent
from dwf_sim.search.sites import later
from dwf_sim.search.subject import Subject
from dwf_sim.search.trial import judge_for
from dwf_sim.search.verdict import Verdict


@attrs.frozen
class Judged:
    """A course that was played: what is wrong with what came of it, worst first, and, of a pilot,
    the sites that were come to after the first fault has struck."""

    course: Course
    verdicts: tuple[Verdict, ...]
    later: tuple[Site, ...]


@attrs.frozen
class _Task:
    subject: Subject
    settings: Mapping[str, Any]
    tolerate: tuple[str, ...]
    courses: tuple[Course, ...]
    is_pilot: bool


def judge_each(
    judge: Judge, courses: Iterable[Course], executor: Executor | None, *, is_pilot: bool = False
) -> Iterator[Judged]:
    """Play courses and say in their order what came of each, whoever has played it."""
    if executor is None:
        for course in courses:
            yield _judged(judge, course, is_pilot=is_pilot)
        return
    parts = in_parts(list(courses))
    how = (sent(judge, executor), judge.settings, judge.tolerate)
    futures = [executor.submit(_judge_all, _Task(*how, part, is_pilot)) for part in parts]
    try:
        for future in futures:
            yield from future.result()
    finally:
        for future in futures:
            future.cancel()


def _judge_all(task: _Task) -> list[Judged]:
    """Judge courses in a process that judges many."""
    judge = judge_for(task.subject, task.settings, task.tolerate)
    return [_judged(judge, course, is_pilot=task.is_pilot) for course in task.courses]


def _judged(judge: Judge, course: Course, *, is_pilot: bool) -> Judged:
    played, verdicts = judge.play(course, is_pilot=is_pilot)
    struck = played.stage.faults_struck if is_pilot else ()
    after = tuple(later(played.stage.sites, struck[0].site)) if struck else ()
    return Judged(played.course, verdicts, after)
