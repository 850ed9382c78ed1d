"""The Chrome trace: the facts of its format, and that each thing stands in its row."""

from __future__ import annotations

import json
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.demo.orders import naive_shop
from dwf_sim.report.chrome import chrome_trace

KEYS = {
    "X": {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"},
    "i": {"name", "ph", "s", "ts", "pid", "tid", "args"},
    "M": {"name", "ph", "pid", "tid", "args"},
}


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    faults = [dwf.crash.after_effect("charge")]
    sim = dwf.Simulation(faults=faults).serve(naive_shop(dwf.Ledger("stripe")))
    sim.send("order/created", {"orderId": 1, "total": 4})
    sim.run_until_idle()
    found: list[dict[str, Any]] = chrome_trace(sim.trace)["traceEvents"]
    return found


def of(events: list[dict[str, Any]], row: str) -> list[dict[str, Any]]:
    """List the slices of one kind of row."""
    return [event for event in events if event.get("cat") == row]


def test_every_event_has_the_fields_of_its_phase(events: list[dict[str, Any]]) -> None:
    assert json.loads(json.dumps(events)) == events
    assert {event["ph"] for event in events} == {*KEYS}
    for event in events:
        assert set(event) == KEYS[event["ph"]]
        numbers = [event[key] for key in ("ts", "dur", "pid", "tid") if key in event]
        assert all(type(number) is int and number >= 0 for number in numbers)


def test_times_are_microseconds_since_the_first_record(events: list[dict[str, Any]]) -> None:
    (sleep,) = [each for each in of(events, "waits") if each["name"] == "cool-off: sleep"]
    (run,) = of(events, "run")

    assert sleep["dur"] == 24 * 3_600 * 1_000_000
    assert run["ts"] == 0
    assert run["args"]["how"] == "completed"


def test_a_run_is_a_process_and_its_steps_are_slices(events: list[dict[str, Any]]) -> None:
    named = [each for each in events if each["name"] == "process_name"]
    steps = of(events, "steps")

    assert [(each["pid"], each["args"]["name"]) for each in named] == [
        (0, "events"),
        (1, "shop-process-order#1"),
    ]
    assert [(each["name"], each["pid"], each["args"]["attempt"]) for each in steps] == [
        ("charge", 1, 0),
        ("charge", 1, 1),
    ]
    assert len({each["tid"] for each in steps}) == 1


def test_faults_effects_and_events_are_marks(events: list[dict[str, Any]]) -> None:
    marks = [(each["name"], each["s"], each["pid"]) for each in events if each["ph"] == "i"]

    assert marks == [
        ("event: order/created", "g", 0),
        ("effect: stripe charge", "p", 1),
        ("FAULT: kill the worker after `charge` returned and before it was recorded", "p", 1),
        ("effect: stripe charge", "p", 1),
        ("event: inngest/function.finished", "g", 0),
    ]


def test_a_retry_is_a_wait_until_the_handler_is_entered_again(
    events: list[dict[str, Any]],
) -> None:
    retry = of(events, "waits")[0]
    again = of(events, "requests")[1]

    assert retry["name"] == "handler: attempt 1"
    assert retry["ts"] + retry["dur"] == again["ts"]


def test_what_overlaps_has_a_row_of_its_own_and_what_goes_on_ends_now() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), concurrency=1)
    async def f(ctx: dwf.Context) -> None:
        await ctx.group.parallel(
            (
                lambda: ctx.step.sleep("short", "1h"),
                lambda: ctx.step.sleep("long", "3h"),
            )
        )

    sim = dwf.Simulation().serve(app)
    sim.send("go")
    sim.advance("2h")

    events = chrome_trace(sim.trace)["traceEvents"]

    short, long = of(events, "waits")
    assert short["tid"] + 1 == long["tid"]
    assert (short["dur"], long["dur"]) == (3_600_000_000, 3_600_000_000)
    assert [each["args"]["name"] for each in events if each["name"] == "thread_name"] == [
        "run",
        "requests",
        "waits",
        "waits 2",
    ]


def test_an_empty_trace_is_a_trace() -> None:
    with dwf.Simulation() as sim:
        assert [each["ph"] for each in chrome_trace(sim.trace)["traceEvents"]] == ["M"]
