"""Signals: one waiter each, conflicts, timeouts, and signals that nobody waits for."""

from __future__ import annotations

import pytest

from dwf_sim.model.records import RequestSent, RetryScheduled, SignalReceived, StepMemoized
from dwf_sim.model.run import Run
from tests.engine.bench import (
    DAY,
    HOUR,
    MINUTE,
    Bench,
    function,
    memos,
    planned,
    ran,
    returned,
    wait_signal,
)

CONFLICT = "Signal conflict; signal wait already exists for another run"


def received(signal: str, data: object = None) -> dict[str, object]:
    """The memo of a wait that a signal ended."""
    return {"data": {"signal": signal, "data": data}}


def two_waiters(conflict: str) -> tuple[Bench, Run, Run]:
    """Two runs, the second of which waits for the signal that the first one waits for."""
    bench = Bench(function(retries=4))
    first, second = bench.start(), bench.start()
    bench.answer(wait_signal("s", "ping", "1h"), to=bench.open[0])
    bench.answer(wait_signal("s", "ping", "2h", conflict), to=bench.open[0])
    return bench, first, second


@pytest.mark.rule("A120", "A124")
def test_a_signal_ends_the_one_wait_for_it() -> None:
    bench = Bench()
    first, second = bench.start(), bench.start()
    bench.answer(wait_signal("s", "ping"), to=bench.open[0])
    bench.answer(wait_signal("s", "pong"), to=bench.open[0])

    bench.signal("ping", 1)

    assert memos(first) == {"s": received("ping", 1)}
    assert second.memos == {}
    assert bench.seen(SignalReceived) == [SignalReceived("ping", first.id)]
    assert bench.seen(StepMemoized) == [StepMemoized(first.id, "s", "signal")]


@pytest.mark.rule("A120", "A121")
def test_a_second_waiter_fails_at_once_and_the_first_goes_on_waiting() -> None:
    bench, first, second = two_waiters("fail")

    bench.signal("ping", "one")

    assert second.status == "failed"
    assert CONFLICT in second.result
    assert bench.seen(RetryScheduled) == []
    assert memos(first) == {"s": received("ping", "one")}


@pytest.mark.rule("A120", "A121")
@pytest.mark.parametrize("conflict", ["fail", ""])
def test_two_waits_of_one_run_for_one_signal_are_a_conflict_too(conflict: str) -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(wait_signal("a", "ping"), wait_signal("b", "ping", "1h", conflict))
    bench.signal("ping")

    assert run.status == "failed"
    assert bench.seen(SignalReceived) == [SignalReceived("ping", None)]


@pytest.mark.rule("A121")
def test_a_wait_reported_again_is_no_conflict_with_itself() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("x", race=True), wait_signal("s", "ping", race=True))
    bench.answer(ran("x", race=True))

    bench.answer(wait_signal("s", "ping", race=True))
    bench.signal("ping", 1)

    assert run.status == "running"
    assert memos(run)["s"] == received("ping", 1)


@pytest.mark.rule("A121", "A122")
def test_a_replaced_wait_reported_again_is_no_conflict_either() -> None:
    bench = Bench()
    run, other = bench.start(), bench.start()
    bench.answer(
        planned("x", race=True), wait_signal("s", "ping", "1h", race=True), to=bench.open[0]
    )
    bench.answer(wait_signal("s", "ping", "1h", "replace"), to=bench.open[0])
    bench.answer(ran("x", race=True))

    bench.answer(wait_signal("s", "ping", "1h", race=True))
    bench.signal("ping", 1)
    bench.advance(HOUR)

    assert memos(other) == {"s": received("ping", 1)}
    assert memos(run) == {"x": {"data": None}, "s": None}


@pytest.mark.rule("A122")
def test_a_waiter_that_replaces_another_gets_the_signal_and_the_other_its_timeout() -> None:
    bench, first, second = two_waiters("replace")

    bench.signal("ping", "one")
    before = dict(first.memos)
    bench.advance(HOUR)

    assert memos(second) == {"s": received("ping", "one")}
    assert before == {}
    assert memos(first) == {"s": None}
    assert bench.times(StepMemoized) == [0, HOUR]


@pytest.mark.rule("A122")
def test_the_timeout_of_a_replaced_waiter_leaves_the_signal_to_the_other() -> None:
    bench, _, second = two_waiters("replace")
    bench.advance(HOUR)

    bench.signal("ping", "late")

    assert memos(second) == {"s": received("ping", "late")}


@pytest.mark.rule("A122")
def test_a_run_can_replace_its_own_wait_in_another_branch() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(
        wait_signal("a", "ping", "1m", "replace"), wait_signal("b", "ping", "1m", "replace")
    )

    bench.signal("ping", 1)
    bench.advance(MINUTE)

    # Recorded so: the earlier of the two is the one that is registered last.
    assert memos(run) == {"a": received("ping", 1), "b": None}
    assert bench.request.target is None


@pytest.mark.rule("A123")
def test_a_wait_for_a_signal_is_null_when_its_time_is_over() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping", "1m"))

    bench.advance(MINUTE)
    bench.signal("ping")

    assert memos(run) == {"s": None}
    assert bench.seen(SignalReceived) == [SignalReceived("ping", None)]


@pytest.mark.rule("A123")
def test_a_wait_for_a_signal_without_timeout_lasts_a_year() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping", ""))

    bench.advance(365 * DAY - 1)
    before = dict(run.memos)
    bench.advance(1)

    assert before == {}
    assert memos(run) == {"s": None}


@pytest.mark.rule("A123")
def test_a_wait_for_a_signal_may_last_longer_than_a_wait_for_an_event() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(wait_signal("s", "ping", "1000d"))
    bench.advance(999 * DAY)

    assert run.status == "running"


@pytest.mark.rule("A124")
def test_a_signal_that_nobody_waits_for_is_lost() -> None:
    bench = Bench()
    run = bench.start()
    bench.signal("ping", "early")

    bench.answer(wait_signal("s", "ping", "1h"))
    bench.advance(HOUR)

    assert bench.seen(SignalReceived) == [SignalReceived("ping", None)]
    assert memos(run) == {"s": None}


@pytest.mark.rule("A124")
def test_a_signal_past_the_end_of_a_wait_is_lost_even_if_the_timeout_is_later_still() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping", "1h"))
    bench.pass_without_timers(HOUR + 1)

    bench.signal("ping")
    bench.advance(0)

    assert bench.seen(SignalReceived) == [SignalReceived("ping", None)]
    assert memos(run) == {"s": None}


@pytest.mark.rule("A124")
def test_the_second_of_two_signals_finds_nobody() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping"))

    bench.signal("ping", 1)
    bench.signal("ping", 2)

    assert bench.seen(SignalReceived) == [
        SignalReceived("ping", run.id),
        SignalReceived("ping", None),
    ]
    assert memos(run) == {"s": received("ping", 1)}
    assert len(bench.seen(RequestSent)) == 2


@pytest.mark.rule("A125")
def test_a_signal_can_be_waited_for_again_once_it_came() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(wait_signal("s", "ping"))
    bench.signal("ping", 1)

    bench.answer(wait_signal("again", "ping"))
    bench.signal("ping", 2)

    assert memos(run) == {"s": received("ping", 1), "again": received("ping", 2)}


@pytest.mark.rule("A125")
@pytest.mark.parametrize("end", ["timeout", "cancel", "return"])
def test_a_wait_that_ended_in_another_way_gives_its_signal_free(end: str) -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("x"), wait_signal("s", "ping", "1m"))
    {
        "timeout": lambda: bench.advance(MINUTE),
        "cancel": lambda: bench.cancel(run),
        "return": lambda: bench.answer(returned()),
    }[end]()

    other = bench.start()
    bench.answer(wait_signal("s", "ping"), to=bench.open[-1])
    bench.signal("ping", 1)

    assert memos(other) == {"s": received("ping", 1)}
