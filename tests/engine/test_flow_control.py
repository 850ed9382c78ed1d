"""Flow control in the engine: events that are held, skipped, gathered or displaced."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from dwf_sim.model.flow_control import Batch, Debounce, RateLimit, Singleton, Throttle
from dwf_sim.model.function import TriggerCron
from dwf_sim.model.records import (
    EventHeld,
    FunctionPaused,
    ItemDelayed,
    ItemDropped,
    RequestSent,
    RunCancelling,
    RunScheduled,
    RunSkipped,
)
from dwf_sim.model.run import Run
from dwf_sim.model.settings import Cancel, Timeouts
from tests.engine.bench import (
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    data_of,
    function,
    invoke,
    memos,
    planned,
    ran,
    returned,
    sleep,
    wait,
)

ONCE = RateLimit(limit=1, period=HOUR)
SKIP = Singleton(mode="skip")
CANCEL = Singleton(mode="cancel")
FIVE = Debounce(period=5 * SECOND)
THREE = Batch(max_size=3, timeout=10 * SECOND)


def bench_of(**settings: Any) -> Bench:
    """Set up a bench with one function of these settings, and a caller that can invoke it."""
    return Bench(function(**settings), function("caller", "call"))


def skipped_by(bench: Bench) -> list[str]:
    """Name the policies that skipped runs."""
    return [record.policy for record in bench.seen(RunSkipped)]


def call(bench: Bench, data: dict[str, object] | None = None, timeout: str = "1h") -> Run:
    """Let the caller invoke the function."""
    caller = bench.start("call")
    bench.answer(invoke("i", "app-f", data, timeout), to=bench.open[-1])
    return caller


def events_of(run: Run) -> list[object]:
    """Read what a run was started with."""
    return [data_of(event).get("n") for event in run.events]


@pytest.mark.rule("B58", "B59")
def test_an_invoke_of_a_function_above_its_rate_fails() -> None:
    bench = bench_of(rate_limit=ONCE)
    bench.start()

    caller = call(bench)

    text = "invoked function is rate limited"
    error = {"error": text, "name": "Error", "message": text}
    assert memos(caller) == {"i": {"error": error}}
    assert skipped_by(bench) == ["rate limit"]


@pytest.mark.rule("B57", "B130")
def test_an_event_that_was_seen_costs_nothing_at_first_and_later_it_does() -> None:
    bench = bench_of(rate_limit=RateLimit(limit=1, period=10 * MINUTE))
    bench.send(event_id="same")
    bench.send(event_id="same")
    bench.advance(10 * MINUTE)
    bench.send(event_id="same")
    bench.send(event_id="other")

    assert skipped_by(bench) == ["event id", "event id", "rate limit"]


@pytest.mark.rule("B130")
def test_a_paused_function_uses_up_its_rate() -> None:
    bench = bench_of(rate_limit=ONCE)
    bench.pause()
    bench.send()
    bench.resume()
    bench.send()

    assert skipped_by(bench) == ["pause", "rate limit"]


@pytest.mark.rule("B51")
def test_a_tick_above_the_rate_is_lost_and_the_next_ones_come() -> None:
    limit = RateLimit(limit=1, period=2 * MINUTE)
    cron = attrs.evolve(function(rate_limit=limit), triggers=(TriggerCron("* * * * *"),))
    ticking = Bench(cron)

    ticking.advance(5 * MINUTE)

    assert ticking.times(RunScheduled) == [MINUTE, 3 * MINUTE, 5 * MINUTE]


@pytest.mark.rule("B93")
def test_each_event_pays_for_the_rate_before_it_is_debounced_and_its_run_does_not() -> None:
    bench = bench_of(rate_limit=ONCE, debounce=FIVE)
    bench.send(data={"n": 1})
    bench.advance(SECOND)
    bench.send(data={"n": 2})
    bench.advance(MINUTE)

    assert skipped_by(bench) == ["rate limit"]
    assert [events_of(run) for run in bench.runs] == [[1]]


@pytest.mark.rule("B95", "B98", "B100")
def test_the_newest_event_starts_a_run_when_it_has_been_quiet() -> None:
    bench = bench_of(debounce=FIVE)
    for n in range(3):
        bench.send(data={"n": n})
        bench.advance(2 * SECOND)
    bench.advance(MINUTE)
    bench.send(data={"n": 3})
    bench.advance(MINUTE)

    assert [events_of(run) for run in bench.runs] == [[2], [3]]
    assert bench.times(RunScheduled) == [9000, 71_000]
    assert len(bench.seen(EventHeld)) == 4
    assert [record.reason for record in bench.seen(RunSkipped)] == [
        f"event {held.event} is newer" for held in bench.seen(EventHeld)[1:3]
    ]


@pytest.mark.rule("B20")
def test_a_debounced_function_runs_twice_for_one_event_id() -> None:
    bench = bench_of(debounce=FIVE)
    for _ in range(2):
        bench.send(event_id="same")
        bench.advance(MINUTE)

    assert len(bench.runs) == 2


@pytest.mark.rule("B103")
def test_of_debounced_invokes_the_last_gets_its_answer_and_the_others_wait_in_vain() -> None:
    bench = bench_of(debounce=FIVE)
    first, second = call(bench), call(bench)
    bench.advance(5 * SECOND)

    bench.answer(returned("done"))
    for request in bench.open:
        bench.answer(returned(), to=request)
    bench.advance(2 * HOUR)

    assert memos(second) == {"i": {"data": "done"}}
    assert "error" in str(memos(first))


@pytest.mark.rule("B102", "B128")
def test_a_debounced_singleton_is_judged_when_it_is_let_go() -> None:
    bench = bench_of(debounce=FIVE, singleton=SKIP)
    bench.send()
    bench.advance(5 * SECOND)
    bench.send()
    bench.advance(4 * SECOND)
    bench.answer(returned())
    bench.advance(SECOND)
    bench.send()
    bench.advance(5 * SECOND)

    assert len(bench.runs) == 2
    assert skipped_by(bench) == ["singleton"]


@pytest.mark.rule("B106", "B109", "B110")
def test_a_batch_runs_when_it_is_full_or_its_time_is_up() -> None:
    bench = bench_of(batch=THREE)
    for n in range(5):
        bench.send(data={"n": n})
    bench.advance(MINUTE)

    assert [events_of(run) for run in bench.runs] == [[0, 1, 2], [3, 4]]
    assert bench.times(RunScheduled) == [0, 10_000]
    assert [len(request.events) for request in bench.open] == [3, 2]


@pytest.mark.rule("B108")
def test_an_event_that_is_not_for_batches_runs_alone_and_is_limited() -> None:
    settings = Batch(max_size=2, timeout=10 * SECOND, if_exp="event.data.n > 0")
    bench = bench_of(batch=settings, rate_limit=ONCE)
    for n in (0, 0, 1, 1):
        bench.send(data={"n": n})

    assert [events_of(run) for run in bench.runs] == [[0], [1, 1]]
    assert skipped_by(bench) == ["rate limit"]


@pytest.mark.rule("B112")
def test_a_batch_is_not_cancelled_by_events_and_starts_at_once() -> None:
    bench = bench_of(batch=THREE, cancel=(Cancel("stop"),))
    for _ in range(3):
        bench.send(ts=START + 10 * MINUTE)
    bench.send("stop")

    bench.advance(2 * HOUR)

    assert bench.seen(RunCancelling) == []
    assert bench.times(RequestSent) == [0]


@pytest.mark.rule("A155", "B112")
def test_a_batch_that_is_too_late_is_cancelled_when_it_would_start() -> None:
    throttle = Throttle(limit=1, period=HOUR, burst=0)
    bench = bench_of(batch=THREE, throttle=throttle, timeouts=Timeouts(start=5 * MINUTE))
    for _ in range(6):
        bench.send()

    bench.advance(2 * HOUR)

    assert bench.times(RequestSent) == [0]
    assert bench.times(RunCancelling) == [HOUR]


@pytest.mark.rule("A173")
def test_of_a_batch_everyone_who_invoked_it_is_told() -> None:
    bench = bench_of(batch=THREE)
    callers = [call(bench), call(bench)]
    bench.send()

    bench.answer(returned("done"), to=bench.open[-1])

    assert [memos(caller) for caller in callers] == [{"i": {"data": "done"}}] * 2
    assert len(bench.system_events("finished")) == 2


@pytest.mark.rule("B113", "B134")
def test_a_batch_that_is_let_go_while_its_function_is_paused_is_lost() -> None:
    bench = bench_of(batch=THREE)
    bench.send()
    bench.send()
    bench.pause()
    bench.advance(10 * SECOND)
    bench.resume()
    bench.advance(HOUR)

    assert bench.runs == []
    assert skipped_by(bench) == ["pause", "pause"]


@pytest.mark.rule("A226", "B131", "B134")
def test_a_paused_function_misses_what_comes_and_its_runs_stand_still() -> None:
    bench = bench_of()
    first = bench.start()
    bench.pause()

    bench.answer(ran("one"))
    missed = bench.send()
    while_paused = len(bench.requests)
    bench.advance(HOUR)
    bench.resume()
    bench.answer(returned())

    assert (missed, while_paused) == ([], 1)
    assert (first.status, len(bench.runs)) == ("completed", 1)
    assert bench.seen(ItemDelayed)[0].policy == "pause"
    assert [record.is_paused for record in bench.seen(FunctionPaused)] == [True, False]


@pytest.mark.rule("B124", "B125")
@pytest.mark.parametrize("op", [sleep("s", "1h"), wait("w", "answer"), planned("a")])
def test_a_singleton_is_locked_whatever_its_run_does(op: Any) -> None:
    bench = bench_of(singleton=SKIP)
    first = bench.start()

    bench.answer(op)
    while_it_lives = bench.send()
    bench.cancel(first)

    assert while_it_lives == []
    assert skipped_by(bench) == ["singleton"]
    assert len(bench.send()) == 1


@pytest.mark.rule("B124")
def test_a_singleton_is_locked_while_its_run_is_only_queued() -> None:
    bench = bench_of(singleton=SKIP)

    bench.send(ts=START + HOUR)
    bench.send()

    assert (len(bench.runs), bench.requests, skipped_by(bench)) == (1, [], ["singleton"])


@pytest.mark.rule("B124")
def test_a_singleton_is_locked_while_anything_of_its_run_is_with_a_worker() -> None:
    bench = bench_of(singleton=SKIP, retries=0)
    bench.start()
    bench.answer(planned("a"), planned("b"))

    bench.answer(wait("w", "answer", "no time at all"), to=bench.targeted("a"))
    while_b_is_under_way = bench.send()

    assert len(bench.seen(ItemDropped)) == 1
    assert while_b_is_under_way == []


@pytest.mark.rule("A25", "B124")
def test_a_singleton_is_free_when_the_last_item_of_its_run_was_dropped() -> None:
    bench = bench_of(singleton=SKIP, retries=0)
    first = bench.start()
    bench.answer(ran("a"))

    bench.answer(wait("w", "answer", "no time at all"))

    assert len(bench.send()) == 1
    assert first.status == "running"


@pytest.mark.rule("B125")
def test_the_invoker_of_a_skipped_singleton_waits_until_its_timeout() -> None:
    bench = bench_of(singleton=SKIP)
    bench.start()
    caller = call(bench, timeout="10m")

    bench.advance(9 * MINUTE)
    before = memos(caller)
    bench.advance(MINUTE)

    assert before == {}
    assert list(memos(caller)) == ["i"]


@pytest.mark.rule("A160", "B126")
def test_a_newer_singleton_displaces_the_older_one() -> None:
    bench = bench_of(singleton=CANCEL)
    first = bench.start()
    bench.answer(sleep("s", "1h"))

    second = bench.start()
    bench.answer(returned())

    assert (first.status, second.status) == ("cancelled", "completed")
    assert bench.seen(RunCancelling) == [
        RunCancelling(first.id, "singleton: displaced by a newer run")
    ]


@pytest.mark.rule("B126")
@pytest.mark.parametrize("refused_by", ["event id", "pause"])
def test_the_older_one_goes_even_if_the_newer_one_is_refused(refused_by: str) -> None:
    bench = bench_of(singleton=CANCEL)
    (first,) = bench.send(event_id="same")
    if refused_by == "pause":
        bench.pause()

    bench.send(event_id="same" if refused_by == "event id" else "")

    assert (first.status, skipped_by(bench)) == ("cancelled", [refused_by])


@pytest.mark.rule("B129")
def test_policies_are_asked_in_the_order_of_the_real_server() -> None:
    policies = [policy.name for policy in Bench().engine.state.admission]

    assert policies == ["batch", "rate limit", "debounce", "singleton", "pause", "event id"]


def test_what_is_held_anew_leaves_no_timer_behind() -> None:
    bench = bench_of(debounce=Debounce(period=MINUTE))
    for _ in range(100):
        bench.send()
        bench.advance(SECOND)

    bench.forget_dead_timers()

    assert len(bench.engine.state.alarms) == 1
