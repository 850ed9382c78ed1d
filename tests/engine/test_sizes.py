"""Sizes: what is too big is refused, and the user is told of a way round it."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.model.limits import MIB, Limits
from dwf_sim.model.messages import Response
from dwf_sim.model.ops import ErrorBody, Op, StepErrored
from dwf_sim.model.payload import decode
from dwf_sim.model.records import Complained, RetryScheduled
from dwf_sim.model.run import Run
from tests.engine.bench import (
    START,
    Bench,
    data_of,
    function,
    invoke,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
)

A_HASH = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
TOO_BIG = f"error validating generator opcode {A_HASH}: step output size is greater than the limit"


def one_try(**limits: int) -> Bench:
    """Make a bench with a function that is not retried."""
    return Bench(function(retries=0), limits=Limits(**limits))


def error_of(run: Run) -> dict[str, Any]:
    """Read what a run failed with."""
    shown: Any = decode(run.result)
    assert run.status == "failed"
    return shown["error"]


# One response.


@pytest.mark.rule("A182", "A170")
def test_a_step_output_over_four_mib_fails_a_run_without_attempts() -> None:
    """step_output_5mb."""
    bench = Bench(function(retries=0))
    run = bench.start()

    bench.answer(ran("a", "x" * 5_000_000))

    assert error_of(run) == {"error": TOO_BIG, "name": "Error", "message": TOO_BIG}
    (event,) = bench.system_events("failed")
    assert data_of(event)["result"] == run.result
    assert data_of(event)["error"] == {"error": TOO_BIG, "name": "Error", "message": run.result}


@pytest.mark.rule("A182")
@pytest.mark.parametrize(("letter", "letter_bytes"), [("x", 1), ("é", 2), ("€", 3), ("🦜", 4)])
def test_an_output_is_counted_in_bytes_as_it_would_be_kept(letter: str, letter_bytes: int) -> None:
    bytes_max = len('{"data":""}') + 100 * letter_bytes
    bench, narrow = one_try(step_bytes=bytes_max), one_try(step_bytes=bytes_max - 1)
    run, refused = bench.start(), narrow.start()

    bench.answer(ran("a", letter * 100))
    narrow.answer(ran("a", letter * 100))

    assert run.memos[A_HASH] == f'{{"data":"{letter * 100}"}}'
    assert run.state_size == bytes_max
    assert error_of(refused)["message"] == TOO_BIG


@pytest.mark.rule("A182", "A220")
def test_a_step_whose_output_is_too_big_is_executed_again_until_the_run_fails() -> None:
    bench = Bench(function(retries=1), limits=Limits(step_bytes=100))
    run = bench.start()

    bench.answer(ran("a", "x" * 100))
    first = bench.seen(RetryScheduled)
    bench.advance(15_000)
    bench.answer(ran("a", "x" * 100))

    assert [(record.attempt, record.error) for record in first] == [(1, TOO_BIG)]
    assert [request.attempt for request in bench.requests] == [0, 1]
    assert run.memos == {}
    assert error_of(run)["message"] == TOO_BIG


@pytest.mark.rule("A182", "A80")
def test_a_step_with_a_request_of_its_own_takes_its_run_with_it_too() -> None:
    bench = one_try(step_bytes=100)
    run = bench.start()
    bench.answer(planned("a"), planned("b"))

    bench.answer(ran("a", "x" * 100), to=bench.targeted("a"))

    assert error_of(run)["message"] == TOO_BIG


@pytest.mark.rule("A182")
def test_an_error_is_an_output_too() -> None:
    bench = one_try(step_bytes=100)
    run = bench.start()

    bench.answer(StepErrored(A_HASH, "a", 0, ErrorBody("Boom", "x" * 100), final=True))

    assert error_of(run)["message"] == TOO_BIG


@pytest.mark.rule("A182")
@pytest.mark.parametrize("op", [planned("a"), sleep("a", "1h"), wait("a", "x" * 200)])
def test_what_has_no_output_is_never_too_big(op: Op) -> None:
    bench = one_try(step_bytes=100)
    run = bench.start()

    bench.answer(op)

    assert run.status == "running"


@pytest.mark.rule("A184")
@pytest.mark.parametrize(
    "answer",
    [
        returned("x" * 2000),
        threw("Boom", "x" * 2000),
        threw("Boom", "\n" * 1000),
        ran("a", "x" * 2000),
        invoke("a", "app-g", {"x": "x" * 2000}),
        StepErrored(A_HASH, "a", 0, ErrorBody("Boom", "é" * 1000), final=True),
    ],
    ids=["output", "error", "escapes", "step", "invoke", "step error"],
)
def test_a_response_that_is_too_big_counts_as_no_answer(answer: Op | Response) -> None:
    bench = Bench(function(retries=1), limits=Limits(response_bytes=2000))
    run = bench.start()

    bench.answer(answer)
    bench.advance(15_000)
    bench.answer(answer)

    assert [record.error for record in bench.seen(RetryScheduled)] == ["output_too_large"]
    assert error_of(run)["message"] == "output_too_large"


@pytest.mark.rule("A184")
def test_steps_that_are_small_can_be_too_big_together() -> None:
    bench = one_try(response_bytes=1000)
    run = bench.start()

    bench.answer(*(planned(f"step {nth}") for nth in range(20)))

    assert error_of(run)["message"] == "output_too_large"


@pytest.mark.rule("A184")
def test_a_response_of_just_the_size_is_read() -> None:
    bench = one_try(response_bytes=len('"x"'))
    run = bench.start()

    bench.answer(returned("x"))

    assert run.status == "completed"


@pytest.mark.rule("A184")
def test_a_response_over_eight_mib_is_refused_by_default() -> None:
    bench = Bench(function(retries=0))
    run = bench.start()

    bench.answer(returned("x" * 8 * MIB))

    assert error_of(run)["message"] == "output_too_large"


@pytest.mark.rule("A181", "A24")
def test_more_steps_at_once_than_a_response_may_have_fail_the_run_at_once() -> None:
    bench = Bench(limits=Limits(ops_per_response=3))
    run, other = bench.start(), bench.start()
    first, second = bench.open

    bench.answer(*(planned(f"s{nth}") for nth in range(4)), to=first)
    bench.answer(*(planned(f"s{nth}") for nth in range(3)), to=second)

    message = "The function run exceeded the step limit of 3 steps."
    assert error_of(run) == {
        "error": f"InngestErrFunctionOverflowed: {message}",
        "name": "InngestErrFunctionOverflowed",
        "message": message,
    }
    assert bench.seen(RetryScheduled) == []
    assert other.status == "running"


@pytest.mark.rule("A181")
def test_a_thousand_steps_may_be_reported_at_once() -> None:
    bench = Bench()
    run, other = bench.start(), bench.start()
    first, second = bench.open

    bench.answer(*(planned(f"s{nth}") for nth in range(1000)), to=first)
    bench.answer(*(planned(f"s{nth}") for nth in range(1001)), to=second)

    assert run.status == "running"
    assert error_of(other)["message"] == "The function run exceeded the step limit of 1000 steps."


# The state of a run.


def events_size(run: Run) -> int:
    """Count the bytes of a run's events as a list in JSON."""
    return len(f"[{','.join(event.text() for event in run.events)}]".encode())


@pytest.mark.rule("A185", "A24")
def test_a_run_with_too_much_state_fails_at_once() -> None:
    bench = Bench(limits=Limits(state_bytes=1))
    run = bench.start()

    bench.answer(ran("a"))

    message = "The function run exceeded the state size limit of 1 bytes."
    assert error_of(run) == {
        "error": f"InngestErrStateOverflowed: {message}",
        "name": "InngestErrStateOverflowed",
        "message": message,
    }
    assert bench.seen(RetryScheduled) == []
    assert run.memos == {}


@pytest.mark.rule("A185")
def test_state_is_the_events_and_the_memos_in_bytes() -> None:
    data: dict[str, object] = {"naïve": "€"}
    size = events_size(Bench().start("go", data)) + 2 * len('{"data":"é"}'.encode())
    bench, narrow = (
        Bench(limits=Limits(state_bytes=size)),
        Bench(limits=Limits(state_bytes=size - 1)),
    )
    run, refused = bench.start("go", data), narrow.start("go", data)

    for each in (bench, narrow):
        each.answer(ran("a", "é"))
        each.answer(ran("b", "é"))

    assert run.status == "running"
    assert error_of(refused)["name"] == "InngestErrStateOverflowed"
    assert run.state_size == size - events_size(run)


@pytest.mark.rule("A185")
def test_only_a_step_that_ran_meets_the_limit_of_state() -> None:
    bench = Bench(limits=Limits(state_bytes=1))
    run = bench.start()

    bench.answer(sleep("z", "1s"))
    bench.advance(1000)
    bench.answer(wait("w", "answer"))
    bench.send("answer", {"x": "x" * 100})
    bench.answer(returned())

    assert run.status == "completed"


@pytest.mark.rule("A185")
def test_state_over_thirty_two_mib_is_refused_by_default() -> None:
    bench = Bench()
    run = bench.start()

    for nth in range(8):
        bench.answer(ran(f"a{nth}", "x" * (4 * MIB - 100)))
    kept = run.state_size
    bench.answer(ran("last", "x" * 1000))

    assert kept < 32 * MIB
    assert error_of(run)["message"].endswith("the state size limit of 33554432 bytes.")


# What the user is told.


@pytest.mark.parametrize(
    ("limits", "answer", "told"),
    [
        (Limits(step_bytes=9), (ran("a", "xx"),), "the output of step 'a' is over 9 bytes"),
        (Limits(response_bytes=1), (returned(5e9),), "a response is over 1 bytes"),
        (Limits(state_bytes=1), (ran("a"),), "the events and memos of the run are over 1 bytes"),
        (Limits(ops_per_response=1), (planned("a"), planned("b")), "2 steps were reported at once"),
        (Limits(steps=1), (ran("a"),), "the run has as many memos as a run may have, 1"),
    ],
    ids=["output", "response", "state", "ops", "steps"],
)
def test_who_meets_a_limit_is_told_a_way_round_it(
    limits: Limits, answer: tuple[Op | Response, ...], told: str
) -> None:
    bench = Bench(function(retries=0), limits=limits)
    run = bench.start()

    bench.answer(*answer)

    (complaint,) = bench.seen(Complained)
    assert complaint.run == run.id
    assert complaint.text.startswith(told)
    assert "with step.invoke or step.send_event" in complaint.text
    assert "return a reference to it" in complaint.text
    assert bench.now == START
