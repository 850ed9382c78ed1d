"""Wire shapes: what the real SDKs and the real engine write, read and written here."""

from __future__ import annotations

import json

import pytest

from dwf_sim.model.event import Event, store_event
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Broken, Ops, Request, Response, Returned, Threw
from dwf_sim.model.ops import (
    ErrorBody,
    InvokeFunction,
    Op,
    Sleep,
    StepErrored,
    StepPlanned,
    StepRun,
    UnknownOp,
    WaitForEvent,
    WaitForSignal,
)
from dwf_sim.model.wire import (
    op_from_wire,
    op_to_wire,
    read_response,
    request_body,
    request_query,
    write_response,
)

NOW = 1_893_456_000_000
ERROR = ErrorBody("Boom", "boom a 1", "Traceback…", "unknown")
A = (step_hash("a"), "a", 0)
REPEAT = (step_hash("a:1"), "a", 1)

OPS: list[Op] = [
    StepRun(*A, '{"x":1}'),
    StepRun(*REPEAT, "null", True),
    StepErrored(*A, ERROR, False),
    StepErrored(*A, ERROR, True),
    StepPlanned(*REPEAT, True),
    Sleep(*A, NOW + 1500),
    Sleep(*A, "1h30m"),
    WaitForEvent(*A, "order/paid", "7d", "event.data.x == async.data.x"),
    WaitForEvent(*A, "order/paid", "7d", None),
    InvokeFunction(*A, "shop-child", '{"x":1}', None, "1h"),
    WaitForSignal(*A, "go", "1h", "replace"),
    UnknownOp(*A, "Teleport"),
]


@pytest.mark.rule("A20", "W3", "W6")
@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_an_op_is_the_same_after_the_wire(op: Op) -> None:
    assert op_from_wire(json.loads(json.dumps(op_to_wire(op)))) == op


@pytest.mark.rule("W4", "W5")
@pytest.mark.parametrize(
    "response",
    [
        Returned('{"n":1}'),
        Ops(tuple(OPS)),
        Ops((), NOW + 5000),
        Threw(ERROR, True),
        Threw(ERROR, False, NOW + 1500),
    ],
)
def test_a_response_is_the_same_after_the_wire(response: Ops | Returned | Threw) -> None:
    status, headers, body = write_response(response)

    assert read_response(status, headers, body) == response
    assert headers["x-inngest-req-version"] == "2"


@pytest.mark.rule("W1", "W2", "W8")
def test_a_request_has_the_shape_that_the_sdks_read() -> None:
    event = store_event(Event("go", {"x": 1}, id="e1"), internal_id="i1", now=NOW)
    memos = {step_hash("b"): '{"data":2}', step_hash("a"): "null"}
    request = Request(7, "shop-f", "R", 1, 5, (event,), memos, step_hash("c"), True)

    body = request_body(request)

    assert body["event"] == {"name": "go", "data": {"x": 1}, "user": {}, "id": "e1", "ts": NOW}
    assert body["events"] == [body["event"]]
    assert body["steps"] == {step_hash("b"): {"data": 2}, step_hash("a"): None}
    assert body["version"] == -1
    assert body["ctx"]["stack"] == {"stack": [step_hash("b"), step_hash("a")], "current": 2}
    assert (body["ctx"]["attempt"], body["ctx"]["max_attempts"]) == (1, 5)
    assert body["ctx"]["disable_immediate_execution"] is True
    assert request_query(request) == {"fnId": "shop-f", "stepId": step_hash("c")}


@pytest.mark.rule("W3")
def test_a_single_op_need_not_be_a_list() -> None:
    op = StepPlanned(*A)

    assert read_response(206, {"x-inngest-sdk": "py"}, json.dumps(op_to_wire(op))) == Ops((op,))


@pytest.mark.rule("A81", "A222")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            502,
            Broken(
                ErrorBody(
                    "Server returned a fatal error",
                    "Your server returned HTTP 502 before the SDK responded.",
                ),
                is_body=True,
            ),
        ),
        (200, Broken(ErrorBody("Error", "not_sdk"))),
    ],
)
def test_an_answer_that_is_not_from_an_sdk_is_no_answer(status: int, expected: Response) -> None:
    assert read_response(status, {}, "<html>") == expected
