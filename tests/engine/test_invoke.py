"""Invokes: a run that starts another function and waits for what becomes of it."""

from __future__ import annotations

import pytest

from dwf_sim.model.effects import Publish
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import EventArrived
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import RequestSent, RunScheduled, RunSkipped, StepMemoized, StepReported
from dwf_sim.model.run import Run
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Bench,
    data_of,
    failed,
    function,
    invoke,
    memos,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
)

TIMED_OUT = {
    "error": "InngestInvokeTimeoutError",
    "name": "InngestInvokeTimeoutError",
    "message": "Timed out waiting for invoked function to complete",
}


def invoked(timeout: str = "", quirks: Quirks | None = None) -> tuple[Bench, Run, Run]:
    """A parent that waits for its child, and the child, whose first request is open."""
    parent, child = function("f", retries=2), function("child", "never", retries=1)
    bench = Bench(parent, child, quirks=quirks)
    run = bench.start("go", {"order": 7})
    bench.answer(invoke("call", "app-child", {"sku": "x"}, timeout))
    return bench, run, bench.runs[1]


# How it begins.


@pytest.mark.rule("A130")
def test_the_wait_is_there_before_the_event_that_starts_the_child() -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()

    effects = bench.answer(invoke("call", "app-child", timeout="1h"))

    kinds = [type(e) for e in effects if isinstance(e, StepReported | Publish)]
    assert kinds == [StepReported, Publish]
    (reported,) = bench.seen(StepReported)
    assert (reported.step, reported.kind, reported.until) == ("call", "invoke", START + HOUR)
    assert reported.awaits == f"{run.id}.{step_hash('call')}"


@pytest.mark.rule("A130", "A224")
def test_an_invoke_reported_again_starts_no_second_child() -> None:
    bench = Bench(function("f"), function("child", "never"))
    bench.start()
    bench.answer(invoke("call", "app-child", race=True), planned("x", race=True))
    (step,) = (r for r in bench.open if r.target is not None)
    bench.answer(ran("x", race=True), to=step)

    bench.answer(invoke("call", "app-child", race=True), to=bench.open[-1])

    assert len(bench.system_events("invoked")) == 1
    assert len(bench.runs) == 2


@pytest.mark.rule("A131")
def test_the_child_is_started_by_an_event_that_says_who_calls_it() -> None:
    bench, run, child = invoked("1h")

    (event,) = bench.system_events("invoked")
    meta = data_of(event).pop("_inngest")
    assert child.events == (event,)
    assert (event.name, event.ts) == ("inngest/function.invoked", START)
    assert data_of(event) == {"sku": "x", "_inngest": meta}
    assert meta == {
        "fn_id": "app-child",
        "correlation_id": f"{run.id}.{next(iter(run.labels))}",
        "source_app_id": "app",
        "source_fn_id": "app-f",
        "expire": START + HOUR,
        "gid": next(iter(run.labels)),
        "name": "call",
    }


@pytest.mark.rule("A131")
def test_each_invoke_has_an_event_of_its_own() -> None:
    bench = Bench(function("f"), function("child", "never"))
    bench.start()

    bench.answer(invoke("a", "app-child"), invoke("b", "app-child"))

    first, second = bench.system_events("invoked")
    assert first.id != second.id
    assert [run.function.id for run in bench.runs] == ["app-f", "app-child", "app-child"]


@pytest.mark.rule("A132", "B37")
def test_the_child_needs_no_trigger_that_takes_the_event() -> None:
    bench, _, child = invoked()

    assert child.function.id == "app-child"
    assert len(bench.seen(RunScheduled)) == 2


@pytest.mark.rule("A132", "B37")
def test_a_function_that_is_invoked_and_triggered_by_the_same_event_runs_once() -> None:
    bench = Bench(function("f"), function("child", "inngest/*"))
    bench.start()

    bench.answer(invoke("call", "app-child"))

    assert [run.function.id for run in bench.runs] == ["app-f", "app-child"]
    assert [skip.policy for skip in bench.seen(RunSkipped)] == ["event id"]


@pytest.mark.rule("A79", "B37")
def test_a_function_that_does_not_exist_is_an_error_of_the_step() -> None:
    bench = Bench()
    run = bench.start()

    bench.answer(invoke("call", "app-nope"))

    message = "could not find function with ID: app-nope"
    error = {"error": message, "name": "Error", "message": message}
    assert memos(run) == {"call": {"error": error}}
    assert bench.request.run_id == run.id


@pytest.mark.rule("A133")
def test_the_child_is_a_run_as_any_other() -> None:
    bench, _, child = invoked()

    bench.answer(failed("a"))
    bench.advance(15 * SECOND)
    bench.answer(ran("a"))
    bench.answer(sleep("nap", "1h"))
    bench.advance(HOUR)
    bench.answer(returned(1))

    mine = [sent.attempt for sent in bench.seen(RequestSent) if sent.run == child.id]
    assert mine == [0, 1, 0, 0]
    assert child.status == "completed"
    assert bench.request.run_id != child.id


@pytest.mark.rule("A134")
def test_a_child_that_is_skipped_leaves_its_parent_waiting() -> None:
    bench, run, _ = invoked("1h")
    event = bench.system_events("invoked")[0]

    bench.tell(EventArrived(event))
    bench.advance(MINUTE)

    assert [skip.function for skip in bench.seen(RunSkipped)] == ["app-child"]
    assert run.memos == {}


# What becomes of it.


@pytest.mark.rule("A136", "A130")
def test_the_child_s_result_is_the_parent_s_memo_at_once() -> None:
    bench, run, _ = invoked()
    bench.advance(MINUTE)

    bench.answer(returned({"ok": True}))

    assert memos(run) == {"call": {"data": {"ok": True}}}
    assert bench.seen(StepMemoized) == [StepMemoized(run.id, "call", "invoke")]
    assert (bench.request.run_id, bench.now) == (run.id, START + MINUTE)
    assert run.pauses == {}


@pytest.mark.rule("A79", "A136", "A139")
def test_the_child_s_error_arrives_once_after_its_own_retries() -> None:
    bench, run, _ = invoked()

    bench.answer(threw("Boom", "bad"))
    between = dict(run.memos)
    bench.advance(15 * SECOND)
    bench.answer(threw("Boom", "bad"))

    error = {"error": "invalid status code: 500", "name": "Boom", "message": "bad"}
    assert between == {}
    assert memos(run) == {"call": {"error": {**error, "stack": "stack"}}}
    assert (bench.request.run_id, bench.request.attempt) == (run.id, 0)


@pytest.mark.rule("A79")
def test_a_child_whose_worker_never_answers_is_an_error_whose_message_is_json() -> None:
    bench, run, child = invoked()

    bench.answer(CLOSED)
    bench.advance(HOUR)
    bench.answer(CLOSED)

    message = "Unable to reach SDK URL"
    assert memos(run) == {
        "call": {"error": {"error": message, "name": "Error", "message": child.result}}
    }


@pytest.mark.rule("A135", "A79")
def test_an_invoke_that_takes_too_long_is_an_error_and_its_child_goes_on() -> None:
    bench, run, child = invoked("1h")

    bench.advance(HOUR)
    bench.answer(returned("late"), to=bench.open[0])

    assert memos(run) == {"call": {"error": TIMED_OUT}}
    assert child.status == "completed"
    assert [request.run_id for request in bench.open] == [run.id]


@pytest.mark.rule("A135")
def test_an_invoke_without_timeout_waits_a_year() -> None:
    bench, run, _ = invoked()

    bench.advance(365 * DAY - 1)
    before = dict(run.memos)
    bench.advance(1)

    assert before == {}
    assert memos(run) == {"call": {"error": TIMED_OUT}}


@pytest.mark.rule("A135")
def test_the_timeout_of_an_invoke_has_no_maximum() -> None:
    bench, run, _ = invoked("5000d")

    bench.advance(4999 * DAY)

    assert (run.status, run.memos) == ("running", {})


@pytest.mark.rule("A135")
def test_a_result_past_the_timeout_is_dropped_even_if_the_timeout_is_later_still() -> None:
    bench, run, child = invoked("1h")
    bench.pass_without_timers(HOUR + 1)

    bench.answer(returned("late"))
    bench.advance(0)

    assert child.status == "completed"
    assert memos(run) == {"call": {"error": TIMED_OUT}}


@pytest.mark.rule("A137")
def test_a_cancelled_child_resolves_the_invoke_with_the_whole_event() -> None:
    bench, run, child = invoked()

    bench.cancel(child)

    (finished,) = bench.system_events("finished")
    memo = memos(run)["call"]
    assert isinstance(memo, dict)
    assert memo["name"] == "inngest/function.finished"
    assert memo["id"] == finished.id
    assert memo["data"]["_inngest"] == {"status": "Cancelled"}
    assert memo["data"]["run_id"] == child.id


@pytest.mark.rule("A137")
def test_without_the_quirk_a_cancelled_child_is_an_error() -> None:
    bench, run, child = invoked(quirks=Quirks(cancelled_invoke_resolves=False))

    bench.cancel(child)

    assert memos(run) == {"call": {"error": {"name": "Error", "message": "function cancelled"}}}


@pytest.mark.rule("A138")
@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_a_child_goes_on_when_its_parent_has_ended(end: str) -> None:
    bench = Bench(function("f", retries=0), function("child", "never"))
    run = bench.start()
    bench.answer(invoke("call", "app-child"), planned("x"))
    (step,) = (r for r in bench.open if r.target is not None)

    bench.cancel(run) if end == "cancel" else bench.answer(threw(), to=step)
    child = bench.runs[1]
    bench.answer(returned(1), to=next(r for r in bench.open if r.run_id == child.id))

    assert child.status == "completed"
    assert run.memos == {}
    assert run.is_ended


@pytest.mark.rule("A139")
def test_the_child_s_failure_uses_up_no_attempt_of_its_parent() -> None:
    bench, run, _ = invoked()
    bench.answer(threw(retriable=False))

    bench.answer(ran("fallback"))

    mine = [sent.attempt for sent in bench.seen(RequestSent) if sent.run == run.id]
    assert mine == [0, 0, 0]


def test_a_grandchild_s_result_goes_to_its_own_parent() -> None:
    bench = Bench(function("f"), function("g", "never"), function("h", "never"))
    run = bench.start()
    bench.answer(invoke("call", "app-g"))
    bench.answer(invoke("call", "app-h"))

    bench.answer(returned("h"))
    bench.answer(returned("g"))

    assert memos(bench.runs[1]) == {"call": {"data": "h"}}
    assert memos(run) == {"call": {"data": "g"}}


def test_a_wait_and_an_invoke_of_one_group_are_joined() -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()
    bench.answer(wait("w", "answer", "1h"), invoke("call", "app-child"))

    bench.answer(returned(1))
    between = bench.open
    bench.send("answer")

    assert between == []
    assert list(memos(run)) == ["call", "w"]
    assert bench.request.run_id == run.id
