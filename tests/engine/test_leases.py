"""Leases: lost requests, late and repeated answers, and what is done twice because of them."""

from __future__ import annotations

import pytest

from dwf_sim.model.effects import Effect
from dwf_sim.model.messages import LeaseExpired, Ops, Replied, Response, Returned
from dwf_sim.model.records import (
    LeaseLost,
    RequestSent,
    ResponseIgnored,
    RetryScheduled,
    StepMemoized,
)
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    SECOND,
    Bench,
    failed,
    function,
    memos,
    planned,
    ran,
    returned,
    sleep,
    threw,
)


def reply(bench: Bench, number: int, response: Response) -> list[Effect]:
    """Let an answer reach the engine that the bench knows nothing of."""
    return bench.tell(Replied(number, response))


@pytest.mark.rule("A223")
def test_a_lost_lease_sends_the_same_attempt_again() -> None:
    bench = Bench(function(retries=0))
    run = bench.start()

    bench.expire(bench.request)

    assert bench.seen(LeaseLost) == [LeaseLost(run.id, 1)]
    assert [(r.number, r.attempt) for r in bench.requests] == [(1, 0), (2, 0)]
    assert bench.seen(RetryScheduled) == []


@pytest.mark.rule("A223")
def test_a_lost_lease_of_a_retry_keeps_its_attempt_and_its_step() -> None:
    bench = Bench()
    bench.start()
    bench.answer(planned("a"))
    bench.answer(failed("a"))
    bench.advance(15 * SECOND)
    lost = bench.request

    bench.expire(lost)

    assert (bench.request.attempt, bench.request.target) == (1, lost.target)


@pytest.mark.rule("A220", "A223")
def test_a_step_whose_lease_was_lost_runs_twice_and_is_stored_once() -> None:
    bench = Bench()
    run = bench.start()
    first = bench.request
    bench.expire(first)

    bench.answer(ran("a", "second"))
    late = reply(bench, first.number, Ops((ran("a", "first"),)))

    assert memos(run) == {"a": {"data": "second"}}
    assert [type(effect) for effect in late] == [ResponseIgnored]


@pytest.mark.rule("A223", "A90")
def test_a_lost_lease_after_a_sleep_does_not_end_the_sleep_twice() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1h"))
    bench.advance(HOUR)

    bench.expire(bench.request)

    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "nap", "sleep")]
    assert run.state_size == len("null")
    assert bench.request.attempt == 0


@pytest.mark.rule("A228")
def test_an_answer_that_comes_after_its_lease_was_lost_changes_nothing() -> None:
    bench = Bench()
    run = bench.start()
    lost = bench.request
    bench.expire(lost)

    effects = reply(bench, lost.number, Returned('"late"'))

    reason = "its request was answered before, or given up"
    assert effects == [ResponseIgnored(lost.number, reason)]
    assert run.status == "running"
    assert len(bench.open) == 1


@pytest.mark.rule("A228")
def test_an_answer_that_comes_twice_counts_once() -> None:
    bench = Bench()
    run = bench.start()
    number = bench.request.number
    bench.answer(planned("a"))

    effects = reply(bench, number, Returned("1"))

    assert [type(effect) for effect in effects] == [ResponseIgnored]
    assert run.status == "running"


@pytest.mark.rule("A228", "A153")
@pytest.mark.parametrize("answer", [returned(1), ran("a"), failed("a"), threw(), CLOSED])
def test_an_answer_that_comes_after_the_run_has_ended_changes_nothing(answer: Response) -> None:
    bench = Bench()
    run = bench.start()
    number = bench.request.number
    bench.cancel(run)

    effects = bench.answer(answer)

    assert effects == [ResponseIgnored(number, "its run has ended")]
    assert (run.status, run.memos) == ("cancelled", {})


@pytest.mark.rule("A228")
def test_the_answer_of_a_sibling_that_comes_after_the_end_changes_nothing() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    bench.answer(returned("early"), to=bench.targeted("a"))

    bench.answer(ran("b"))
    bench.advance(DAY)

    assert (run.status, run.result) == ("completed", '"early"')
    assert run.memos == {}
    assert len(bench.requests) == 3


def test_a_lease_lost_after_the_answer_came_is_no_loss() -> None:
    bench = Bench()
    bench.start()
    answered = bench.request
    bench.answer(planned("a"))

    effects = bench.tell(LeaseExpired(answered.number))

    assert effects == []
    assert len(bench.open) == 1


def test_a_lease_lost_after_the_run_ended_only_gives_the_slot_back() -> None:
    bench = Bench()
    run = bench.start()
    request = bench.request
    bench.cancel(run)

    effects = bench.tell(LeaseExpired(request.number))

    assert effects == [LeaseLost(run.id, request.number)]
    assert bench.engine.state.leased == {}


@pytest.mark.rule("A221")
def test_a_crash_uses_up_the_attempts_of_the_step_it_hit_and_no_others() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(CLOSED)
    bench.advance(15 * SECOND)

    bench.answer(ran("a"))
    bench.answer(CLOSED)
    bench.advance(15 * SECOND)
    bench.answer(returned())

    assert [sent.attempt for sent in bench.seen(RequestSent)] == [0, 1, 0, 1]
    assert run.status == "completed"
