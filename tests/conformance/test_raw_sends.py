"""Bodies that no client would send: what the event API answers to them, and what they start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.recordings import read_recording
from tests.conformance.made import case, function, go, observed

RECORDED = Path(__file__).parent / "oracle" / "event_validation.json"
EVENT = {"name": "go", "data": {"n": 7}}


def answers(*bodies: Any) -> list[tuple[int, dict[str, Any]]]:
    """Send bodies one after the other, and list what is answered."""
    sends = [{"at": place, "raw": body} for place, body in enumerate(bodies)]
    found = observed(case(function(), sends=sends))
    return [(send["status"], send["body"]) for send in found["sends"]]


def test_a_text_that_is_an_event_is_sent() -> None:
    sends = [{"at": 0, "raw": json.dumps(EVENT)}, {"at": 1, "raw": json.dumps([EVENT, EVENT])}]
    returning = function({"op": "return", "value": "$event.data.n"})

    found = observed(case(returning, sends=sends))

    assert [run["output"] for run in found["runs"]] == [7, 7, 7]


@pytest.mark.parametrize("body", [None, 5, True, "null", "5", '"x"'])
def test_what_is_no_event_is_refused_as_there(body: Any) -> None:
    ((status, told),) = answers(body)

    assert status == 400
    assert told["error"] == (
        "Request body must contain an event object or an array of event objects"
    )


def test_an_empty_body_is_taken_and_one_that_is_no_json_is_not() -> None:
    assert [status for status, _ in answers("", "{not json")] == [200, 400]


@pytest.mark.parametrize(
    ("raw", "key", "value"),
    [
        ("{not json", "status", 200),
        ("", "status", 400),
        ("null", "body", {"ids": [""], "status": 400, "error": "other"}),
        ("5", "body", {"ids": ["event-9"], "status": 400}),
    ],
)
def test_answers_to_texts_are_compared(raw: str, key: str, value: object) -> None:
    given = read_recording(RECORDED)
    (place,) = [place for place, send in enumerate(given.sends) if send.get("raw") == raw]
    sends = [dict(send) for send in given.observed["sends"]]
    sends[place][key] = value

    found = judge(attrs.evolve(given, observed={**given.observed, "sends": sends})).difference

    assert found is not None
    assert found.startswith(f"sends[{place}].{key}")


def test_sends_that_are_not_written_in_their_order_keep_their_places() -> None:
    late, early = go(3, color="late"), go(0, color="early")
    returning = function({"op": "return", "value": "$event.data.color"})

    found = observed(case(returning, sends=[late, early]))

    assert [send["at"] for send in found["sends"]] == [3, 0]
    assert [send["body"]["ids"] for send in found["sends"]] == [["event-1"], ["event-2"]]
    assert [(run["output"], run["queued"]) for run in found["runs"]] == [("late", 3), ("early", 0)]
