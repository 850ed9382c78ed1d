"""Memos: a step's outcome is stored once, in one shape, in the order of completion."""

from __future__ import annotations

import pytest

from dwf_sim.model.records import MemoRefused, StepMemoized
from tests.engine.bench import (
    HOUR,
    MINUTE,
    Bench,
    failed,
    function,
    invoke,
    memos,
    memos_sent,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
    wait_signal,
)


@pytest.mark.rule("A5", "A220")
def test_the_first_outcome_of_a_step_stands() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    bench.answer(ran("a", "first"), to=bench.targeted("a"))

    bench.answer(ran("a", "second"), to=bench.targeted("b"))

    assert memos(run) == {"a": {"data": "first"}}
    assert bench.seen(MemoRefused) == [MemoRefused(run.id, "a")]


@pytest.mark.rule("A5")
def test_the_same_outcome_once_more_is_neither_stored_nor_refused() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    bench.answer(ran("a", 1), to=bench.targeted("a"))
    size = run.state_size

    bench.answer(ran("a", 1), to=bench.targeted("b"))

    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "a", "data")]
    assert bench.seen(MemoRefused) == []
    assert run.state_size == size == len('{"data":1}')


@pytest.mark.rule("A5")
def test_a_sleep_and_a_wait_under_one_id_share_one_memo() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("x", "1m"), wait("x", "answer", "1h"))
    bench.advance(MINUTE)

    bench.advance(HOUR)

    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "x", "sleep")]
    assert run.state_size == len("null")


@pytest.mark.rule("A13")
@pytest.mark.parametrize("output", [None, 0, "", [], {"data": 1}, {"error": "no"}])
def test_a_step_s_output_is_wrapped_whatever_it_is(output: object) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(ran("a", output))

    assert memos(run) == {"a": {"data": output}}


@pytest.mark.rule("A13", "A77")
def test_a_step_s_error_is_stored_with_name_message_and_stack() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(failed("a", final=True))

    assert memos(run) == {"a": {"error": {"name": "Boom", "message": "a broke", "stack": "stack"}}}


@pytest.mark.rule("A13")
def test_a_sleep_and_a_wait_without_answer_are_null() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1m"), wait("w", "answer", "1m"), wait_signal("s", "ping", "1m"))

    bench.advance(MINUTE)

    assert memos(run) == {"w": None, "nap": None, "s": None}


@pytest.mark.rule("A13")
def test_a_wait_remembers_the_whole_event_as_it_is() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait("w", "answer"))

    bench.send("answer", {"n": 1}, event_id="x")

    event = {"name": "answer", "data": {"n": 1}, "user": {}, "id": "x", "ts": bench.now}
    assert memos(run) == {"w": event}


@pytest.mark.rule("A13", "A123")
def test_a_wait_for_a_signal_remembers_the_signal_and_its_data() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping"))

    bench.signal("ping", {"n": 1})

    assert memos(run) == {"s": {"data": {"signal": "ping", "data": {"n": 1}}}}


@pytest.mark.rule("A13", "A136")
def test_an_invoke_remembers_the_result_or_the_error() -> None:
    bench = Bench(function("f"), function("child", "never", retries=0))
    run = bench.start()
    bench.answer(invoke("good", "app-child"), invoke("bad", "app-child"))

    bench.answer(returned([1]), to=bench.open[0])
    bench.answer(threw("Boom", "bad"), to=bench.open[0])

    error = {"error": "invalid status code: 500", "name": "Boom", "message": "bad"}
    assert memos(run) == {"good": {"data": [1]}, "bad": {"error": {**error, "stack": "stack"}}}


@pytest.mark.rule("A15")
def test_a_request_carries_the_memos_in_the_order_of_completion() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), sleep("nap", "1m"), planned("b"))
    bench.answer(ran("b", 2), to=bench.targeted("b"))
    bench.advance(MINUTE)

    bench.answer(ran("a", 1))

    assert list(memos_sent(run, bench.request)) == ["b", "nap", "a"]


def test_a_request_keeps_the_memos_it_was_sent_with() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))
    early = bench.targeted("b")

    bench.answer(ran("a"), to=bench.targeted("a"))

    assert memos_sent(run, early) == {}
    assert list(memos(run)) == ["a"]


@pytest.mark.rule("A12")
def test_repeats_of_an_id_are_steps_of_their_own() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(ran("fetch", 1))
    bench.answer(ran("fetch#1", 2))

    assert memos(run) == {"fetch": {"data": 1}, "fetch:1": {"data": 2}}
