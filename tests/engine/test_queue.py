"""The queue: items wait for their time, are taken first come first served, and never twice."""

from __future__ import annotations

import pytest

from dwf_sim.model.effects import Call, SetTimer
from dwf_sim.model.messages import ItemDue
from dwf_sim.model.records import JobRepeated, RequestSent, StepReported
from tests.engine.bench import (
    CLOSED,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    function,
    planned,
    ran,
    sleep,
    targets,
    wait,
)


def test_what_is_due_at_once_needs_no_timer() -> None:
    bench = Bench()
    bench.start()

    effects = bench.answer(ran("a"))

    assert [type(effect) for effect in effects if isinstance(effect, Call | SetTimer)] == [Call]


def test_what_is_due_later_asks_for_a_timer_and_waits_for_it() -> None:
    bench = Bench()
    bench.start()

    effects = bench.answer(sleep("nap", "90s"))

    (timer,) = [effect for effect in effects if isinstance(effect, SetTimer)]
    assert (timer.at, timer.spread) == (START + 90 * SECOND, 0)
    assert bench.engine.expects(timer.item)
    assert bench.open == []


def test_items_due_together_are_taken_in_the_order_in_which_they_were_queued() -> None:
    bench = Bench(function("f"), function("g", "go"), function("h", "go"))

    bench.send()
    bench.answer_all(planned("x"), planned("y"))

    taken = [(sent.run[-1], sent.step) for sent in bench.seen(RequestSent)[3:]]
    runs = [run.id[-1] for run in bench.runs]
    assert taken == [(run, step) for run in runs for step in ("x", "y")]


def test_timers_that_come_due_together_wake_their_runs_in_the_order_they_were_set() -> None:
    bench = Bench()
    first, second = bench.start(), bench.start()
    bench.answer(sleep("nap", "1h"), to=bench.open[1])
    bench.answer(sleep("nap", "1h"), to=bench.open[0])

    bench.advance(HOUR)

    assert [request.run_id for request in bench.open] == [second.id, first.id]


@pytest.mark.rule("A224", "A29")
def test_a_step_is_planned_once_however_often_it_is_reported() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a", race=True), planned("b", race=True))
    bench.answer(ran("a", race=True), to=bench.targeted("a"))

    (discovery,) = [request for request in bench.open if request.target is None]
    bench.answer(planned("b", race=True), to=discovery)

    assert targets(run, bench.open) == ["b"]
    assert [repeated.run for repeated in bench.seen(JobRepeated)] == [run.id]
    assert [report.step for report in bench.seen(StepReported)] == ["a", "b"]


@pytest.mark.rule("A224", "A35")
def test_a_sleep_and_a_wait_reported_again_keep_their_first_time() -> None:
    bench = Bench()
    run = bench.start()
    group = [sleep("nap", "1h", race=True), wait("w", "answer", "2h", race=True)]
    bench.answer(*group, planned("a", race=True))
    bench.advance(MINUTE)
    bench.answer(ran("a", race=True))

    bench.answer(*group)
    bench.advance(HOUR)

    assert len(bench.seen(JobRepeated)) == 2
    assert [(r.step, r.until) for r in bench.seen(StepReported)] == [
        ("w", START + 2 * HOUR),
        ("nap", START + HOUR),
        ("a", None),
    ]
    assert bench.times(RequestSent)[-1] == HOUR
    assert len(run.pauses) == 1


def test_a_timer_means_nothing_once_its_item_is_taken_or_dropped() -> None:
    bench = Bench()
    run = bench.start()
    effects = bench.answer(sleep("nap", "1h"))
    (timer,) = [effect for effect in effects if isinstance(effect, SetTimer)]
    bench.advance(HOUR)
    taken = bench.engine.expects(timer.item)

    again = bench.tell(ItemDue(timer.item))
    unknown = bench.tell(ItemDue(999))

    assert not taken
    assert (again, unknown) == ([], [])
    assert len(bench.open) == 1
    assert run.status == "running"


def test_an_item_of_a_run_that_ends_in_the_same_turn_is_not_taken() -> None:
    bench = Bench()
    bench.start()

    effects = bench.answer(planned("a"), sleep("nap", "367d"))

    assert [effect for effect in effects if isinstance(effect, Call)] == []
    assert bench.engine.state.leased == {}


def test_every_item_is_ready_waiting_or_leased_and_never_two_of_these() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"), sleep("nap", "1h"), wait("w", "answer"))

    bench.answer(CLOSED, to=bench.targeted("a"))

    state = bench.engine.state
    leased = [item.seq for item in state.leased.values()]
    waiting = list(state.waiting)
    assert len(leased) == 1
    assert len(waiting) == 3
    assert sorted(run.items) == sorted(waiting)
    assert state.backlog.take(bench.now) is None
    assert not set(leased) & set(waiting)
