"""The end of a run: what goes with it, and which events tell the world."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dwf_sim.model.effects import Call, Publish
from dwf_sim.model.messages import Broken, RunCancelled, Threw
from dwf_sim.model.ops import ErrorBody
from dwf_sim.model.payload import decode, encode
from dwf_sim.model.records import RetryScheduled, RunFinished
from dwf_sim.model.run import Run
from tests.engine.bench import (
    CLOSED,
    DAY,
    HOUR,
    MINUTE,
    START,
    Bench,
    data_of,
    failed,
    function,
    invoke,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
    wait_signal,
)


def names(bench: Bench) -> list[str]:
    """The events the engine made, by the last part of their names."""
    return [event.name.rpartition(".")[2] for event in bench.published]


def ended(answer: object) -> tuple[Bench, Run]:
    """A run without retries that was answered so."""
    bench = Bench(function(retries=0))
    run = bench.start("go", {"n": 1})
    bench.answer(answer)
    return bench, run


# Cancelling.


def nothing(bench: Bench) -> None:
    """The run's first request is open."""


WHEREVER: dict[str, Callable[[Bench], object]] = {
    "in a step": nothing,
    "asleep": lambda bench: bench.answer(sleep("nap", "1h")),
    "waiting": lambda bench: bench.answer(wait("w", "answer")),
    "waiting for a signal": lambda bench: bench.answer(wait_signal("s", "ping")),
    "waiting for a child": lambda bench: bench.answer(invoke("call", "app-child")),
    "between attempts": lambda bench: bench.answer(threw()),
    "in a group": lambda bench: bench.answer(planned("a"), planned("b"), sleep("nap", "1h")),
}


@pytest.mark.rule("A152", "A112")
@pytest.mark.parametrize("where", WHEREVER)
def test_a_run_is_cancelled_at_once_wherever_it_is(where: str) -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()
    WHEREVER[where](bench)
    bench.advance(1)

    bench.cancel(run)

    assert (run.status, run.ended_at) == ("cancelled", START + 1)
    assert (run.items, run.pauses, run.pending) == ({}, {}, {})
    assert names(bench)[-2:] == ["finished", "cancelled"]
    state = bench.engine.state
    assert (state.event_waits, state.signal_waits, state.invoke_waits) == ({}, {}, {})
    assert [item for item in state.waiting.values() if item.run is run] == []


@pytest.mark.rule("A152")
def test_a_run_that_has_not_started_can_be_cancelled() -> None:
    bench = Bench()
    (run,) = bench.send("go", ts=START + HOUR)

    bench.cancel(run)
    bench.advance(HOUR)

    assert run.status == "cancelled"
    assert run.started_at is None
    assert bench.requests == []


@pytest.mark.rule("A152", "A153")
def test_nothing_happens_to_a_cancelled_run_any_more() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), sleep("nap", "1h"), wait("w", "answer"), wait_signal("s", "ping"))
    bench.cancel(run)
    told = len(bench.records)

    bench.answer(ran("a"))
    bench.send("answer")
    bench.signal("ping")
    bench.advance(DAY)

    assert [getattr(record, "run", None) for _, record in bench.records[told:]] == [None] * 4
    assert run.memos == {}
    assert len(bench.requests) == 2


@pytest.mark.rule("A154")
@pytest.mark.parametrize("answer", [returned(1), threw(retriable=False)])
def test_cancelling_a_run_that_has_ended_does_nothing(answer: object) -> None:
    bench, run = ended(answer)
    before = (run.status, run.ended_at, len(bench.published))
    bench.advance(MINUTE)

    effects = bench.tell(RunCancelled(run.id))

    assert effects == []
    assert (run.status, run.ended_at, len(bench.published)) == before


@pytest.mark.rule("A154")
def test_cancelling_a_run_does_not_touch_another() -> None:
    bench = Bench()
    first, second = bench.start(), bench.start()

    bench.cancel(first)
    third = bench.start()

    assert [run.status for run in (first, second, third)] == ["cancelled", "running", "running"]


def test_cancelling_a_run_that_does_not_exist_does_nothing() -> None:
    bench = Bench()

    effects = bench.tell(RunCancelled("nobody"))

    assert effects == []


@pytest.mark.rule("A158")
def test_a_cancelled_run_is_not_retried_and_does_not_count_as_failed() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(failed("a"))
    retries = len(bench.seen(RetryScheduled))

    bench.cancel(run)
    bench.advance(DAY)

    assert len(bench.seen(RetryScheduled)) == retries
    assert names(bench) == ["finished", "cancelled"]


# What goes with a run.


@pytest.mark.rule("A112")
def test_the_end_is_recorded_before_the_events_that_tell_of_it() -> None:
    bench = Bench()
    bench.start()

    effects = bench.answer(threw(retriable=False))

    kinds = [type(effect) for effect in effects if not isinstance(effect, Call)]
    assert kinds[-3:] == [RunFinished, Publish, Publish]


@pytest.mark.rule("A112", "A113")
def test_a_run_that_ends_takes_its_items_and_waits_with_it() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"), sleep("nap", "1h"), wait("w", "answer"))

    bench.answer(returned(1), to=bench.targeted("a"))
    bench.send("answer")
    bench.advance(DAY)

    assert (run.status, run.result) == ("completed", "1")
    assert (run.items, run.pauses, run.jobs) == ({}, {}, {})
    assert len(bench.requests) == 3


@pytest.mark.rule("A113")
def test_two_requests_that_both_end_the_run_end_it_once() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a"), planned("b"))

    bench.answer(threw(retriable=False), to=bench.targeted("a"))
    bench.answer(threw(retriable=False), to=bench.targeted("b"))

    assert [finished.run for finished in bench.seen(RunFinished)] == [run.id]
    assert names(bench) == ["finished", "failed"]


# Which events tell of it.


@pytest.mark.rule("A168")
@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda bench: bench.answer(returned(1)), ["finished"]),
        (lambda bench: bench.answer(threw(retriable=False)), ["finished", "failed"]),
        (lambda bench: bench.answer(sleep("nap", "367d")), ["finished", "failed"]),
        (lambda bench: bench.cancel(bench.runs[0]), ["finished", "cancelled"]),
    ],
)
def test_every_end_is_told_by_its_own_events(
    end: Callable[[Bench], object], told: list[str]
) -> None:
    bench = Bench()
    run = bench.start()
    bench.advance(MINUTE)

    end(bench)

    assert names(bench) == told
    assert {event.ts for event in bench.published} == {START + MINUTE}
    assert {event.run_id for event in bench.published} == {run.id}


@pytest.mark.rule("A166", "A168")
@pytest.mark.parametrize("name", ["failed", "cancelled"])
def test_the_run_s_id_is_the_id_of_the_events_that_come_once(name: str) -> None:
    bench = Bench()
    run = bench.start()

    bench.cancel(run) if name == "cancelled" else bench.answer(threw(retriable=False))

    (finished,), (once,) = bench.system_events("finished"), bench.system_events(name)
    assert once.id == run.id
    assert finished.id == finished.internal_id != run.id


@pytest.mark.rule("A169")
def test_the_events_name_the_function_the_run_and_the_event_that_started_it() -> None:
    bench, run = ended(returned({"ok": True}))

    (event,) = bench.published
    first = run.events[0].view
    assert data_of(event) == {
        "function_id": "app-f",
        "run_id": run.id,
        "event": first,
        "events": [first],
        "result": {"ok": True},
        "_inngest": {"status": "Completed"},
    }


@pytest.mark.rule("A169")
@pytest.mark.parametrize("name", ["finished", "failed", "cancelled"])
def test_the_events_of_an_invoked_run_say_which_invoke_it_was(name: str) -> None:
    bench = Bench(function("f"), function("child", "never", retries=0))
    run = bench.start()
    bench.answer(invoke("call", "app-child"))

    bench.cancel(bench.runs[1]) if name == "cancelled" else bench.answer(threw())

    (event,) = bench.system_events(name)
    assert data_of(event)["correlation_id"] == f"{run.id}.{next(iter(run.labels))}"


@pytest.mark.rule("A170")
@pytest.mark.parametrize(
    ("retriable", "error"), [(True, "invalid status code: 500"), (False, "NonRetriableError")]
)
def test_a_failed_run_tells_the_error_and_the_body_it_came_in(retriable: bool, error: str) -> None:
    bench, run = ended(threw("Boom", "bad", retriable=retriable))

    (event,) = bench.system_events("failed")
    common = {"name": "Boom", "message": "bad", "stack": "stack"}
    assert data_of(event)["error"] == {"error": error, **common}
    assert data_of(event)["result"] == {**common, "code": "unknown"}
    assert data_of(event)["_inngest"] == {"status": "Failed"}
    assert decode(run.result) == {**common, "code": "unknown"}


@pytest.mark.rule("A170")
@pytest.mark.parametrize("has_stack", [True, False])
def test_a_body_without_a_stack_is_kept_as_it_came(has_stack: bool) -> None:
    error = ErrorBody("Boom", "bad", None, "unknown", has_stack)
    bench, run = ended(Threw(error, retriable=True))

    (event,) = bench.system_events("failed")
    body = {"name": "Boom", "message": "bad", "code": "unknown"}
    assert decode(run.result) == ({**body, "stack": None} if has_stack else body)
    assert data_of(event)["result"] == decode(run.result)
    assert "stack" not in data_of(event)["error"]


@pytest.mark.rule("A170")
@pytest.mark.parametrize(
    ("answer", "name", "text", "cause"),
    [
        (
            sleep("nap", "367d"),
            "InngestErrTimeoutTooLong",
            "The timeout or sleep is longer than the maximum of one year",
            "InngestErrTimeoutTooLong",
        ),
        (CLOSED, "Error", "Unable to reach SDK URL", "Unable to reach SDK URL"),
    ],
)
def test_what_the_engine_itself_found_is_told_as_json_in_the_message(
    answer: object, name: str, text: str, cause: str
) -> None:
    bench, run = ended(answer)

    (event,) = bench.system_events("failed")
    shown = decode(run.result)
    assert isinstance(shown, dict)
    assert (shown["error"]["name"], shown["error"]["message"]) == (name, text)
    assert data_of(event)["error"] == {"error": cause, "name": "Error", "message": run.result}
    assert data_of(event)["result"] == run.result


@pytest.mark.rule("A170", "A222")
def test_an_answer_of_something_in_front_of_the_sdk_is_told_as_it_is() -> None:
    bad_gateway = ErrorBody("Server returned a fatal error", "invalid status code: 502")
    bench, run = ended(Broken(bad_gateway, is_body=True))

    (event,) = bench.system_events("failed")
    error = {
        "error": "invalid status code: 502",
        "name": "Server returned a fatal error",
        "message": "invalid status code: 502",
    }
    assert data_of(event)["error"] == data_of(event)["result"] == decode(run.result) == error


@pytest.mark.rule("A171")
def test_a_cancelled_run_tells_no_error_and_no_result() -> None:
    bench = Bench()
    run = bench.start()

    bench.cancel(run)

    keys = [sorted(data_of(event)) for event in bench.published]
    assert keys == [["_inngest", "event", "events", "function_id", "run_id"]] * 2
    assert data_of(bench.published[1])["_inngest"] == {"status": "Cancelled"}


# Who listens.


@pytest.mark.rule("A172")
@pytest.mark.parametrize("listened", ["finished", "failed"])
@pytest.mark.parametrize("end", ["return", "fail", "cancel"])
def test_a_run_started_by_the_end_of_another_tells_nothing_itself(listened: str, end: str) -> None:
    bench = Bench(function("f"), function("watch", f"inngest/function.{listened}", retries=0))
    bench.start()
    bench.answer(threw(retriable=False))
    told = len(bench.published)

    watch = bench.runs[1]
    {
        "return": lambda: bench.answer(returned()),
        "fail": lambda: bench.answer(threw()),
        "cancel": lambda: bench.cancel(watch),
    }[end]()

    assert watch.is_ended
    assert len(bench.published) == told
    assert len(bench.runs) == 2


@pytest.mark.rule("A172")
def test_a_run_started_by_a_cancellation_tells_of_its_end() -> None:
    bench = Bench(function("f"), function("watch", "inngest/function.cancelled"))
    bench.cancel(bench.start())

    bench.answer(returned(), to=bench.open[-1])

    assert names(bench) == ["finished", "cancelled", "finished"]


@pytest.mark.rule("A166", "A168")
def test_a_failed_run_starts_its_listeners_once() -> None:
    bench = Bench(function("f", retries=0), function("watch", "inngest/function.failed"))
    run = bench.start()

    bench.answer(threw())

    assert [r.function.id for r in bench.runs] == ["app-f", "app-watch"]
    assert bench.runs[1].events[0].id == run.id


def test_the_output_is_kept_as_the_handler_returned_it() -> None:
    bench, run = ended(returned([1, {"a": None}]))

    assert run.result == encode([1, {"a": None}])
    assert bench.seen(RunFinished) == [RunFinished(run.id, "completed", run.result)]
