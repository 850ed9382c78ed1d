"""Runs that are throttled: their starts wait, and whatever else is theirs does not."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.model.flow_control import Concurrency, Throttle
from dwf_sim.model.records import RequestSent, RunCancelling
from dwf_sim.model.run import Run
from dwf_sim.model.settings import Timeouts
from tests.engine.bench import (
    CLOSED,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    function,
    ran,
    returned,
    sleep,
)

ONE = (Concurrency(limit=1),)
ONE_OF_A_USER = (Concurrency(limit=1, key="event.data.user"),)


def bench_of(**settings: Any) -> Bench:
    """Set up a bench with one function of these settings."""
    return Bench(function(**settings))


def starts(bench: Bench, count: int) -> list[Run]:
    """Start runs a millisecond apart."""
    runs = []
    for _ in range(count):
        runs.append(bench.start())
        bench.advance(1)
    return runs


def sent(bench: Bench) -> list[str]:
    """Name the runs of all requests so far, by their numbers."""
    return [bench.engine.state.runs[r.run_id].label.split("#")[1] for r in bench.requests]


@pytest.mark.rule("B67", "B69")
def test_a_throttle_delays_starts_and_nothing_else() -> None:
    bench = bench_of(throttle=Throttle(limit=1, period=10 * SECOND, burst=0))
    first, *_ = starts(bench, 3)

    bench.answer(ran("one"))
    bench.answer(sleep("nap", "1s"))
    bench.advance(MINUTE)
    bench.answer(returned(), to=bench.open[0])

    assert [(r.run == first.id, r.item) for r in bench.seen(RequestSent)] == [
        (True, "start"),
        (True, "edge"),
        (True, "sleep"),
        (False, "start"),
        (False, "start"),
    ]
    assert bench.times(RequestSent)[3:] == [10_000, 20_000]


@pytest.mark.rule("B77")
def test_a_start_is_counted_when_it_has_its_slots_and_not_before() -> None:
    throttle = Throttle(limit=1, period=10 * SECOND, burst=0)
    bench = bench_of(throttle=throttle, concurrency=ONE)
    starts(bench, 3)
    bench.advance(MINUTE)

    bench.answer(returned())
    started_late = bench.now - START
    bench.answer(returned())
    bench.advance(MINUTE)

    assert bench.times(RequestSent) == [0, started_late, started_late + 10_000]


def test_a_throttle_and_a_limit_may_have_the_same_key() -> None:
    throttle = Throttle(limit=1, period=10 * SECOND, burst=0, key="event.data.user")
    bench = bench_of(throttle=throttle, concurrency=ONE_OF_A_USER)
    for _ in range(3):
        bench.send(data={"user": "a"})

    for _ in range(3):
        bench.answer(returned())
        bench.advance(10 * SECOND)

    assert bench.times(RequestSent) == [0, 10_000, 20_000]


@pytest.mark.rule("B75")
def test_a_run_that_is_throttled_can_be_too_late_to_start() -> None:
    throttle = Throttle(limit=1, period=HOUR, burst=0)
    bench = bench_of(throttle=throttle, timeouts=Timeouts(start="5m"))  # type: ignore[arg-type]  # Text.
    _, second = starts(bench, 2)

    bench.advance(10 * MINUTE)

    assert [record.run for record in bench.seen(RunCancelling)] == [second.id]


@pytest.mark.rule("B76")
def test_the_retry_of_a_start_is_free_for_five_minutes_and_overtakes() -> None:
    bench = bench_of(throttle=Throttle(limit=1, period=10 * MINUTE, burst=0), retries=9)
    starts(bench, 2)

    for seconds in (15, 30, 60, 120):
        bench.answer(CLOSED)
        bench.advance(seconds * SECOND)
    free = bench.times(RequestSent)
    bench.answer(CLOSED)
    bench.advance(HOUR)

    assert free == [0, 15_002, 45_002, 105_002, 225_002]
    assert sent(bench) == ["1", "1", "1", "1", "1", "2", "1"]
    assert bench.times(RequestSent)[5:] == [10 * MINUTE, 20 * MINUTE]


def test_the_next_run_starts_in_time_even_if_the_timer_of_a_cancelled_one_was_forgotten() -> None:
    bench = bench_of(throttle=Throttle(limit=1, period=10 * SECOND, burst=0))
    _, second = starts(bench, 2)
    bench.cancel(second)
    bench.forget_dead_timers()
    bench.start()

    bench.advance(MINUTE)

    assert bench.times(RequestSent) == [0, 10_000]
