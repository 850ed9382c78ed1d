"""Retries: what is tried again, how often, and when."""

from __future__ import annotations

import pytest

from dwf_sim.model.effects import Effect, SetTimer
from dwf_sim.model.messages import Response
from dwf_sim.model.payload import decode
from dwf_sim.model.records import RequestSent, RetryScheduled, RunFinished, StepMemoized
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    failed,
    function,
    memos,
    planned,
    ran,
    retry_after,
    returned,
    sleep,
    threw,
)

BACKOFF = [15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200, 7200, 7200]


def timer(effects: list[Effect]) -> SetTimer:
    """The only timer that was asked for."""
    (found,) = (effect for effect in effects if isinstance(effect, SetTimer))
    return found


def attempts(bench: Bench) -> list[int]:
    """The attempts of all requests, in order."""
    return [sent.attempt for sent in bench.seen(RequestSent)]


# How often.


@pytest.mark.rule("A60", "A62", "A192")
@pytest.mark.parametrize(
    ("retries", "most"), [(0, 1), (1, 2), (4, 5), (20, 21), (25, 21), (99, 21)]
)
def test_retries_follow_the_first_attempt_and_are_twenty_at_most(retries: int, most: int) -> None:
    bench = Bench(function(retries=retries))
    run = bench.start()

    while not run.is_ended:
        bench.answer(threw())
        bench.advance(2 * HOUR)

    assert attempts(bench) == list(range(most))
    assert {request.attempts_max for request in bench.requests} == {most}


@pytest.mark.rule("A60")
def test_a_function_has_four_retries_unless_it_says_otherwise() -> None:
    config = function()

    assert (config.retries, config.attempts_max) == (4, 5)


@pytest.mark.rule("A61", "A62")
def test_each_step_and_each_stretch_between_steps_has_attempts_of_its_own() -> None:
    bench = Bench(function(retries=1))
    bench.start()

    for answer in (failed("a"), ran("a"), failed("b"), ran("b"), threw(), returned()):
        bench.answer(answer)
        bench.advance(15 * SECOND)

    assert attempts(bench) == [0, 1, 0, 1, 0, 1]
    assert [finished.status for finished in bench.seen(RunFinished)] == ["completed"]


@pytest.mark.rule("A61")
def test_what_follows_a_sleep_starts_with_a_fresh_attempt() -> None:
    bench = Bench(function(retries=1))
    bench.start()
    bench.answer(threw())
    bench.advance(15 * SECOND)
    bench.answer(sleep("nap", "1h"))

    bench.advance(HOUR)
    bench.answer(threw())
    bench.advance(15 * SECOND)

    assert attempts(bench) == [0, 1, 0, 1]


@pytest.mark.rule("A61", "A70")
def test_parallel_steps_count_their_attempts_apart() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    bench.answer(failed("a"), to=bench.targeted("a"))
    bench.advance(15 * SECOND)

    bench.answer(failed("b"), to=bench.targeted("b"))
    bench.answer(failed("a"), to=bench.targeted("a"))

    assert list(memos(run)) == ["a"]
    assert [retry.step for retry in bench.seen(RetryScheduled)] == ["a", "b"]


@pytest.mark.rule("A63")
@pytest.mark.parametrize("answer", [threw(), CLOSED, failed("a")])
def test_the_last_attempt_is_not_followed_by_another(answer: Response) -> None:
    bench = Bench(function(retries=1))
    bench.start()

    bench.answer(answer)
    bench.advance(HOUR)
    bench.answer(answer)
    bench.advance(DAY)

    assert len(bench.seen(RetryScheduled)) == 1


# When.


@pytest.mark.rule("A64")
def test_the_waits_between_attempts_follow_the_table() -> None:
    bench = Bench(function(retries=12))
    bench.start()

    timers = []
    for _ in BACKOFF:
        timers.append((bench.now, timer(bench.answer(threw()))))
        bench.advance(2 * HOUR)

    assert [t.at - at for at, t in timers] == [seconds * SECOND for seconds in BACKOFF]
    assert {t.spread for _, t in timers} == {29_999}


@pytest.mark.rule("A64")
@pytest.mark.parametrize("jitter", [0, 1, 29_999])
def test_the_jitter_of_a_retry_is_added_to_the_table(jitter: int) -> None:
    bench = Bench()
    bench.jitter = jitter
    bench.start()

    bench.answer(failed("a"))
    bench.advance(HOUR)

    assert bench.times(RequestSent) == [0, 15 * SECOND + jitter]


@pytest.mark.rule("A64")
def test_the_record_of_a_retry_says_when_at_the_earliest_and_why() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(failed("a"))

    assert bench.seen(RetryScheduled) == [
        RetryScheduled(run.id, None, 1, START + 15 * SECOND, 29_999, "Boom: a broke")
    ]


def test_the_draw_of_a_jitter_is_named_after_the_run_and_the_step() -> None:
    bench = Bench()
    bench.start()
    bench.answer(planned("a"), planned("b"))

    streams = [timer(bench.answer(CLOSED, to=request)).stream for request in bench.open]

    assert streams == ["retry app-f#1 a", "retry app-f#1 b"]


def test_a_retry_after_a_sleep_is_not_the_sleep_s() -> None:
    bench = Bench()
    bench.start()
    bench.answer(sleep("nap", "1h"))
    bench.advance(HOUR)

    effects = bench.answer(threw())

    (retry,) = bench.seen(RetryScheduled)
    assert retry.step is None
    assert timer(effects).stream == "retry app-f#1 sleep"


@pytest.mark.rule("A65")
@pytest.mark.parametrize(
    ("asked_ms", "waited_ms"),
    [
        (2500, 2500),
        (HOUR, HOUR),
        (1000, 1000),
        (999, 1000),
        (0, 1000),
        (-HOUR, 1000),
        (DAY, DAY),
        (DAY + 1, DAY),
        (30 * DAY, DAY),
    ],
)
@pytest.mark.parametrize("where", ["handler", "step"])
def test_a_retry_after_replaces_table_and_jitter(asked_ms: int, waited_ms: int, where: str) -> None:
    bench = Bench()
    bench.start()
    at = START + asked_ms

    in_step = retry_after(at, failed("a"))
    effects = bench.answer(in_step if where == "step" else threw(retry_at=at))

    assert timer(effects) == SetTimer(
        START + waited_ms, timer(effects).item, 0, timer(effects).stream
    )


@pytest.mark.rule("A65")
@pytest.mark.parametrize(("asked_ms", "due_ms"), [(-1, 1000), (30 * DAY, DAY)])
def test_the_limits_of_a_retry_after_count_from_the_whole_second(
    asked_ms: int, due_ms: int
) -> None:
    bench = Bench()
    bench.advance(700)
    bench.start()

    effects = bench.answer(threw(retry_at=bench.now + asked_ms))

    assert timer(effects).at - START == due_ms


# What becomes of a step that fails.


@pytest.mark.rule("A69")
def test_a_step_that_fails_is_tried_again_by_the_same_item() -> None:
    bench = Bench(function(retries=2))
    run = bench.start()
    bench.answer(planned("a"))

    bench.answer(failed("a"))
    bench.advance(15 * SECOND)
    bench.answer(failed("a"))
    bench.advance(30 * SECOND)

    assert bench.request.target == bench.requests[1].target is not None
    assert attempts(bench) == [0, 0, 1, 2]
    assert run.memos == {}


@pytest.mark.rule("A69", "A70")
def test_a_step_out_of_attempts_is_memoized_as_an_error_and_met_by_the_handler() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(failed("a"))
    bench.advance(15 * SECOND)

    bench.answer(failed("a"))

    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "a", "error")]
    sent = bench.seen(RequestSent)[-1]
    assert (sent.item, sent.attempt, sent.step) == ("edge-error", 0, None)
    assert run.status == "running"


@pytest.mark.rule("A69", "A70")
def test_a_step_the_sdk_gives_up_on_is_not_tried_again() -> None:
    bench = Bench(function(retries=4))
    run = bench.start()

    bench.answer(failed("a", final=True))

    assert bench.seen(RetryScheduled) == []
    assert bench.request.attempt == 0
    assert "error" in str(memos(run)["a"])


@pytest.mark.rule("A73")
def test_a_handler_that_catches_a_failed_step_goes_on_with_fresh_attempts() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(failed("a", final=True))

    bench.answer(failed("b"))
    bench.advance(15 * SECOND)
    bench.answer(ran("b"))
    bench.answer(returned("saved"))

    assert attempts(bench) == [0, 0, 1, 0]
    assert list(memos(run)) == ["a", "b"]
    assert (run.status, run.result) == ("completed", '"saved"')


@pytest.mark.rule("A73")
def test_a_handler_can_catch_one_failed_step_after_the_other() -> None:
    bench = Bench()
    run = bench.start()

    for label in ("a", "b", "c"):
        bench.answer(failed(label, final=True))
    bench.answer(returned())

    assert list(memos(run)) == ["a", "b", "c"]
    assert run.status == "completed"


# What becomes of an error outside of steps.


@pytest.mark.rule("A74")
def test_an_error_outside_of_steps_enters_the_handler_again_with_the_same_memos() -> None:
    bench = Bench(function(retries=3))
    run = bench.start()
    bench.answer(ran("a"))

    while not run.is_ended:
        bench.answer(threw())
        bench.advance(HOUR)

    assert attempts(bench) == [0, 0, 1, 2, 3]
    assert [len(request.memos) for request in bench.requests] == [0, 1, 1, 1, 1]
    assert run.status == "failed"


@pytest.mark.rule("A75")
def test_an_error_that_forbids_retries_ends_the_run_at_once() -> None:
    bench = Bench(function(retries=4))
    run = bench.start()

    bench.answer(threw("Fatal", "no use", retriable=False))

    assert run.status == "failed"
    body = {"name": "Fatal", "message": "no use", "code": "unknown", "stack": "stack"}
    assert decode(run.result) == body
    assert bench.seen(RetryScheduled) == []


@pytest.mark.rule("A75")
def test_a_retry_after_does_not_help_where_retries_are_forbidden() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(threw(retriable=False, retry_at=START + MINUTE))

    assert run.status == "failed"


# What becomes of a request without an answer.


@pytest.mark.rule("A80", "A221")
def test_a_closed_connection_uses_up_an_attempt_and_keeps_the_memos() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(ran("a"))

    bench.answer(CLOSED)
    bench.advance(15 * SECOND)

    assert bench.request.attempt == 1
    assert list(memos(run)) == ["a"]


@pytest.mark.rule("A80", "A221")
def test_without_retries_a_closed_connection_fails_the_run() -> None:
    bench = Bench(function(retries=0))
    run = bench.start()

    bench.answer(CLOSED)

    message = "Unable to reach SDK URL"
    error = {"error": message, "name": "Error", "message": message}
    assert run.status == "failed"
    assert decode(run.result) == {"error": error}


@pytest.mark.rule("A80")
def test_no_answer_for_a_step_fails_the_run_and_never_only_the_step() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(planned("a"), planned("b"))

    bench.answer(CLOSED, to=bench.targeted("a"))
    bench.advance(15 * SECOND)
    bench.answer(CLOSED, to=bench.targeted("a"))

    assert run.status == "failed"
    assert run.memos == {}
