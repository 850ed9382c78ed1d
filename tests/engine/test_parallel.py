"""Parallel steps: reported together, run one request each, and joined, unless they race."""

from __future__ import annotations

import pytest

from dwf_sim.model.messages import Response
from dwf_sim.model.records import RequestSent
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Bench,
    failed,
    function,
    memos,
    planned,
    ran,
    returned,
    sleep,
    targets,
    threw,
    wait,
)
from tests.engine.endings import ENDINGS, discovery

# Planned steps.


@pytest.mark.rule("A29", "A30")
def test_each_planned_step_gets_a_request_of_its_own() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(planned("a"), planned("b"), planned("c"))

    assert targets(run, bench.open) == ["a", "b", "c"]
    assert [request.attempt for request in bench.open] == [0, 0, 0]


@pytest.mark.rule("A30")
def test_a_retry_of_a_planned_step_is_for_that_step_again() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))

    bench.answer(failed("b"), to=bench.targeted("b"))
    bench.advance(15 * SECOND)

    assert targets(run, bench.open) == ["a", "b"]
    assert [request.attempt for request in bench.open] == [0, 1]


@pytest.mark.rule("A28")
def test_steps_reported_together_make_the_next_requests_plan_only() -> None:
    bench = Bench()
    bench.start()
    first = bench.request.plan_only

    bench.answer(planned("a"), planned("b"))

    assert first is False
    assert [request.plan_only for request in bench.open] == [True, True]


@pytest.mark.rule("A28")
def test_a_step_reported_alone_does_not_make_anything_plan_only() -> None:
    bench = Bench()
    bench.start()

    bench.answer(planned("a"))

    assert bench.request.plan_only is False


@pytest.mark.rule("A28")
@pytest.mark.parametrize("kind", ENDINGS)
def test_whatever_ends_a_group_the_next_step_may_run_at_once(kind: str) -> None:
    op, happens = ENDINGS[kind]
    bench = Bench(function("f", retries=0), function("child", "never"))
    bench.start()
    bench.answer(planned("a"), planned("b"), op)
    bench.answer(ran("a"), to=bench.targeted("a"))
    bench.answer(ran("b"), to=bench.targeted("b"))

    happens(bench)

    assert len(discovery(bench)) == 1
    assert bench.request.plan_only is False


# WAIT: all of a group are joined.


@pytest.mark.rule("A31")
def test_the_handler_is_entered_again_when_the_last_of_a_group_is_done() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"), planned("c"))

    bench.answer(ran("b"), to=bench.targeted("b"))
    bench.answer(ran("a"), to=bench.targeted("a"))
    before = discovery(bench)
    bench.answer(ran("c"), to=bench.targeted("c"))

    assert before == []
    assert discovery(bench) == [5]
    bench.answer(returned())
    assert len(bench.requests) == 5
    assert run.status == "completed"


@pytest.mark.rule("A31")
def test_a_group_waits_for_whatever_kind_of_step_is_slowest() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), sleep("nap", "1m"), wait("w", "answer", "5m"))

    bench.answer(ran("a"))
    bench.advance(MINUTE)
    before = bench.open
    bench.advance(4 * MINUTE)

    assert before == []
    assert targets(run, bench.open) == [None]
    assert bench.times(RequestSent) == [0, 0, 5 * MINUTE]
    assert memos(run) == {"a": {"data": None}, "nap": None, "w": None}


@pytest.mark.rule("A31", "A39")
def test_a_step_of_a_group_that_fails_is_met_when_the_others_are_done() -> None:
    bench = Bench(function(retries=0))
    run = bench.start()
    bench.answer(planned("bad"), planned("good"))

    bench.answer(failed("bad"), to=bench.targeted("bad"))
    before = discovery(bench)
    bench.answer(ran("good"), to=bench.targeted("good"))

    assert before == []
    assert len(discovery(bench)) == 1
    assert list(memos(run)) == ["bad", "good"]


@pytest.mark.rule("A39")
def test_results_of_a_group_wait_for_the_retries_of_the_one_that_fails() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(planned("bad"), planned("good"))
    bench.answer(ran("good"), to=bench.targeted("good"))

    bench.answer(failed("bad"))
    waiting = bench.open
    bench.advance(15 * SECOND)
    bench.answer(failed("bad"))

    assert waiting == []
    assert targets(run, bench.open) == [None]
    assert bench.seen(RequestSent)[-1].item == "edge-error"


@pytest.mark.rule("A34")
def test_chains_advance_level_by_level() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a1"), sleep("b1", "1h"))
    bench.answer(ran("a1"))

    bench.advance(HOUR)
    bench.answer(planned("a2"), planned("b2"))

    assert targets(run, bench.open) == ["a2", "b2"]
    assert bench.times(RequestSent) == [0, 0, HOUR, HOUR, HOUR]


@pytest.mark.rule("A31", "A34")
def test_two_chains_are_run_in_the_order_of_their_levels() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a1"), planned("b1"))
    bench.answer_targets()
    bench.answer(planned("a2"), planned("b2"))
    bench.answer_targets()
    bench.answer(returned())

    order = targets(run, bench.requests)
    assert order == [None, "a1", "b1", None, "a2", "b2", None]


@pytest.mark.rule("A31")
def test_a_later_group_replaces_what_is_waited_for() -> None:
    bench = Bench()
    bench.start()
    bench.answer(planned("a", race=True), planned("b", race=True))
    bench.answer(ran("a", race=True), to=bench.targeted("a"))

    (asked,) = [r for r in bench.open if r.target is None]
    bench.answer(planned("b", race=True), planned("x"), to=asked)
    bench.answer(ran("x"), to=bench.targeted("x"))
    before = discovery(bench)
    bench.answer(ran("b", race=True))

    assert before == []
    assert len(discovery(bench)) == 1


@pytest.mark.rule("A31")
def test_the_same_group_can_be_joined_in_every_round_of_a_loop() -> None:
    bench = Bench()
    run = bench.start()

    for nth in range(3):
        bench.answer(planned(f"a#{nth}"), planned(f"b#{nth}"))
        bench.answer_targets()

    assert targets(run, bench.open) == [None]
    assert len(bench.requests) == 1 + 3 * 3


@pytest.mark.rule("A31", "A28")
def test_what_follows_a_group_runs_one_after_the_other_as_before() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(ran("a"))
    bench.answer(planned("p1"), planned("p2"))
    bench.answer_targets()

    bench.answer(ran("b"))
    bench.answer(ran("c"))
    bench.answer(returned())

    assert targets(run, bench.requests) == [None, None, "p1", "p2", None, None, None]
    assert run.status == "completed"


@pytest.mark.rule("A31")
def test_steps_that_have_run_and_are_reported_together_are_no_group() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(ran("a"), ran("b"))

    assert list(memos(run)) == ["a", "b"]
    assert targets(run, bench.open) == [None, None]


def test_a_sleep_that_is_retried_goes_on_although_a_later_group_is_waited_for() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1m"), planned("a", race=True), planned("b", race=True))
    bench.answer(ran("b", race=True), to=bench.targeted("b"))
    (asked,) = [r for r in bench.open if r.target is None]
    bench.answer(ran("a", race=True), to=bench.targeted("a"))
    bench.advance(MINUTE)
    woken = bench.open[-1]
    bench.answer(CLOSED, to=woken)
    bench.answer(planned("x"), planned("y"), to=asked)

    bench.advance(15 * SECOND)

    assert bench.open[-1].target is None
    assert bench.open[-1].attempt == 1
    assert targets(run, bench.open)[-3:] == ["x", "y", None]


# Request version 1: unoptimized parallelism.


@pytest.mark.rule("A37")
def test_without_optimization_every_step_of_a_group_leads_back_to_the_handler() -> None:
    bench = Bench(function(request_version=1))
    run = bench.start()
    bench.answer(planned("a"), planned("b"), planned("c"))

    bench.answer_targets()

    assert targets(run, bench.requests) == [None, "a", "b", "c", None, None, None]


@pytest.mark.rule("A37")
@pytest.mark.parametrize("kind", ENDINGS)
def test_without_optimization_no_kind_of_step_is_joined(kind: str) -> None:
    op, happens = ENDINGS[kind]
    bench = Bench(function("f", retries=0, request_version=1), function("child", "never"))
    bench.start()
    bench.answer(op, wait("slow", "never", "9h"))

    happens(bench)

    assert len(discovery(bench)) == 1


@pytest.mark.rule("A28", "A37")
def test_without_optimization_a_run_plans_every_step_from_its_first_group_on() -> None:
    bench = Bench(function(request_version=1))
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    bench.answer_targets()
    bench.answer(planned("z"), to=bench.open[0])

    bench.answer(planned("z"), to=bench.open[0])
    bench.answer(ran("z"))

    assert [request.plan_only for request in bench.requests] == [False] + [True] * 6
    assert targets(run, bench.requests) == [None, "a", "b", None, None, "z", None]


# What ends a whole run from inside a group.


@pytest.mark.rule("A40", "A113")
@pytest.mark.parametrize("answer", [threw("NonRetriableError", retriable=False), threw(), CLOSED])
def test_an_error_that_is_not_a_step_s_own_ends_the_run_and_its_siblings(answer: Response) -> None:
    bench = Bench(function(retries=0))
    run = bench.start()
    bench.answer(planned("a"), planned("b"), sleep("nap", "1h"), wait("w", "answer"))

    bench.answer(answer, to=bench.targeted("a"))
    bench.answer(ran("b"), to=bench.targeted("b"))
    bench.advance(DAY)

    assert run.status == "failed"
    assert len(bench.requests) == 3
    assert (run.items, run.pauses, run.memos) == ({}, {}, {})
