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
from dwf_sim.model.payload import encode
from dwf_sim.model.wire import (
    op_from_wire,
    op_to_wire,
    read_response,
    read_unwritten,
    request_body,
    request_query,
    write_response,
)

NOW = 1_893_456_000_000
ERROR = ErrorBody("Boom", "boom a 1", "Traceback…", "unknown")
A = (step_hash("a"), "a", 0)
REPEAT = (step_hash("a:1"), "a", 1)
PY = {"x-inngest-sdk": "py"}

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
        Returned('{"n":1}', (StepRun(*A, "1"), StepRun("b", "b", 1, "null"))),
        Ops(tuple(OPS)),
        Ops((), NOW + 5000),
        Threw(ERROR, True),
        Threw(ERROR, False, NOW + 1500),
    ],
)
def test_a_response_is_the_same_after_the_wire(response: Ops | Returned | Threw) -> None:
    status, headers, body = write_response(response)

    assert read_response(status, headers, body, NOW) == response
    assert headers["x-inngest-req-version"] == "2"


UNWRITTEN: list[object] = [
    *[[op_to_wire(op)] for op in OPS],
    [op_to_wire(op) for op in OPS],
    [{**op_to_wire(OPS[0]), "data": float("nan")}],
    [{**op_to_wire(OPS[0]), "data": {1: (1.0, "Ä\udc00")}}],
    [{**op_to_wire(OPS[0]), "id": ""}],
    [{**op_to_wire(OPS[0]), "userland": {"id": "a", "index": "b"}}],
    [{**op_to_wire(OPS[0]), "userland": {"id": "", "index": None}}],
    [{"id": "a", "op": "Sleep", "name": "1h"}],
    [{"id": "a", "op": "StepRun", "name": "a"}],
    [{"id": "complete", "op": "RunComplete", "data": 1}],
    [],
    {"x": float("inf")},
    {"stack": None, "name": "Boom", "message": "a"},
    None,
    "Infinity",
]


@pytest.mark.rule("W3", "W4", "W5")
@pytest.mark.parametrize("status", [200, 206, 400, 500])
@pytest.mark.parametrize("headers", [{}, PY, {**PY, "retry-after": "5"}])
def test_an_answer_reads_the_same_before_it_is_written(
    status: int, headers: dict[str, str]
) -> None:
    for content in UNWRITTEN:
        read = read_unwritten(status, headers, content, NOW)

        assert read == read_response(status, headers, encode(content), NOW)


@pytest.mark.rule("W1", "W2")
def test_a_request_has_the_shape_that_the_sdks_read() -> None:
    event = store_event(Event("go", {"x": 1}, id="e1"), internal_id="i1", now=NOW)
    memos = {step_hash("b"): '{"data":2}', step_hash("a"): "null"}
    request = Request(7, "shop-f", "R", 1, 5, (event,), memos, step_hash("c"), True)

    body = json.loads(request_body(request))

    assert body["event"] == {"name": "go", "data": {"x": 1}, "user": {}, "id": "e1", "ts": NOW}
    assert body["events"] == [body["event"]]
    assert body["steps"] == {step_hash("b"): {"data": 2}, step_hash("a"): None}
    assert body["version"] == -1
    assert json.loads(request_body(request, 2))["version"] == 2
    assert (body["ctx"]["qi_id"], body["ctx"]["request_id"]) == ("", "7")
    assert body["ctx"]["stack"] == {"stack": [step_hash("b"), step_hash("a")], "current": 2}
    assert (body["ctx"]["attempt"], body["ctx"]["max_attempts"]) == (1, 5)
    assert body["ctx"]["disable_immediate_execution"] is True
    assert request_query(request) == {"fnId": "shop-f", "stepId": step_hash("c")}


@pytest.mark.rule("W3")
def test_a_single_op_need_not_be_a_list() -> None:
    op = StepPlanned(*A)

    assert read_response(206, PY, json.dumps(op_to_wire(op)), NOW) == Ops((op,))


@pytest.mark.rule("A203")
def test_a_function_that_is_done_may_say_so_as_an_op() -> None:
    step, done = op_to_wire(StepRun(*A, "1")), {"id": "x", "op": "RunComplete", "data": {"n": 1}}

    assert read_response(206, PY, json.dumps([done]), NOW) == Returned('{"n":1}')
    assert read_response(206, PY, json.dumps([step, done]), NOW) == Returned(
        '{"n":1}', (StepRun(*A, "1"),)
    )


@pytest.mark.rule("A203")
def test_a_function_that_is_done_has_no_step_left_to_do() -> None:
    ops = [op_to_wire(StepPlanned(*A)), {"id": "x", "op": "RunComplete", "data": None}]

    assert isinstance(read_response(206, PY, json.dumps(ops), NOW), Broken)


@pytest.mark.rule("W5")
def test_names_of_headers_are_read_in_any_case() -> None:
    headers = {"X-Inngest-SDK": "py", "X-Inngest-No-Retry": "true"}

    assert read_response(200, headers, "1", NOW) == Returned("1")
    assert read_response(500, headers, '{"name":"Boom"}', NOW) == Threw(
        ErrorBody("Boom", "", has_stack=False), False
    )


@pytest.mark.rule("A65")
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30", NOW + 30_000),
        ("+5", NOW + 5000),
        ("9999999", NOW + 9_999_999_000),
        ("2030-01-01T00:00:05.5Z", NOW + 5500),
        ("Tue, 01 Jan 2030 00:00:07 GMT", NOW + 7000),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("99999999", None),
    ],
)
def test_a_retry_after_is_seconds_from_the_present_second_or_a_date(
    text: str, at: int | None
) -> None:
    assert read_response(206, {**PY, "Retry-After": text}, "[]", NOW + 789) == Ops((), at)


@pytest.mark.rule("W4")
@pytest.mark.parametrize("inner", ['{"name":"Boom"}', {"name": "Boom"}])
def test_a_streamed_answer_stands_in_a_wrapper(inner: object) -> None:
    wrapper = {"status": 500, "headers": {"Retry-After": "30"}, "body": inner}

    read = read_response(201, {**PY, "retry-after": "60"}, json.dumps(wrapper), NOW)

    assert read == Threw(ErrorBody("Boom", "", has_stack=False), True, NOW + 30_000, 500)


def test_a_streamed_answer_names_its_sdk_in_the_wrapper_as_well() -> None:
    wrapper = {"status": 206, "headers": PY, "body": "[]"}

    assert read_response(201, {}, json.dumps(wrapper), NOW) == Ops(())


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (206, "", "error reading generator opcode response"),
        (206, "<html>", "error reading generator opcode response"),
        (206, "NaN", "invalid character 'N'"),
        (206, "[" * 100_000, "recursion"),
        (206, "5", "not a int"),
        (206, "[null]", "not a NoneType"),
        (206, '[{"op":"StepRun"}]', "an op has no id"),
        (206, '[{"id":"a"}]', "an op has no op"),
        (206, '[{"id":5,"op":"StepRun"}]', "id of an op is 5"),
        (206, '[{"id":"a","op":"StepError"}]', "an error is a JSON object"),
        (206, '[{"id":"a","op":"InvokeFunction"}]', "an op has no function_id"),
        (206, '[{"id":"a","op":"WaitForSignal","opts":[1]}]', "opts of an op is [1]"),
        (206, '[{"id":"a","op":"Sleep","userland":{"id":"a","index":"x"}}]', "index of an op"),
        (201, "<html>", "error parsing stream"),
        (201, "[]", "error parsing stream"),
        (201, '{"body":"1"}', "error parsing stream: status is None"),
        (500, "<html>", "invalid status code: 500"),
        (400, "[]", "an error is a JSON object"),
    ],
)
def test_what_cannot_be_read_is_a_broken_answer(status: int, body: str, part: str) -> None:
    read = read_response(status, PY, body, NOW)

    assert isinstance(read, Broken)
    assert part in read.error.message


@pytest.mark.parametrize(
    ("body", "output"),
    [("<html>", '"<html>"'), ("NaN", '"NaN"'), ("", "null"), (' {"a": 1}\n', '{"a": 1}')],
)
def test_an_output_that_is_no_json_is_a_text(body: str, output: str) -> None:
    """fn_output_tuple_nan; go: httpdriver's `ParseResponse`."""
    assert read_response(200, PY, body, NOW) == Returned(output)


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
    assert read_response(status, {}, "<html>", NOW) == expected


@pytest.mark.rule("A44", "A75")
def test_a_response_that_forbids_retries_makes_its_steps_error_final() -> None:
    error = {"name": "CodedError", "message": "Nested steps are not supported.", "stack": None}
    body = json.dumps([{"op": "StepError", "id": "h", "userland": {"id": "a"}, "error": error}])

    tried, given_up = (
        read_response(206, {"x-inngest-sdk": "x", "x-inngest-no-retry": flag}, body, 0)
        for flag in ("false", "true")
    )

    about = ("h", "a", 0, ErrorBody("CodedError", "Nested steps are not supported."))
    assert tried == Ops((StepErrored(*about, final=False),))
    assert given_up == Ops((StepErrored(*about, final=True),))
