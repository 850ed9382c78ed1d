"""The order of the queue: who goes first, who holds up whom, and what is in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.model.flow_control import Concurrency, Priority
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import ItemDelayed, RequestSent
from dwf_sim.model.run import Run
from tests.engine.bench import (
    CLOSED,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    failed,
    function,
    invoke,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
)

ONE = (Concurrency(limit=1),)
ONE_OF_A_USER = (Concurrency(limit=1, key="event.data.user"),)


def bench_of(*, quirks: Quirks | None = None, **settings: Any) -> Bench:
    """Set up a bench with one function of these settings."""
    return Bench(function(**settings), quirks=quirks)


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


def send_users(bench: Bench, users: str) -> None:
    """Send an event of each user, a millisecond apart."""
    for user in users:
        bench.send(data={"user": user})
        bench.advance(1)


@pytest.mark.rule("B80", "B91")
def test_a_limit_lets_the_next_request_out_when_one_is_answered() -> None:
    bench = bench_of(concurrency=(Concurrency(limit=2),))
    starts(bench, 5)

    in_flight = []
    while bench.open:
        in_flight.append(len(bench.open))
        bench.answer(returned(), to=bench.open[0])

    assert in_flight == [2, 2, 2, 2, 1]


@pytest.mark.rule("B135", "B136")
def test_the_next_step_of_an_older_run_goes_before_the_start_of_a_newer_one() -> None:
    bench = bench_of(concurrency=ONE)
    starts(bench, 2)

    bench.answer(ran("one"))
    bench.answer(ran("two"))
    bench.answer(returned())

    assert sent(bench) == ["1", "1", "1", "2"]


@pytest.mark.rule("B139")
def test_runs_of_one_instant_go_as_they_were_queued() -> None:
    bench = bench_of(concurrency=ONE)
    for _ in range(3):
        bench.start()

    for _ in range(3):
        bench.answer(returned())

    assert sent(bench) == ["1", "2", "3"]


@pytest.mark.rule("B141")
def test_of_two_functions_the_older_item_goes_first() -> None:
    shared = (Concurrency(limit=1, key="'x'", scope="env"),)
    bench = Bench(*[function(name, name, concurrency=shared) for name in "fgh"])
    for name in "hgf":
        bench.start(name)
        bench.advance(1)

    while bench.open:
        bench.answer(returned())

    assert [request.function_id for request in bench.requests] == ["app-h", "app-g", "app-f"]


@pytest.mark.rule("B89")
def test_a_key_that_is_full_is_overtaken_by_other_keys() -> None:
    bench = bench_of(concurrency=ONE_OF_A_USER)

    send_users(bench, "aabab")

    assert sent(bench) == ["1", "3"]
    assert bench.seen(ItemDelayed)[0] == ItemDelayed(
        bench.runs[1].id,
        "start",
        None,
        "concurrency",
        "1 of 1 are in flight (concurrency of app-f: event.data.user = a)",
    )


@pytest.mark.rule("B89")
def test_a_function_that_is_full_is_overtaken_by_nobody() -> None:
    bench = bench_of(concurrency=(Concurrency(limit=2), *ONE_OF_A_USER))

    send_users(bench, "abab")
    bench.answer(returned(), to=bench.open[1])

    assert sent(bench) == ["1", "2", "4"]
    assert [delay.reason for delay in bench.seen(ItemDelayed)] == [
        "2 of 2 are in flight (concurrency of app-f)",
        "2 of 2 are in flight (concurrency of app-f)",
        "1 of 1 are in flight (concurrency of app-f: event.data.user = a)",
    ]


@pytest.mark.rule("B84")
def test_whoever_is_held_up_by_a_key_takes_no_slot_of_the_function() -> None:
    bench = bench_of(concurrency=(Concurrency(limit=2), *ONE_OF_A_USER))

    send_users(bench, "aaab")

    assert sent(bench) == ["1", "4"]


@pytest.mark.rule("B84")
def test_an_account_has_a_thousand_requests_in_flight() -> None:
    bench = Bench(function("f"), function("g", "go2"))

    for _ in range(600):
        bench.send()
        bench.send("go2")

    assert len(bench.open) == 1000


@pytest.mark.rule("B81")
@pytest.mark.parametrize(
    "op", [sleep("s", "1h"), wait("w", "answer"), invoke("i", "app-nothing-waits")]
)
def test_a_run_that_waits_is_not_in_flight(op: Any) -> None:
    bench = bench_of(concurrency=ONE)
    _, second = starts(bench, 2)

    bench.answer(op)

    assert second.status == "running"


@pytest.mark.rule("B83")
@pytest.mark.parametrize("answer", [failed("a"), threw(), CLOSED])
def test_a_run_that_is_about_to_be_retried_is_not_in_flight(answer: Any) -> None:
    bench = bench_of(concurrency=ONE)
    _, second = starts(bench, 2)

    bench.answer(answer)

    assert second.status == "running"


@pytest.mark.rule("B92")
def test_a_request_that_was_lost_gives_its_slot_back_and_takes_it_again() -> None:
    bench = bench_of(concurrency=ONE)
    starts(bench, 2)

    bench.expire(bench.request)
    bench.answer(returned())

    assert sent(bench) == ["1", "1", "2"]


def test_a_request_of_a_cancelled_run_holds_its_slot_until_it_is_answered() -> None:
    bench = bench_of(concurrency=ONE)
    first, second = starts(bench, 2)

    bench.cancel(first)
    before = second.status
    bench.answer(returned())

    assert (before, second.status) == ("scheduled", "running")


@pytest.mark.rule("B87")
def test_later_steps_are_counted_under_the_key_of_the_first_event() -> None:
    bench = bench_of(concurrency=ONE_OF_A_USER)
    send_users(bench, "a")

    bench.answer(planned("one"), planned("two"))

    assert len(bench.open) == 1
    assert bench.seen(ItemDelayed)[0].policy == "concurrency"


@pytest.mark.rule("B86")
@pytest.mark.parametrize(("key", "in_flight"), [("'x'", 1), ('"x"', 2)])
def test_functions_share_a_key_of_the_account_if_it_is_the_same_text(
    key: str, in_flight: int
) -> None:
    limits = [(Concurrency(limit=1, scope="account", key=text),) for text in ("'x'", key)]
    bench = Bench(function("f", concurrency=limits[0]), function("g", "go", concurrency=limits[1]))

    bench.send()

    assert len(bench.open) == in_flight


@pytest.mark.rule("B85", "B88")
def test_a_limit_of_nothing_is_none_and_events_without_the_key_share_it() -> None:
    unlimited = bench_of(concurrency=(Concurrency(limit=0),))
    keyed = bench_of(concurrency=ONE_OF_A_USER)

    for bench in (unlimited, keyed):
        starts(bench, 3)

    assert (len(unlimited.open), len(keyed.open)) == (3, 1)


@pytest.mark.rule("B117", "B118")
def test_runs_that_wait_start_by_their_priority() -> None:
    bench = bench_of(concurrency=ONE, priority=Priority(run="int(event.data.p)"))
    for priority in (0, 1, 60, 7):
        bench.send(data={"p": priority})
        bench.advance(10)

    while bench.open:
        bench.answer(returned())

    assert sent(bench) == ["1", "3", "4", "2"]


@pytest.mark.rule("B117")
@pytest.mark.parametrize(("later_ms", "order"), [(2999, ["1", "3", "2"]), (3001, ["1", "2", "3"])])
def test_a_head_start_is_so_many_seconds_and_no_more(later_ms: int, order: list[str]) -> None:
    bench = bench_of(concurrency=ONE, priority=Priority(run="int(event.data.p)"))
    bench.send(data={"p": 0})
    bench.send(data={"p": 0})
    bench.advance(later_ms)
    bench.send(data={"p": 3})

    while bench.open:
        bench.answer(returned())

    assert sent(bench) == order


@pytest.mark.rule("B118", "B119")
@pytest.mark.parametrize(("priority", "starts_at"), [("8", 0), ("-8", 8000), ("-1", 1000)])
def test_a_negative_priority_delays_the_start_even_if_nothing_else_waits(
    priority: str, starts_at: int
) -> None:
    bench = bench_of(priority=Priority(run=priority))

    bench.start()
    bench.advance(MINUTE)

    assert bench.times(RequestSent) == [starts_at]


@pytest.mark.rule("B120")
def test_later_steps_have_the_priority_of_their_run_and_retries_have_not() -> None:
    bench = bench_of(concurrency=ONE, priority=Priority(run="int(event.data.p)"))
    bench.send(data={"p": 0})
    bench.advance(1)
    bench.send(data={"p": 60})
    bench.advance(1)

    bench.answer(ran("one"))  # The urgent one starts now,
    bench.answer(ran("one"))  # goes on before the other one does,
    bench.answer(failed("two"), to=bench.request)
    bench.advance(15 * SECOND)
    bench.send(data={"p": 0})
    bench.answer(returned())

    assert sent(bench) == ["1", "2", "2", "1", "2"]
    assert bench.requests[-1].attempt == 1


@pytest.mark.rule("B121")
def test_a_run_with_a_future_ts_is_not_moved_by_its_priority() -> None:
    bench = bench_of(priority=Priority(run="-8"))

    bench.send(ts=START + MINUTE)
    bench.advance(HOUR)

    assert bench.times(RequestSent) == [MINUTE]


@pytest.mark.rule("B137")
@pytest.mark.parametrize(
    ("nap", "queues_behind", "order"),
    [("1h", True, ["2", "1"]), ("1h", False, ["1", "2"]), ("2s", True, ["1", "2"])],
)
def test_a_run_that_slept_queues_behind_runs_created_meanwhile(
    nap: str, queues_behind: bool, order: list[str]
) -> None:
    quirks = Quirks(woken_sleep_queues_behind=queues_behind)
    bench = bench_of(concurrency=ONE, quirks=quirks)
    bench.start()
    bench.answer(sleep("nap", nap))
    bench.advance(SECOND)
    bench.start()  # It holds the slot until the first one is awake,
    bench.start()  # and this one waits.
    bench.advance(HOUR)

    bench.answer(returned())
    bench.answer(returned())

    assert sent(bench)[2:] == [{"1": "1", "2": "3"}[run] for run in order]


@pytest.mark.rule("B137", "B138")
def test_a_retry_is_due_by_the_table_and_queues_behind_runs_created_meanwhile() -> None:
    bench = bench_of(concurrency=ONE)
    bench.start()
    bench.answer(failed("a"))
    bench.advance(14 * SECOND)
    starts(bench, 2)
    bench.advance(SECOND)

    bench.answer(returned())
    bench.answer(returned())

    assert sent(bench) == ["1", "2", "3", "1"]
    assert bench.times(RequestSent)[-1] == 15_002
