"""Ops: what the engine makes of each thing a handler reports."""

from __future__ import annotations

import pytest

from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Ops
from dwf_sim.model.ops import Op, UnknownOp
from dwf_sim.model.payload import decode
from dwf_sim.model.records import (
    ItemDropped,
    JobRepeated,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    RunFinished,
    StepMemoized,
    StepReported,
)
from tests.engine.bench import (
    DAY,
    HOUR,
    SECOND,
    START,
    Bench,
    failed,
    function,
    invoke,
    memos,
    planned,
    ran,
    retry_after,
    sleep,
    targets,
    threw,
    wait,
    wait_signal,
)


def unknown(label: str = "x") -> UnknownOp:
    """An op of tomorrow's SDK."""
    return UnknownOp(step_hash(label), label, 0, "Teleport")


@pytest.mark.rule("A17", "A61")
def test_a_step_that_ran_leads_back_to_the_handler_at_once_with_a_fresh_attempt() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(failed("a"))
    bench.advance(15 * SECOND)

    bench.answer(ran("a", 1))

    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "a", "data")]
    assert bench.times(RequestSent) == [0, 15 * SECOND, 15 * SECOND]
    assert (bench.request.attempt, bench.request.target) == (0, None)
    assert memos(run) == {"a": {"data": 1}}


@pytest.mark.rule("A20")
@pytest.mark.parametrize(
    ("op", "reported"),
    [
        (planned("x"), ("planned", None, None)),
        (sleep("x", "1h"), ("sleep", START + HOUR, None)),
        (wait("x", "answer", "1h"), ("wait", START + HOUR, "answer")),
        (wait_signal("x", "ping", "1h"), ("signal", START + HOUR, "ping")),
        (invoke("x", "app-f", timeout="1h"), ("invoke", START + HOUR, f"RUN.{step_hash('x')}")),
    ],
)
def test_ops_that_happen_later_are_registered(
    op: Op, reported: tuple[str, int | None, str | None]
) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(op)

    kind, until, awaits = reported
    awaits = awaits and awaits.replace("RUN", run.id)
    assert bench.seen(StepReported) == [StepReported(run.id, "x", kind, until, awaits)]
    assert run.memos == {}


@pytest.mark.rule("A21")
def test_a_response_without_ops_asks_the_handler_again() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(Ops(()))
    bench.answer(Ops(()))

    assert bench.request.run_id == run.id
    assert [sent.attempt for sent in bench.seen(RequestSent)] == [0, 0, 0]


@pytest.mark.rule("A22", "A25")
def test_an_unknown_op_makes_the_response_an_error_that_is_retried() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(unknown())
    bench.advance(15 * SECOND)

    (retry,) = bench.seen(RetryScheduled)
    assert retry.error == "unknown opcode Teleport"
    assert bench.request.attempt == 1
    assert run.status == "running"


@pytest.mark.rule("A23")
def test_waits_of_a_response_are_registered_before_anything_else_of_it() -> None:
    bench = Bench()
    bench.start()

    bench.answer(planned("send"), sleep("nap", "1h"), wait("w", "answer"), wait("v", "other"))

    assert [report.step for report in bench.seen(StepReported)] == ["w", "v", "send", "nap"]


@pytest.mark.rule("A23")
def test_a_wait_reported_after_an_invoke_sees_what_the_invoke_sends() -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()

    bench.answer(invoke("call", "app-child"), wait("w", "inngest/function.invoked"))

    assert list(memos(run)) == ["w"]


EARLY: list[tuple[str, tuple[Op, ...], str, str]] = [
    (
        "a sleep too long",
        (sleep("x", "367d"),),
        "InngestErrTimeoutTooLong",
        "The timeout or sleep is longer than the maximum of one year",
    ),
    (
        "a wait too long",
        (wait("x", "answer", "8785h"),),
        "InngestErrTimeoutTooLong",
        "The timeout or sleep is longer than the maximum of one year",
    ),
    (
        "a bad expression",
        (wait("x", "answer", "1h", "event.data.x =="),),
        "InvalidExpression",
        "Wait for event If expression failed to compile",
    ),
    (
        "a signal taken twice",
        (wait_signal("x", "ping"), wait_signal("y", "ping")),
        "Error",
        "Signal conflict; signal wait already exists for another run",
    ),
]


@pytest.mark.rule("A24")
@pytest.mark.parametrize(
    ("ops", "name", "message"), [e[1:] for e in EARLY], ids=[e[0] for e in EARLY]
)
def test_what_the_engine_refuses_ends_the_run_without_retries(
    ops: tuple[Op, ...], name: str, message: str
) -> None:
    bench = Bench(function(retries=4))
    run = bench.start()

    bench.answer(*ops)
    bench.advance(DAY)

    error = {"error": f"{name}: {message}", "name": name, "message": message}
    shown = decode(run.result)
    assert bench.seen(RetryScheduled) == []
    assert run.status == "failed"
    assert isinstance(shown, dict)
    assert {key: shown["error"][key] for key in error} == error
    assert len(bench.requests) == 1


@pytest.mark.rule("A24")
def test_what_stood_before_the_refused_op_is_dropped_with_the_run() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(planned("a"), sleep("nap", "1h"), sleep("eternity", "9000h"))

    assert run.status == "failed"
    assert (run.items, run.pauses) == ({}, {})
    assert bench.open == []


@pytest.mark.rule("A25")
def test_a_bad_first_response_is_retried_up_to_twenty_one_times_and_then_forgotten() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()

    for _ in range(20):
        bench.answer(sleep("nap", "soon"))
        bench.advance(3 * HOUR)
    bench.answer(sleep("nap", "soon"))
    bench.advance(30 * DAY)

    assert [sent.attempt for sent in bench.seen(RequestSent)] == list(range(21))
    assert len(bench.seen(ItemDropped)) == 1
    assert bench.seen(RunFinished) == []
    assert run.status == "running"


@pytest.mark.rule("A25")
def test_a_bad_later_response_is_retried_as_often_as_the_function_says() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()
    bench.answer(ran("a"))

    bench.answer(sleep("nap", "soon"))
    bench.advance(HOUR)
    bench.answer(sleep("nap", "soon"))
    bench.advance(30 * DAY)

    assert [sent.attempt for sent in bench.seen(RequestSent)] == [0, 0, 1]
    assert [dropped.run for dropped in bench.seen(ItemDropped)] == [run.id]
    assert run.status == "running"


def test_errors_of_the_handler_never_get_the_first_item_s_longer_budget() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()

    bench.answer(threw())
    bench.advance(HOUR)
    bench.answer(threw())

    assert run.status == "failed"


def test_two_steps_that_fail_in_one_response_use_up_one_attempt() -> None:
    bench = Bench(function(retries=1))
    run = bench.start()

    bench.answer(failed("a"), failed("b"))
    bench.advance(HOUR)

    assert len(bench.seen(RetryScheduled)) == 1
    assert bench.request.attempt == 1
    assert run.memos == {}


def test_a_failed_step_beside_an_unknown_op_uses_up_one_attempt() -> None:
    bench = Bench(function(retries=1))
    bench.start()
    bench.answer(ran("first"))

    bench.answer(failed("a"), unknown())
    bench.advance(HOUR)

    assert len(bench.seen(RetryScheduled)) == 1
    assert bench.seen(ItemDropped) == []
    assert bench.request.attempt == 1


def test_a_failed_step_does_not_keep_its_sibling_s_outcome_from_being_stored() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(failed("a"), ran("b", 2))

    assert memos(run) == {"b": {"data": 2}}
    assert len(bench.seen(RetryScheduled)) == 1


def test_the_records_say_what_a_response_held() -> None:
    bench = Bench()
    bench.start()

    bench.answer(planned("a"), sleep("nap#2", "1h"))
    bench.answer(retry_after(START, failed("a")))

    assert [received.answer for received in bench.seen(ResponseReceived)] == [
        "StepPlanned:a + Sleep:nap:2",
        "StepErrored:a",
    ]


def test_the_same_step_twice_in_one_response_is_one_step() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(planned("a"), planned("a"))

    assert targets(run, bench.open) == ["a"]
    assert len(bench.seen(JobRepeated)) == 1
    bench.answer(ran("a"))
    assert targets(run, bench.open) == [None]
