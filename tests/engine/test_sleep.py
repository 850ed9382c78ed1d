"""Sleeps: how long they last, and how a run goes on after one."""

from __future__ import annotations

import pytest

from dwf_sim.model.payload import decode
from dwf_sim.model.records import RequestSent, RetryScheduled, StepMemoized, StepReported
from tests.engine.bench import (
    CLOSED,
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
    threw,
)


@pytest.mark.rule("A90")
def test_a_sleep_costs_one_request_and_its_own_item_makes_it() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1h"))

    bench.advance(HOUR - 1)
    before = bench.open
    bench.advance(1)

    assert before == []
    assert [sent.item for sent in bench.seen(RequestSent)] == ["start", "sleep"]
    assert (bench.request.attempt, bench.request.target) == (0, None)
    assert memos(run) == {"nap": None}
    assert bench.times(StepMemoized) == [HOUR]


@pytest.mark.rule("A90")
def test_a_retry_after_a_sleep_does_not_sleep_again() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(sleep("nap", "1h"))
    bench.advance(HOUR)

    bench.answer(threw())
    bench.advance(15 * SECOND)
    bench.answer(CLOSED)
    bench.advance(30 * SECOND)

    assert [r.attempt for r in bench.requests] == [0, 0, 1, 2]
    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "nap", "sleep")]


@pytest.mark.rule("A90", "A31")
def test_a_sleep_in_a_group_that_is_not_done_wakes_nobody() -> None:
    bench = Bench()
    bench.start()
    bench.answer(sleep("nap", "1m"), planned("slow"))

    bench.advance(MINUTE)

    assert len(bench.requests) == 2
    bench.answer(ran("slow"))
    assert len(bench.requests) == 3


@pytest.mark.rule("A91")
@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("", 0),
        ("90s", 90 * SECOND),
        ("1h30m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("1w2d", 9 * DAY),
        ("250ms", 250),
        ("0s", 0),
        ("-1h", 0),
    ],
)
def test_a_sleep_lasts_as_long_as_its_text_says(text: str, ms: int) -> None:
    bench = Bench()
    bench.start()

    bench.answer(sleep("nap", text))

    (report,) = bench.seen(StepReported)
    assert report.until == START + ms


@pytest.mark.rule("A91", "A25")
@pytest.mark.parametrize("text", ["soon", "1", "1h 30m", "5 minutes"])
def test_a_duration_that_cannot_be_read_is_an_error_that_is_retried(text: str) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(sleep("nap", text))

    assert len(bench.seen(RetryScheduled)) == 1
    assert bench.seen(StepReported) == []
    assert run.status == "running"


@pytest.mark.rule("A91", "A93")
@pytest.mark.parametrize(
    ("ms", "slept"),
    [(400, 0), (499, 0), (500, 1000), (1499, 1000), (1500, 2000), (2500, 3000), (HOUR, HOUR)],
)
def test_a_sleep_until_an_instant_is_rounded_to_whole_seconds_from_now(ms: int, slept: int) -> None:
    bench = Bench()
    bench.advance(123)
    bench.start()

    bench.answer(sleep("nap", bench.now + ms))

    (report,) = bench.seen(StepReported)
    assert report.until == bench.now + slept


@pytest.mark.rule("A92")
@pytest.mark.parametrize("until", ["366d", START + 366 * DAY])
def test_a_sleep_may_last_366_days(until: int | str) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(sleep("nap", until))
    bench.advance(366 * DAY)
    bench.answer(returned())

    assert run.status == "completed"


@pytest.mark.rule("A92", "A193")
@pytest.mark.parametrize("until", ["366d1s", "53w", START + 366 * DAY + SECOND])
def test_a_longer_sleep_fails_the_run_at_once(until: int | str) -> None:
    bench = Bench(function(retries=4))
    run = bench.start()

    bench.answer(sleep("nap", until))

    assert run.status == "failed"
    assert "InngestErrTimeoutTooLong" in str(decode(run.result))


@pytest.mark.rule("A95")
@pytest.mark.parametrize("until", [START, START - HOUR, START - 400 * DAY])
def test_a_sleep_until_the_past_is_still_a_step_of_its_own(until: int) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(sleep("nap", until))

    assert bench.times(RequestSent) == [0, 0]
    assert memos(run) == {"nap": None}


@pytest.mark.rule("A96")
def test_a_run_that_sleeps_holds_no_worker_and_wakes_when_it_is_due() -> None:
    bench = Bench()
    late, early = bench.start(), bench.start()
    bench.answer(sleep("nap", "2h"), to=bench.open[0])
    bench.answer(sleep("nap", "1h"), to=bench.open[0])
    asleep = (bench.open, dict(bench.engine.state.leased))

    bench.advance(2 * HOUR)

    assert asleep == ([], {})
    assert [request.run_id for request in bench.open] == [early.id, late.id]
    assert bench.times(RequestSent)[2:] == [HOUR, 2 * HOUR]
