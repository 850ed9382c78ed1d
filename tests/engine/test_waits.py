"""Waits for an event: which event ends one, when it is over, and whom else the event concerns."""

from __future__ import annotations

import pytest

from dwf_sim.model.messages import EventArrived
from dwf_sim.model.payload import decode
from dwf_sim.model.records import (
    EventReceived,
    EventUnclaimed,
    RetryScheduled,
    StepMemoized,
    StepReported,
)
from dwf_sim.model.run import Run
from tests.engine.bench import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    function,
    memos,
    planned,
    ran,
    returned,
    sleep,
    wait,
)

SAME_ORDER = "event.data.order == async.data.order"


def waiting(
    event: str = "answer", timeout: str = "1h", expression: str | None = None
) -> tuple[Bench, Run]:
    """A run of order 7 that waits."""
    bench = Bench()
    run = bench.start("go", {"order": 7})
    bench.answer(wait("w", event, timeout, expression))
    return bench, run


# Which event.


@pytest.mark.rule("A100")
def test_a_wait_begins_when_the_response_that_reports_it_is_handled() -> None:
    bench = Bench()
    run = bench.start()
    bench.advance(MINUTE)

    bench.answer(wait("w", "answer", "1h"))

    assert bench.times(StepReported) == [MINUTE]
    assert run.pauses[next(iter(run.pauses))].created_at == START + MINUTE
    assert bench.seen(StepReported)[0].until == START + MINUTE + HOUR


@pytest.mark.rule("A101", "A100")
def test_an_event_that_came_before_the_wait_never_ends_it() -> None:
    bench = Bench()
    run = bench.start()
    bench.send("answer")

    bench.answer(wait("w", "answer", "1h"))
    bench.advance(HOUR)

    assert memos(run) == {"w": None}


@pytest.mark.rule("A102")
def test_an_event_of_that_name_ends_a_wait_at_once() -> None:
    bench, run = waiting()
    bench.advance(MINUTE)

    bench.send("answer", {"n": 1})

    (answer,) = [event for event in bench.seen(EventReceived) if event.name == "answer"]
    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "w", "event", answer.event)]
    assert bench.request.run_id == run.id
    assert (run.pauses, run.items) == ({}, {})
    assert bench.seen(EventUnclaimed) == []


@pytest.mark.rule("A102")
@pytest.mark.parametrize(
    ("waited", "sent"),
    [("a/*", "a/b"), ("a/b", "a/c"), ("a/b", "A/B"), ("a.*", "a.b"), ("a/b", "a/b.c")],
)
def test_the_name_must_be_equal_and_knows_no_patterns(waited: str, sent: str) -> None:
    bench, run = waiting(waited)

    bench.send(sent)

    assert bench.open == []
    assert run.memos == {}


@pytest.mark.rule("A102", "A103", "A8")
def test_an_event_for_which_the_expression_is_false_leaves_the_wait_alone() -> None:
    bench, run = waiting(expression=SAME_ORDER)

    bench.send("answer", {"order": 8})
    bench.send("answer", {"order": "7"})
    bench.send("answer", {})
    before = dict(run.memos)
    bench.send("answer", {"order": 7, "last": True})

    assert before == {}
    assert _data(run) == {"order": 7, "last": True}


@pytest.mark.rule("A49", "A102")
def test_a_field_that_both_events_lack_is_equal() -> None:
    bench, run = waiting(expression="event.data.customer == async.data.customer")

    bench.send("answer", {"n": 1})

    assert _data(run) == {"n": 1}


@pytest.mark.rule("A103", "A105")
def test_each_run_compares_with_its_own_event() -> None:
    bench = Bench()
    runs = [bench.start("go", {"order": order}) for order in (1, 2, 1)]
    bench.answer_all(wait("w", "answer", "1h", SAME_ORDER))

    bench.send("answer", {"order": 1})

    assert [len(run.memos) for run in runs] == [1, 0, 1]
    assert [request.run_id for request in bench.open] == [runs[0].id, runs[2].id]


@pytest.mark.rule("A104")
def test_an_expression_that_cannot_be_read_fails_the_run_at_once() -> None:
    bench, run = waiting(expression="event.data.order ==")

    bench.send("answer", {"order": 7})

    assert run.status == "failed"
    assert bench.seen(RetryScheduled) == []
    error = decode(run.result)
    assert isinstance(error, dict)
    assert error["error"]["name"] == "InvalidExpression"
    assert error["error"]["message"] == "Wait for event If expression failed to compile"


# Whom one event concerns.


@pytest.mark.rule("A105")
def test_one_event_ends_every_wait_for_it_across_runs_and_within_one() -> None:
    bench = Bench()
    first, second = bench.start(), bench.start()
    bench.answer(wait("a", "answer"), wait("b", "answer"), to=bench.open[0])
    bench.answer(wait("w", "answer"), to=bench.open[0])

    bench.send("answer")

    assert list(memos(first)) == ["a", "b"]
    assert list(memos(second)) == ["w"]
    assert [request.run_id for request in bench.open] == [first.id, second.id]


@pytest.mark.rule("A105")
def test_a_wait_takes_one_event_and_the_next_wait_the_next() -> None:
    bench, run = waiting()
    bench.send("answer", {"n": 1})
    bench.answer(wait("again", "answer"))

    bench.send("answer", {"n": 2})

    assert [event["data"] for event in memos(run).values()] == [{"n": 1}, {"n": 2}]


@pytest.mark.rule("A106")
def test_an_event_ends_waits_and_starts_functions() -> None:
    bench = Bench(function("f"), function("g", "answer"))
    run = bench.start()
    bench.answer(wait("w", "answer"))

    (started,) = bench.send("answer")

    assert list(memos(run)) == ["w"]
    assert started.function.id == "app-g"
    assert bench.seen(EventUnclaimed) == []


@pytest.mark.rule("A106")
def test_the_event_that_starts_a_run_never_ends_a_wait_of_it() -> None:
    bench = Bench()
    first = bench.start()
    bench.answer(wait("w", "go"))

    second = bench.start()
    bench.answer_all(wait("w", "go"))

    assert list(memos(first)) == ["w"]
    assert second.memos == {}


@pytest.mark.rule("B16", "B406")
def test_an_event_whose_id_was_seen_before_still_ends_a_wait() -> None:
    bench = Bench()
    (run,) = bench.send("go", event_id="x")
    bench.answer(wait("w", "go"))

    bench.send("go", event_id="x")

    assert list(memos(run)) == ["w"]
    assert bench.runs == [run]


@pytest.mark.rule("A111", "B25")
def test_an_event_from_the_future_ends_a_wait_at_once() -> None:
    bench, run = waiting(timeout="1m")

    bench.send("answer", ts=START + DAY)

    assert bench.times(StepMemoized) == [0]
    assert list(memos(run)) == ["w"]


@pytest.mark.rule("A174")
def test_a_wait_may_be_for_an_event_of_the_engine() -> None:
    bench, run = waiting("inngest/function.finished")
    other = bench.start()

    bench.answer(returned())

    assert _data(run)["run_id"] == other.id


# When it is over.


@pytest.mark.rule("A107")
def test_a_wait_that_nothing_ended_is_null_when_its_time_is_over() -> None:
    bench, run = waiting(timeout="1m")

    bench.advance(MINUTE - 1)
    before = (dict(run.memos), bench.open)
    bench.advance(1)

    assert before == ({}, [])
    assert memos(run) == {"w": None}
    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "w", "timeout")]
    assert bench.request.run_id == run.id


@pytest.mark.rule("A107")
def test_the_timeout_of_a_wait_that_was_ended_does_nothing() -> None:
    bench, run = waiting(timeout="1m")
    bench.send("answer", {"n": 1})

    bench.advance(MINUTE)

    assert len(bench.requests) == 2
    assert _data(run) == {"n": 1}


@pytest.mark.rule("A107")
def test_an_event_after_the_timeout_comes_too_late() -> None:
    bench, run = waiting(timeout="1m")
    bench.advance(MINUTE)

    bench.send("answer")

    assert memos(run) == {"w": None}
    assert len(bench.requests) == 2


@pytest.mark.rule("A108")
@pytest.mark.parametrize(
    ("timeout", "ms"),
    [
        ("", 0),
        ("0s", 0),
        ("-1h", 0),
        ("90s", 90 * SECOND),
        ("1h30m", 90 * MINUTE),
        ("366d", 366 * DAY),
        ("2030-01-02T00:00:00Z", DAY),
    ],
)
def test_a_wait_lasts_as_long_as_its_timeout_says(timeout: str, ms: int) -> None:
    bench, run = waiting(timeout=timeout)

    bench.advance(ms)

    assert [report.until for report in bench.seen(StepReported)] == [START + ms]
    assert bench.times(StepMemoized) == [ms]
    assert memos(run) == {"w": None}


@pytest.mark.rule("A108", "A193")
@pytest.mark.parametrize("timeout", ["366d1s", "53w"])
def test_a_longer_wait_fails_the_run_at_once(timeout: str) -> None:
    _, run = waiting(timeout=timeout)

    assert run.status == "failed"
    assert "InngestErrTimeoutTooLong" in run.result


@pytest.mark.rule("A109")
def test_an_event_at_the_very_end_wins_when_it_is_taken_before_the_timeout() -> None:
    bench, run = waiting(timeout="1m")
    bench.pass_without_timers(MINUTE)

    bench.send("answer", {"n": 1})
    bench.advance(0)

    assert _data(run) == {"n": 1}
    assert len(bench.requests) == 2


@pytest.mark.rule("A109")
def test_an_event_at_the_very_end_loses_when_the_timeout_was_taken_before_it() -> None:
    bench, run = waiting(timeout="1m")
    bench.advance(MINUTE)

    bench.send("answer", {"n": 1})

    assert memos(run) == {"w": None}


@pytest.mark.rule("A109")
def test_an_event_past_the_end_is_too_late_even_if_the_timeout_is_later_still() -> None:
    bench, run = waiting(timeout="1m")
    bench.pass_without_timers(MINUTE + 1)

    bench.send("answer", {"n": 1})
    bench.advance(0)

    assert memos(run) == {"w": None}
    assert len(bench.seen(StepMemoized)) == 1


def test_an_event_that_ends_no_wait_and_starts_nothing_is_unclaimed() -> None:
    bench, _ = waiting(expression=SAME_ORDER)

    bench.send("answer", {"order": 8})

    assert [unclaimed.name for unclaimed in bench.seen(EventUnclaimed)] == ["answer"]


def test_two_steps_of_a_run_that_wait_for_one_event_name_are_told_apart() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait("a", "answer", "1m"), wait("b", "answer", "2m"), sleep("nap", "1m"))

    bench.advance(MINUTE)
    bench.send("answer", {"n": 1})

    assert list(memos(run)) == ["a", "nap", "b"]
    assert memos(run)["a"] is None
    assert memos(run)["b"] is not None


def test_an_event_that_arrives_twice_ends_one_wait_after_the_other() -> None:
    bench, run = waiting()
    event = bench.store("answer", {"n": 1})

    bench.tell(EventArrived(event))
    bench.answer(wait("again", "answer"))
    bench.tell(EventArrived(event))

    assert list(memos(run)) == ["w", "again"]


def test_a_wait_in_a_group_goes_on_while_its_sibling_runs() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("slow"), wait("w", "answer"))

    bench.send("answer")
    between = list(memos(run))
    bench.answer(ran("slow"))

    assert between == ["w"]
    assert bench.request.target is None


def _data(run: Run) -> dict[str, object]:
    (event,) = memos(run).values()
    assert isinstance(event, dict)
    data = event["data"]
    assert isinstance(data, dict)
    return data
