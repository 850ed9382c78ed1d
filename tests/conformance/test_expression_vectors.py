"""Our expressions against the engine's recorded answers: all of them must agree."""

from __future__ import annotations

import json
from pathlib import Path

from dwf_sim.conformance.expression_vectors import check_expression

VECTORS = Path(__file__).parent.parent / "vectors"


def test_every_recorded_answer_is_ours() -> None:
    # given the engine's answers
    events = json.loads((VECTORS / "events.json").read_text())
    lines = (VECTORS / "expressions.jsonl").read_text().splitlines()
    cases = [json.loads(line) for line in lines]

    # when we give ours
    complaints = [check_expression(case, events[case["event"]]) for case in cases]

    # then none differs
    assert [complaint for complaint in complaints if complaint is not None] == []
    assert len(cases) == 2174


def test_a_difference_says_what_was_asked_expected_and_got() -> None:
    # given a case with a wrong answer
    case = {
        "expression": "1 == 1",
        "event": "e1",
        "registration_error": None,
        "restricted_error": None,
        "type": "bool",
        "key_text": "false",
        "as_bool": False,
    }

    # when it is compared
    complaint = check_expression(case, {"data": {}})

    # then the complaint names all three
    assert complaint is not None
    assert "asked '1 == 1' on e1: expected" in complaint
    assert "'key_text': 'false'" in complaint
    assert complaint.endswith("'key_text': 'true', 'as_bool': True}")
