"""Checkpoints: steps that a request reports while it goes on."""

from __future__ import annotations

import pytest

from dwf_sim.model.records import (
    CheckpointRefused,
    MemoRefused,
    RequestSent,
    ResponseReceived,
    StepMemoized,
    StepsCheckpointed,
)
from tests.engine.bench import (
    CLOSED,
    SECOND,
    Bench,
    failed,
    function,
    memos,
    memos_sent,
    planned,
    ran,
    returned,
    sleep,
)


@pytest.mark.rule("A202")
def test_a_checkpoint_stores_its_steps_and_its_request_goes_on() -> None:
    bench = Bench()
    run = bench.start()

    effects = bench.checkpoint(ran("a", 1), ran("b", 2))

    assert memos(run) == {"a": {"data": 1}, "b": {"data": 2}}
    assert effects == [
        StepsCheckpointed(run.id, 1, ("a", "b")),
        StepMemoized(run.id, "a", "data"),
        StepMemoized(run.id, "b", "data"),
    ]
    assert run.state_size == 2 * len('{"data":1}')
    assert len(bench.open) == 1


@pytest.mark.rule("A202", "A203")
def test_what_a_request_reports_after_checkpoints_is_folded_in_as_ever() -> None:
    bench = Bench()
    run = bench.start()
    bench.checkpoint(ran("a", 1))

    bench.answer(sleep("nap", "1m"))
    bench.advance(60 * SECOND)

    assert memos_sent(run, bench.request) == {"a": {"data": 1}, "nap": None}


@pytest.mark.rule("A203")
def test_a_function_that_is_done_reports_what_it_has_not_reported_before() -> None:
    bench = Bench()
    run = bench.start()
    bench.checkpoint(ran("a", 1))

    bench.answer(returned("done", ran("b", 2), ran("b#1", 3)))

    ended = bench.engine.state.runs[run.id]
    assert (ended.status, ended.result) == ("completed", '"done"')
    assert memos(ended) == {"a": {"data": 1}, "b": {"data": 2}, "b:1": {"data": 3}}
    (received,) = bench.seen(ResponseReceived)
    assert received.answer == "StepRun:b + StepRun:b:1 + return"


@pytest.mark.rule("A5", "A208")
def test_a_step_that_is_checkpointed_twice_keeps_its_first_outcome() -> None:
    bench = Bench()
    run = bench.start()
    bench.checkpoint(ran("a", 1))

    bench.checkpoint(ran("a", 1))
    bench.checkpoint(ran("a", 2))

    assert memos(run) == {"a": {"data": 1}}
    assert run.state_size == len('{"data":1}')
    assert len(bench.seen(StepMemoized)) == 1
    assert bench.seen(MemoRefused) == [MemoRefused(run.id, "a")]


@pytest.mark.rule("A206", "A221")
def test_a_worker_that_dies_after_a_checkpoint_loses_an_attempt_and_no_step() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.checkpoint(ran("a", 1))

    bench.answer(CLOSED)
    bench.advance(15 * SECOND)

    assert memos_sent(run, bench.request) == {"a": {"data": 1}}
    assert bench.request.attempt == 1


@pytest.mark.rule("A205")
def test_the_steps_after_a_checkpoint_have_attempts_of_their_own() -> None:
    bench = Bench(function(retries=1))
    bench.start()
    bench.answer(failed("a"))
    bench.advance(15 * SECOND)
    assert bench.request.attempt == 1

    bench.checkpoint(ran("a"))
    bench.answer(failed("b"))
    bench.advance(15 * SECOND)

    assert [r.attempt for r in bench.seen(RequestSent)] == [0, 1, 1]


@pytest.mark.rule("A205", "A223")
def test_a_lost_lease_after_a_checkpoint_begins_with_attempt_zero() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(failed("a"))
    bench.advance(15 * SECOND)
    bench.checkpoint(ran("a", 1))

    bench.expire(bench.request)

    assert bench.request.attempt == 0
    assert memos_sent(run, bench.request) == {"a": {"data": 1}}


@pytest.mark.rule("A207", "A208")
def test_a_checkpoint_of_a_request_that_was_answered_is_refused() -> None:
    bench = Bench()
    run = bench.start()
    first = bench.request
    bench.answer(planned("a"))

    effects = bench.checkpoint(ran("late"), of=first)

    reason = "its request was answered before, or given up"
    assert effects == [CheckpointRefused(first.number, reason)]
    assert memos(run) == {}


@pytest.mark.rule("A207", "A208", "A153")
def test_a_checkpoint_of_a_run_that_has_ended_is_refused() -> None:
    bench = Bench()
    run = bench.start()
    request = bench.request
    bench.cancel(run)

    effects = bench.checkpoint(ran("late"), of=request)

    assert effects == [CheckpointRefused(request.number, "its run has ended")]
    assert bench.engine.state.runs[run.id].memos == {}


@pytest.mark.rule("A180")
def test_a_run_that_is_done_within_one_request_has_no_limit_of_steps() -> None:
    bench = Bench()
    run = bench.start()
    bench.checkpoint(*(ran(f"s{n}") for n in range(1500)))

    bench.answer(returned("done"))

    assert bench.engine.state.runs[run.id].status == "completed"
