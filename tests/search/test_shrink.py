"""Shrink: what is left is needed, each part of it."""

from __future__ import annotations

import attrs

import dwf_sim as dwf
from dwf_sim.search.course import Course
from dwf_sim.search.finding import Finding
from dwf_sim.search.playing import Judge
from dwf_sim.search.shrink import Shrunk, shrink
from dwf_sim.search.subject import Sending, Subject
from dwf_sim.search.turns import by_chance
from dwf_sim.sim.choices import Choices
from tests.search import subjects


def smallest(judge: Judge, course: Course) -> Shrunk:
    _, verdicts = judge.play(course)
    return shrink(judge, course, verdicts[0])


def keyless(*sendings: Sending) -> Judge:
    return Judge(Subject(subjects.keyless, sendings or (Sending(0, "go", {"n": 1}),)), {})


def test_faults_that_do_nothing_are_taken_out_and_the_seed_with_them() -> None:
    needed = dwf.crash.after_effect("pay", run="keyless-f#1", attempt=0, visit=1)
    course = Course(
        seed=9,
        faults=(dwf.response.lose("think"), needed, dwf.steps.slow("think", by="3h")),
    )

    found = smallest(keyless(), course)

    assert found.course == Course(faults=(dwf.crash.after_effect("pay"),))
    assert str(found.course) == "kill the worker after `pay` returned and before it was recorded"


def test_events_that_are_not_needed_are_left_out_and_pauses_go() -> None:
    judge = keyless(*(Sending(at, "go", {"n": at}) for at in (0, 60_000, 90_000)))
    course = Course(faults=(dwf.crash.after_effect("pay", run="keyless-f#2"),))

    found = smallest(judge, course)

    assert len(found.played.stage.sendings) == 1
    assert found.played.stage.pauses == [0, 0]
    assert found.course.faults == (dwf.crash.after_effect("pay"),)


def test_delays_and_pauses_become_as_short_as_reads_well() -> None:
    judge = Judge(Subject(subjects.late_wait), {})
    course = Course(faults=(dwf.steps.slow("ask", by="5h17m"), dwf.events.duplicate("answer")))

    found = smallest(judge, course)

    assert found.course.faults == (dwf.steps.slow("ask", by="1ms"),)
    assert found.played.stage.pauses == [0]


def test_turns_are_taken_out_until_each_is_needed() -> None:
    judge = Judge(Subject(subjects.lost_update), {})
    tried = (judge.play(Course(), turns=by_chance(Choices(n), "turns")) for n in range(100))
    played, verdicts = next(found for found in tried if found[1])

    found = shrink(judge, played.course, verdicts[0])

    turns = found.course.turns
    assert 0 < len(turns) < len(played.course.turns)
    assert len(found.played.stage.sendings) == 2, "with one of them nothing can be lost"
    for nth in range(len(turns)):
        fewer = attrs.evolve(found.course, turns=turns[:nth] + turns[nth + 1 :])
        assert judge.play(fewer)[1] == ()


def test_a_course_without_anything_shrinks_to_itself() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        raise AssertionError("always")

    found = smallest(Judge(Subject(play), {}), Course())

    assert found.course == Course()
    assert str(found.course) == "nothing goes wrong"


def test_what_could_not_be_shrunk_to_the_end_says_so() -> None:
    judge = keyless()
    course = Course(faults=(dwf.crash.after_effect("pay", run="keyless-f#1", attempt=0),))
    _, verdicts = judge.play(course)

    for runs_max in (1, 2, 3):
        found = shrink(judge, course, verdicts[0], runs_max)

        assert found.runs == runs_max
        assert not found.is_smallest
        assert "it may be made smaller still" in str(Finding.of(judge, found))

    assert shrink(judge, course, verdicts[0]).is_smallest
    assert "smaller" not in str(Finding.of(judge, shrink(judge, course, verdicts[0])))
