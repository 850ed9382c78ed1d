"""Runs: how they are created, when they start, and the only ways in which they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dwf_sim.model.records import (
    EventReceived,
    EventUnclaimed,
    RequestSent,
    RunFinished,
    RunScheduled,
    RunSkipped,
)
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    function,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def minted_at(ulid: str) -> int:
    """Read the time a ULID was minted at."""
    ms = 0
    for letter in ulid[:10]:
        ms = ms * 32 + _CROCKFORD.index(letter)
    return ms


def test_an_event_creates_a_run_and_asks_for_its_first_request_in_one_turn() -> None:
    bench = Bench(function("f"))

    run = bench.start("go", {"n": 1})

    assert bench.seen(RunScheduled) == [
        RunScheduled(run.id, "app-f", "app-f#1", (run.events[0].internal_id,), START)
    ]
    assert bench.seen(RequestSent) == [RequestSent(run.id, 1, "start", 0, None)]
    assert bench.request.run_id == run.id
    assert bench.request.events == run.events
    assert run.status == "running"


@pytest.mark.rule("A1")
def test_each_request_is_one_item_of_the_queue() -> None:
    bench = Bench()
    bench.start()

    bench.answer(ran("a"))
    bench.answer(sleep("nap", "1h"))
    bench.advance(HOUR)
    bench.answer(ran("b"))
    bench.answer(returned())

    assert [sent.item for sent in bench.seen(RequestSent)] == ["start", "edge", "sleep", "edge"]


@pytest.mark.rule("A1")
def test_the_timeout_of_a_wait_sends_no_request_of_its_own() -> None:
    bench = Bench()
    bench.start()
    bench.answer(planned("a"), wait("w", "answer", "1m"))

    bench.advance(MINUTE)

    assert [sent.item for sent in bench.seen(RequestSent)] == ["start", "edge"]


@pytest.mark.rule("A2", "B24")
def test_an_event_from_the_future_delays_the_start_and_not_the_run() -> None:
    bench = Bench()

    (run,) = bench.send("go", ts=START + MINUTE)
    before = (run.status, bench.open)
    bench.advance(MINUTE)

    assert before == ("scheduled", [])
    assert run.created_at == START
    assert bench.times(RequestSent) == [MINUTE]
    assert run.started_at == START + MINUTE


@pytest.mark.rule("A2", "B26", "B405")
def test_an_event_from_the_past_starts_its_run_now() -> None:
    bench = Bench()

    (run,) = bench.send("go", ts=START - DAY)

    assert run.started_at == START
    assert [scheduled.start_at for scheduled in bench.seen(RunScheduled)] == [START]


def test_a_run_has_started_when_its_first_request_was_sent() -> None:
    bench = Bench()
    run = bench.start()
    bench.advance(MINUTE)

    bench.answer(threw())
    bench.advance(MINUTE)
    bench.answer(ran("a"))

    assert run.started_at == START


@pytest.mark.rule("A3")
def test_a_run_id_tells_when_the_run_was_created_and_not_when_it_starts() -> None:
    bench = Bench()

    (first,) = bench.send("go", ts=START + HOUR)
    (second,) = bench.send("go", ts=START - HOUR)
    bench.advance(SECOND)
    (third,) = bench.send("go")

    assert [minted_at(run.id) for run in (first, second, third)] == [START, START, START + SECOND]
    assert first.id < second.id < third.id


@pytest.mark.rule("A4", "B17", "B23")
def test_the_same_event_id_starts_each_function_once() -> None:
    bench = Bench(function("f"), function("g"))

    first = bench.send("go", event_id="order-1")
    second = bench.send("go", event_id="order-1")

    assert [run.function.id for run in first] == ["app-f", "app-g"]
    assert second == []
    assert [skip.policy for skip in bench.seen(RunSkipped)] == ["event id", "event id"]


@pytest.mark.rule("A4", "B18")
def test_the_event_id_of_a_run_that_has_ended_is_still_taken_for_a_day() -> None:
    bench = Bench()
    bench.send("go", event_id="order-1")
    bench.answer(returned())

    bench.advance(DAY - 1)
    within = bench.send("go", event_id="order-1")
    bench.advance(1)
    after = bench.send("go", event_id="order-1")

    assert within == []
    assert len(after) == 1


@pytest.mark.rule("A6", "A113")
def test_what_a_run_that_has_ended_left_in_the_queue_calls_nobody() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1h"), wait("w", "answer", "2h"))

    bench.cancel(run)
    bench.advance(DAY)

    assert len(bench.requests) == 1
    assert run.memos == {}


ENDS: list[tuple[str, Callable[[Bench], object], str]] = [
    ("return", lambda bench: bench.answer(returned(1)), "completed"),
    ("error without retry", lambda bench: bench.answer(threw(retriable=False)), "failed"),
    ("error on the last attempt", lambda bench: bench.answer(threw()), "failed"),
    ("no answer on the last attempt", lambda bench: bench.answer(CLOSED), "failed"),
    ("refused by the engine", lambda bench: bench.answer(sleep("nap", "367d")), "failed"),
    ("cancelled", lambda bench: bench.cancel(bench.runs[0]), "cancelled"),
]


@pytest.mark.rule("A7")
@pytest.mark.parametrize(("end", "status"), [e[1:] for e in ENDS], ids=[e[0] for e in ENDS])
def test_a_run_ends_once_and_for_good(end: Callable[[Bench], object], status: str) -> None:
    bench = Bench(function(retries=0))
    run = bench.start()

    end(bench)
    bench.cancel(run)
    bench.advance(DAY)

    assert [finished.status for finished in bench.seen(RunFinished)] == [status]
    assert run.status == status
    assert run.ended_at == START


@pytest.mark.rule("A8")
def test_expressions_compare_with_the_event_that_started_the_run() -> None:
    bench = Bench()
    run = bench.start("go", {"order": 7})
    bench.answer(wait("first", "paid", "1h", "event.data.order == async.data.order"))
    bench.send("paid", {"order": 7, "by": "card"})
    bench.answer(wait("second", "sent", "1h", "event.data.by == async.data.by"))

    bench.send("sent", {"by": "card"})

    assert bench.open == []
    assert len(run.memos) == 1


def test_runs_of_a_function_are_numbered_in_the_order_of_their_creation() -> None:
    bench = Bench(function("f"), function("g"))

    bench.send("go")
    bench.send("go")

    assert [run.label for run in bench.runs] == ["app-f#1", "app-g#1", "app-f#2", "app-g#2"]


def test_an_event_that_nobody_takes_is_told_so() -> None:
    bench = Bench()

    runs = bench.send("unknown")

    (received,) = bench.seen(EventReceived)
    assert runs == []
    assert bench.seen(EventUnclaimed) == [EventUnclaimed(received.event, "unknown")]


def test_events_of_the_engine_itself_are_nobody_s_mistake_when_unclaimed() -> None:
    bench = Bench()
    bench.start()

    bench.answer(returned())

    assert len(bench.published) == 1
    assert bench.seen(EventUnclaimed) == []
