"""The program language: what no recording shows of it."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.conformance.observation import observe
from dwf_sim.conformance.playing import play
from dwf_sim.conformance.recordings import Recording
from dwf_sim.errors import UsageError
from tests.conformance.made import case, function, go, observed

GO = {"at": 0, "events": [{"name": "go", "data": {"n": [{"x": 1}, {"x": 2}]}}]}


def played(*body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Play a program for one event, and give the run's observation."""
    function = {"id": "f", "triggers": [{"event": "go"}], "retries": 0, "body": list(body)}
    recording = Recording(
        name="x",
        area="basic",
        functions=[function],
        sends=[GO],
        until=9,
        observed={},
        **{"cancels": [], **changes},
    )
    observed = observe(recording, play(recording))
    run: dict[str, Any] = observed["runs"][0]
    return run


def returns(value: object) -> dict[str, Any]:
    return {"op": "return", "value": value}


def test_work_takes_time_outside_of_steps() -> None:
    run = played({"op": "work", "takes": "1500ms"}, returns(1))

    assert (run["started"], run["ended"], run["steps"]) == (0, 1.5, [])


@pytest.mark.parametrize(("value", "output"), [(2, "yes"), (3, "no")])
def test_when_takes_the_one_or_the_other_way(value: int, output: str) -> None:
    run = played(
        {
            "op": "when",
            "value": value,
            "equals": 2,
            "body": [returns("yes")],
            "else": [returns("no")],
        }
    )

    assert run["output"] == output


def test_a_name_after_a_list_maps_over_it_and_an_absent_one_is_null() -> None:
    run = played(returns({"xs": "$event.data.n.x", "none": "$event.data.nope.more"}))

    assert run["output"] == {"xs": [1, 2], "none": None}


def test_a_step_fails_as_often_as_it_says_and_its_error_is_seen() -> None:
    run = played(
        {
            "op": "try",
            "body": [{"op": "run", "id": "a", "fail": 1}],
            "catch": [returns("$err")],
        }
    )

    assert run["output"] == {"type": "StepError", "name": "Boom", "message": "boom a 1"}
    assert run["steps"][0]["executions"][0]["outcome"] == "error Boom"


def test_a_cancellation_of_a_run_that_was_not_entered_finds_none() -> None:
    run = played(returns(1), cancels=[{"at": 0, "function": "f", "nth": 1}])

    assert run["status"] == "COMPLETED"


def test_branches_of_a_typescript_recording_are_promises() -> None:
    branches = [
        [{"op": "run", "id": "bad", "fail": 1}],
        [{"op": "run", "id": "ok", "returns": 1}],
    ]
    settled = {"op": "parallel", "id": "p", "branches": branches, "mode": "all_settled"}

    run = played(settled, returns("$out.p"), is_typescript=True)

    assert [one["status"] for one in run["output"]] == ["rejected", "fulfilled"]


def test_an_operation_that_is_not_played_is_named() -> None:
    inner = {"op": "loop", "times": 1, "body": [{"op": "fly"}]}

    with pytest.raises(UsageError, match="the operation 'fly', which is not played here"):
        played(inner)


def test_a_cancelled_run_shows_what_its_handler_returned_too_late() -> None:
    body = {"op": "work", "takes": "2s"}, returns({"a": 1})

    assert played(*body, cancels=[{"at": 1, "function": "f"}])["output"] == {"a": 1}
    assert played(*body, cancels=[{"at": 3, "function": "f"}])["status"] == "COMPLETED"


def test_a_program_knows_how_often_its_steps_may_be_tried() -> None:
    assert played(returns(["$attempt", "$max_attempts"]))["output"] == [0, 1]


CRASHING = {"op": "run", "id": "a", "crash": 1, "returns": 1}


def executions(*functions: dict[str, Any], sends: Any = None) -> list[list[str]]:
    """Play functions, and list by step how its executions ended."""
    found = observed(case(*functions, sends=sends, until=200, is_typescript=True))
    return [
        [f"{step['id']} {execution['outcome']}" for execution in step["executions"]]
        for run in found["runs"]
        for step in run["steps"]
    ]


def test_a_crash_is_counted_by_run() -> None:
    found = executions(function(CRASHING), sends=[go(count=2)])

    assert found == [["a crash", "a ok"]] * 2


def test_a_crash_is_counted_by_step_whatever_its_id_is_made_of() -> None:
    step = {**CRASHING, "id": "a{i}"}

    found = executions(function({"op": "loop", "times": 2, "body": [step]}))

    assert found == [["a0 crash", "a0 ok"], ["a1 crash", "a1 ok"]]


def test_a_crash_does_not_strike_a_step_of_that_id_in_another_function() -> None:
    other = {**function({"op": "run", "id": "a"}), "id": "e"}
    late = function({"op": "sleep", "id": "s", "for": "1s"}, CRASHING)

    assert executions(other, late) == [["a ok"], ["a crash", "a ok"]]


def test_a_step_of_a_failure_handler_crashes_too() -> None:
    failing = function({"op": "raise"}, retries=0, on_failure=[CRASHING])

    assert executions(failing) == [["a crash", "a ok"]]


def test_a_step_that_is_met_again_crashes_under_its_number() -> None:
    twice = {"op": "run", "id": "a", "crash": 2}

    found = executions(function({"op": "run", "id": "a"}, {**twice}, retries=5))

    assert found == [["a ok", "a crash", "a ok"]]


def typescript(*functions: dict[str, Any], sends: Any = None) -> list[Any]:
    """Play functions of a TypeScript recording, and list what their runs returned."""
    found = observed(case(*functions, sends=sends, until=20, is_typescript=True))
    return [run.get("output", run.get("error")) for run in found["runs"]]


def test_with_match_the_condition_of_a_wait_is_ignored() -> None:
    wait = {"op": "wait", "id": "w", "event": "x", "timeout": "5s", "match": "data.n"}
    sends = [go(), go(at=1, name="x")]

    found = typescript(function({**wait, "if": "false"}, returns("$out.w.name")), sends=sends)

    assert found == ["x"]


def test_with_match_the_condition_of_a_cancellation_is_ignored() -> None:
    cancel = {"event": "x", "match": "data.n", "if": "false"}
    sleeper = function({"op": "sleep", "id": "s", "for": "5s"}, cancel_on=[cancel])

    found = observed(case(sleeper, sends=[go(), go(at=1, name="x")], is_typescript=True))

    assert found["runs"][0]["status"] == "CANCELLED"


def test_when_any_could_do_and_all_fail_the_error_says_so() -> None:
    branches = [[{"op": "run", "id": name, "fail": 9}] for name in "ab"]
    parallel = {"op": "parallel", "branches": branches, "mode": "any"}
    caught = {"op": "try", "body": [parallel], "catch": [returns("$err")]}

    (error,) = typescript(function(caught, retries=0))

    assert (error["type"], error["message"]) == ("AggregateError", "All promises were rejected")


def test_ids_and_signals_are_filled_in_wherever_they_stand() -> None:
    started = {"op": "start", "id": "b{i}", "body": [{"op": "run", "id": "r{i}", "returns": "$i"}]}
    awaited = {"op": "await", "id": "got{i}", "of": "b{i}"}
    waiting = {"op": "signal", "id": "s", "signal": "no-1", "timeout": "9s", "on_conflict": "fail"}
    sending = {"op": "send_signal", "id": "n{i}", "signal": "no-{i}", "data": "$i"}
    loops = [{"op": "loop", "times": 2, "body": [op]} for op in (started, awaited, sending)]
    waiter = {**function(waiting, returns("$out.s.data")), "id": "w"}
    later = function({"op": "sleep", "id": "z", "for": "1s"}, *loops, returns("$out.got1"))

    assert typescript(later, waiter) == [1, 1]
