"""The comparison finds what differs, and only that: each tolerance has what it takes and what not.

The recording here is small and made up: two runs of a function with one step.
"""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest

from dwf_sim.conformance.comparison import compare
from dwf_sim.conformance.recordings import Recording


def run(number: int, start: float, **changes: Any) -> dict[str, Any]:
    """A run of the function, as recorded, that begins at `start`."""
    at = [start, start + 0.2]
    return {
        "run": f"run-{number}",
        "function": "f",
        "events": [f"event-{number}"],
        "status": "COMPLETED",
        "output": {"n": number, "text": "ok"},
        "queued": at,
        "started": at,
        "ended": at,
        "handler_entries": 1,
        "entries": [{"t": at, "attempt": 0, "left": "step"}],
        "steps": [{"id": "a", "executions": [execution(start)]}],
        **changes,
    }


def execution(start: float, attempt: int = 0) -> dict[str, Any]:
    at = [start, start + 0.2]
    return {"attempt": attempt, "start": at, "end": at, "outcome": "ok"}


def finished(number: int, at: float) -> dict[str, Any]:
    return {
        "name": "inngest/function.finished",
        "received": [at, at + 0.2],
        "data": {"run_id": f"run-{number}", "result": {"n": number, "text": "ok"}},
    }


def recording(**changes: Any) -> Recording:
    observed = {
        "sync": {"body": {"ok": True}, "status": 200},
        "sends": [{"at": [0, 0], "status": 200, "body": {"ids": ["event-1"], "status": 200}}],
        "events": [],
        "runs": [run(1, 0.0), run(2, 5.0)],
        "run_start_order": ["run-1", "run-2"],
        "step_start_order": ["run-1:a", "run-2:a"],
        "internal_events": [finished(1, 0.0), finished(2, 5.0)],
        **changes,
    }
    functions = [{"id": "f", "triggers": [], "body": [{"op": "run", "id": "a"}]}]
    return Recording(
        name="x",
        area="basic",
        functions=functions,
        sends=[],
        cancels=[],
        until=9,
        observed=observed,
    )


def ours(given: Recording) -> dict[str, Any]:
    """What an engine would observe that does as recorded, always at the earliest time."""

    def first(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            if "unstable" in value:
                return first(value["unstable"][0], key)
            return {name: first(content, name) for name, content in value.items()}
        if key in ("queued", "started", "ended", "t", "start", "end", "received", "at"):
            return value if value is None else value[0]
        return [first(item) for item in value] if isinstance(value, list) else value

    observed: dict[str, Any] = first(copy.deepcopy(dict(given.observed)))
    for send in observed["sends"]:
        send["is_said"] = True
    return observed


def put(observed: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *places, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    found: Any = observed
    for place in places:
        found = found[place]
    found[last] = value
    return observed


def test_what_is_as_recorded_has_no_difference() -> None:
    given = recording()

    assert compare(given, ours(given)) is None


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("runs.0.status", "FAILED", "runs[0].status"),
        ("runs.0.output.n", 2, "runs[0].output.n"),
        ("runs.0.output.n", True, "runs[0].output.n"),
        ("runs.0.output.more", 1, "runs[0].output.more"),
        ("runs.0.output.text", "ok; and more", "runs[0].output.text"),
        ("runs.0.events", ["event-2"], "runs[0].events"),
        ("runs.0.handler_entries", 2, "runs[0].handler_entries"),
        ("runs.0.entries.0.attempt", 1, "runs[0].entries[0].attempt"),
        ("runs.0.entries.0.left", "return", "runs[0].entries[0].left"),
        ("runs.0.steps.0.id", "b", "runs[0].steps[0].id"),
        ("runs.0.steps.0.executions.0.outcome", "error Boom", "executions[0].outcome"),
        ("runs.1.ended", None, "runs[1].ended"),
        ("runs", [], "runs"),
        ("run_start_order", ["run-2", "run-1"], "run_start_order"),
        ("step_start_order", ["run-2:a", "run-1:a"], "step_start_order"),
        ("internal_events.1.data.result.n", 3, "internal_events[1].data.result.n"),
        ("internal_events.1.name", "inngest/function.failed", "internal_events[1]"),
        ("internal_events.1.received", 9.0, "internal_events[1].received"),
        ("sends.0.body.ids", [], "sends[0].body.ids"),
        ("sends", [], "sends"),
        ("sync", {"refused": ["no"]}, "sync"),
        ("sync.status", 500, "sync.status"),
        ("sync.body", {"ok": False}, "sync.body.ok"),
    ],
)
def test_a_difference_is_named_by_its_place(path: str, value: object, named: str) -> None:
    given = recording()

    found = compare(given, put(ours(given), path, value))

    assert found is not None
    assert named in found.path


@pytest.mark.parametrize(
    ("at", "agrees"), [(5.85, True), (5.95, False), (4.35, True), (4.0, False)]
)
def test_a_time_may_be_so_far_from_its_interval(at: float, agrees: bool) -> None:
    given = recording(internal_events=[finished(1, 5.0)])

    found = compare(given, put(ours(given), "internal_events.0.received", at))

    assert (found is None) is agrees


def test_the_time_between_two_facts_of_a_run_is_held_to_less() -> None:
    given = recording()
    observed = ours(given)

    late = put(observed, "runs.1.queued", 4.4)  # By itself each would do.
    late = put(late, "runs.1.started", 5.8)

    found = compare(given, late)
    assert found is not None
    assert found.path == "runs[1].queued to runs[1].started"


def test_an_unstable_place_takes_any_of_its_values() -> None:
    unstable = {"unstable": [1, 2]}
    given = recording(runs=[run(1, 0.0, output=unstable)], internal_events=[])

    answers = [compare(given, put(ours(given), "runs.0.output", n)) for n in (1, 2, 3)]

    assert [answer is None for answer in answers] == [True, True, False]


@pytest.mark.parametrize(
    ("key", "place"), [("entries", "0.left"), ("steps", "0.executions.0.outcome")]
)
def test_facts_that_were_not_the_same_each_time_are_those_of_one_sample(
    key: str, place: str
) -> None:
    facts = run(1, 0.0)[key]
    given = recording(runs=[run(1, 0.0, **{key: {"unstable": [[], facts]}})], internal_events=[])
    observed = put(ours(given), "step_start_order", ["run-1:a", "run-2:a"])
    alike = ours(recording(runs=[run(1, 0.0)]))["runs"][0][key]

    answers = [compare(given, put(observed, f"runs.0.{key}", found)) for found in ([], alike)]

    assert answers == [None, None]
    assert compare(given, put(observed, f"runs.0.{key}.{place}", "other")) is not None


def test_the_times_of_an_unstable_list_are_compared() -> None:
    samples = [[{"t": at, "attempt": 0, "left": "step"}] for at in (0.0, 3.0)]
    given = recording(runs=[run(1, 0.0, entries={"unstable": samples})], internal_events=[])
    observed = put(ours(recording(runs=[run(1, 0.0)], internal_events=[])), "events", [])

    found = [compare(given, put(observed, "runs.0.entries.0.t", at)) for at in (0.0, 2.9, 9.0)]

    assert [str(one).partition(":")[0] for one in found] == ["None", "None", "runs[0].entries[0].t"]


@pytest.mark.parametrize("key", ["runs", "internal_events"])
def test_an_unstable_list_of_all_is_compared_too(key: str) -> None:
    facts = {"runs": [run(1, 0.0)], "internal_events": [finished(1, 0.0)]}
    given = recording(**{**facts, key: {"unstable": [[], facts[key]]}})
    observed = ours(recording(**facts))

    assert compare(given, observed) is None
    damaged = {"runs": "runs.0.output", "internal_events": "internal_events.0.data.result"}
    assert compare(given, put(observed, damaged[key], "other")) is not None


@pytest.mark.parametrize(
    ("place", "samples", "agrees"),
    [
        ("runs.0.ended", [0.1, None], True),
        ("runs.0.ended", [7.0, None], False),
        ("runs.0.steps.0.executions.0.end", [0.1, None], True),
        ("runs.0.queued", [0.0, 0.1], True),
        ("runs.0.handler_entries", [1, 7], True),
        ("runs.0.handler_entries", [3, 7], False),
        ("runs.0.entries.0.attempt", [0, 1], True),
        ("runs.0.status", ["RUNNING", "COMPLETED"], True),
        ("internal_events.0.data.run_id", ["run-1", "run-2"], True),
        ("internal_events.0.data", [{"run_id": "run-1"}, finished(1, 0)["data"]], True),
        ("internal_events.0.received", [0.0, 0.3], True),
        ("internal_events.0.received", [8.0, 8.3], False),
    ],
)
def test_any_place_may_be_unstable(place: str, samples: list[Any], agrees: bool) -> None:
    given = recording()
    unstable = attrs.evolve(
        given,
        observed=put(copy.deepcopy(dict(given.observed)), place, {"unstable": samples}),
    )

    assert (compare(unstable, ours(given)) is None) is agrees


def test_an_answer_to_a_signal_may_be_unstable() -> None:
    answer = {"at": [0, 0], "body": {"data": {"run_id": "run-1"}}}
    given = recording(signals=[{**answer, "status": {"unstable": [404, 200]}}])
    observed = ours(recording())

    found = [
        compare(given, {**observed, "signals": [told]})
        for told in ({"status": 404}, {"status": 200, "run_id": "run-1"}, {"status": 500})
    ]

    assert [one is None for one in found] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("runs.0.requests.count", 2, "runs[0].requests.count"),
        ("runs.0.requests.targeted", 1, "runs[0].requests.targeted"),
        ("runs.0.checkpoints", [["StepRun:a"], ["StepRun:b"]], "runs[0].checkpoints"),
        ("runs.0.checkpoints", [["StepRun:a", "StepRun:c"]], "runs[0].checkpoints"),
        ("runs.0.checkpoints", [["StepRun:a:1", "StepRun:b"]], None),
        ("expected.count", 2, "runs[0].checkpoints.count"),
    ],
)
def test_requests_and_checkpoints_are_counted_where_they_were(
    path: str, value: object, named: str | None
) -> None:
    facts = {
        "requests": {"count": 1, "targeted": 0},
        "checkpoints": {"count": 1, "steps": [["StepRun:a", "StepRun:b"]]},
    }
    given = recording(runs=[run(1, 0.0, **facts)], internal_events=[])
    observed = put(ours(given), "runs.0.checkpoints", facts["checkpoints"]["steps"])
    if path == "expected.count":
        put(facts, "checkpoints.count", value)
    else:
        put(observed, path, value)

    found = compare(given, observed)

    assert (None if found is None else found.path) == named


def test_an_unstable_order_is_none_and_runs_that_compete_trade_times() -> None:
    orders = {"unstable": [["run-1", "run-2"], ["run-2", "run-1"]]}
    free = recording(run_start_order=orders, step_start_order={"unstable": [[], ["run-1:a"]]})
    limited = [{**free.functions[0], "concurrency": [{"limit": 1}]}]
    observed = ours(free)

    for fact in ("started", "ended"):
        put(observed, f"runs.1.{fact}", 0.0)

    assert compare(attrs.evolve(free, functions=limited), observed) is None
    assert compare(free, observed) is not None


def test_orders_are_rules_only_where_they_are_said_to_be() -> None:
    shared = [run(1, 0.0), run(2, 0.0, events=["event-1"])]
    given = recording(runs=shared, internal_events=[])
    swapped = put(ours(given), "run_start_order", ["run-2", "run-1"])

    by_accident = compare(given, swapped)
    by_rule = compare(attrs.evolve(given, area="priority"), swapped)

    assert by_accident is None
    assert by_rule is not None


@pytest.mark.parametrize(("delay", "agrees"), [(16.0, True), (44.0, True), (10.0, False)])
def test_a_drawn_delay_may_be_any_that_could_be_drawn(delay: float, agrees: bool) -> None:
    failed = {**execution(0.0), "outcome": "error Boom"}
    executions = [failed, execution(20.0, attempt=1)]
    entries = [
        {"t": [0.0, 0.2], "attempt": 0, "left": "step"},
        {"t": [20.0, 20.2], "attempt": 1, "left": "step"},
    ]
    steps = [{"id": "a", "executions": executions}]
    retried = run(1, 0.0, entries=entries, steps=steps, ended=[20.0, 20.2])
    given = recording(runs=[retried], internal_events=[])
    observed = ours(given)

    for fact in ("entries.1.t", "ended", "steps.0.executions.1.start", "steps.0.executions.1.end"):
        put(observed, f"runs.0.{fact}", delay)

    assert (compare(given, observed) is None) is agrees


def test_a_refusal_may_end_with_what_to_do() -> None:
    answer = {"ids": [""], "status": 400, "error": "event name is empty"}
    given = recording(sends=[{"at": [0, 0], "status": 400, "body": answer}])

    said = put(ours(given), "sends.0.body.error", "event name is empty; give it a name")
    other = put(ours(given), "sends.0.body.error", "no name")

    assert compare(given, said) is None
    assert compare(given, other) is not None


def test_a_refused_step_may_end_with_what_to_do_and_no_other_text() -> None:
    refused = {"type": "StepError", "name": "SendEventsError", "message": "event name is empty"}
    other = {**refused, "name": "Boom"}

    found = [
        compare(
            given := recording(runs=[run(1, 0.0, output=error)], internal_events=[]),
            put(ours(given), "runs.0.output.message", "event name is empty; give it one"),
        )
        for error in (refused, other, {"message": "event name is empty"})
    ]

    assert [one is None for one in found] == [True, False, False]


@pytest.mark.parametrize("field", ["v", "user", "ts", "expire", "gid", "stack", "source_app_id"])
def test_what_user_code_returns_keeps_all_its_fields(field: str) -> None:
    output = {"name": "n", field: "x"}
    given = recording(runs=[run(1, 0.0, output=output)], internal_events=[])

    assert compare(given, ours(given)) is None
    found = compare(given, put(ours(given), f"runs.0.output.{field}", "y"))

    assert found is not None
    assert found.path == f"runs[0].output.{field}"


def test_an_event_loses_its_stamps_and_an_error_its_stack() -> None:
    event = {"name": "go", "data": {"v": 1}, "id": "1"}
    told = {"event": event, "error": {"name": "E", "message": "m", "stack": "s"}}
    given = recording(runs=[run(1, 0.0, output=told)], internal_events=[])
    observed = put(ours(given), "runs.0.output.event", {**event, "ts": 5, "user": {}, "v": "1"})

    assert compare(given, put(observed, "runs.0.output.error.stack", "other")) is None
    assert compare(given, put(observed, "runs.0.output.event.data", {"v": 2})) is not None


def test_what_is_absent_is_not_the_text_that_says_so() -> None:
    given = recording(runs=[run(1, 0.0, output={"a": "nothing"})], internal_events=[])

    found = compare(given, put(ours(given), "runs.0.output", {}))

    assert str(found) == "runs[0].output.a: expected 'nothing', got (absent)"


@pytest.mark.parametrize(
    ("recorded", "got", "told"),
    [
        ([1, 2, 3], [1, 3], "output[1], of 3 expected and 2 that came: expected 2, got (absent)"),
        ([1, 2], [1, 2, 9], "output[2], of 2 expected and 3 that came: expected (absent), got 9"),
    ],
)
def test_of_lists_of_other_lengths_the_item_is_told(
    recorded: list[int], got: list[int], told: str
) -> None:
    given = recording(runs=[run(1, 0.0, output=recorded)], internal_events=[])

    assert str(compare(given, put(ours(given), "runs.0.output", got))) == f"runs[0].{told}"


def test_a_lacking_run_is_told_by_what_it_was() -> None:
    given = recording()

    found = compare(given, put(ours(given), "runs", ours(given)["runs"][:1]))

    assert str(found) == (
        "runs[1], of 2 expected and 1 that came: expected 'f event-2 COMPLETED', got (absent)"
    )


def test_a_time_is_told_with_its_tolerance() -> None:
    given = recording(runs=[run(1, 0.0), run(2, 7.0)])

    found = compare(given, put(ours(given), "runs.1.queued", 4.0))

    # One request was made till then, which may have taken 0.06 s.
    assert str(found) == "runs[1].queued: expected 7.00 to 7.20 s (-0.76 +0.70), got 4.00 s"


def test_long_texts_are_cut_around_where_they_part() -> None:
    text = "".join(str(number) for number in range(2000))
    given = recording(runs=[run(1, 0.0, output=f"{text}there{text}")], internal_events=[])

    found = str(compare(given, put(ours(given), "runs.0.output", f"{text}here{text}")))

    assert "there01234" in found
    assert "here01234" in found.partition(", got ")[2]
    assert len(found) < 700
