"""Laws that hold for every expression and every event, by Hypothesis."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import (
    check,
    check_parses,
    check_restricted,
    compile_expression,
    key_text,
    type_name,
)
from tests.expressions.generated import SIDES, events, json_values, noise, texts

Event = dict[str, Any]
sides = st.sampled_from(SIDES)
EXAMPLES = int(os.environ.get("DWF_EXAMPLES", "15"))
ours = settings(max_examples=EXAMPLES, deadline=None, derandomize=True)


def _result(text: str, event: Mapping[str, object]) -> str:
    """Evaluate and write the result as `type text`, or `error`."""
    try:
        result = compile_expression(text).evaluate(event)
    except (ExpressionError, EvaluationError):
        return "error"
    return f"{type_name(result)} {key_text(result)}"


def _is_refused(check_text: Callable[[str], None], text: str) -> bool:
    try:
        check_text(text)
    except ExpressionError:
        return True
    return False


@ours
@given(texts, events)
def test_evaluation_answers_or_raises_its_own_error(text: str, event: Event) -> None:
    # given any expression that parses and any event

    # when it is evaluated twice
    first, second = _result(text, event), _result(text, event)

    # then the result has a type and a text, or is an error, and the same again
    assert first
    assert first == second


@ours
@given(st.one_of(texts, noise, st.text(max_size=40)))
def test_every_check_accepts_or_refuses(text: str) -> None:
    for check_text in (check, check_restricted, check_parses):
        assert _is_refused(check_text, text) in (True, False)


@ours
@given(texts)
def test_what_is_allowed_for_cancellations_is_allowed_everywhere(text: str) -> None:
    if not _is_refused(check_restricted, text):
        check(text)
        check_parses(text)


@ours
@given(sides, sides, events)
def test_equality_commutes(left: str, right: str, event: Event) -> None:
    assume("foo" not in (left, right))
    assert _result(f"{left} == {right}", event) == _result(f"{right} == {left}", event)


@ours
@given(sides, sides, events)
def test_not_equal_is_the_negation_of_equal(left: str, right: str, event: Event) -> None:
    # given two sides (an undeclared name fails on either operator)
    assume("foo" not in (left, right))

    # when they are compared both ways, then one answer is true and the other false
    assert _result(f"{left} != {right}", event) != _result(f"{left} == {right}", event)


@ours
@given(sides, sides, events)
def test_less_or_equal_follows_from_less(left: str, right: str, event: Event) -> None:
    assume(_result(f"{left} < {right}", event) == "bool true")
    assert _result(f"{left} <= {right}", event) == "bool true"


@ours
@given(sides, events)
def test_a_double_negation_in_the_text_changes_nothing(side: str, event: Event) -> None:
    assert _result(f"!!({side})", event) == _result(side, event)


@ours
@given(sides, sides, sides, events)
def test_logic_may_be_grouped_either_way(first: str, second: str, third: str, event: Event) -> None:
    for operator in ("&&", "||"):
        flat = _result(f"{first} {operator} {second} {operator} {third}", event)
        left = _result(f"({first} {operator} {second}) {operator} {third}", event)
        right = _result(f"{first} {operator} ({second} {operator} {third})", event)
        assert flat == left == right


@ours
@given(json_values)
def test_equal_values_have_equal_keys(value: object) -> None:
    # given a value and a copy of it whose whole numbers are written as doubles
    event = {"data": {"a": value, "b": json.loads(json.dumps(value), parse_int=float)}}

    # when both are used, then they are equal and count under the same key
    assert compile_expression("event.data.a == event.data.b").truth(event)
    assert compile_expression("event.data.a").key(event) == (
        compile_expression("event.data.b").key(event)
    )


@ours
@given(json_values, json_values)
def test_the_short_cut_for_matches_answers_as_the_long_way(left: object, right: object) -> None:
    # given the text with a short cut and the same one in parentheses of a list, which has none
    event, arriving = {"data": {"a": left}}, {"data": {"a": right}}
    for operator in ("==", "!="):
        quick = compile_expression(f"event.data.a {operator} async.data.a")
        slow = compile_expression(f"[event.data.a {operator} async.data.a][0]")

        # then both answer alike
        assert quick.evaluate(event, arriving) == slow.evaluate(event, arriving)


@pytest.mark.parametrize(
    "opening", ["(", "[", "{1:", "!(", "size(", "(1+", "a?b:", "a[", "[a].map(x,", "'"]
)
def test_deep_nesting_is_parsed_or_refused(opening: str) -> None:
    # given a text of ten thousand characters, and one at the edge of what is allowed
    closing = {"(": ")", "[": "]", "{": "}"}
    for count in (10_000 // len(opening), 249, 120):
        ends = "".join(closing.get(character, "") for character in reversed(opening))
        text = (opening * count + "x" + ends * count)[:10_000]

        # when it is checked, compiled and evaluated, then nothing but our errors comes out
        for check_text in (check, check_restricted, check_parses):
            assert _is_refused(check_text, text) in (True, False)
        assert _result(text, {"data": {}})


def test_deep_events_are_compared_and_written() -> None:
    # given an event that nests far deeper than Python may recurse
    deep: list[object] = []
    for _ in range(sys.getrecursionlimit() * 3):
        deep = [deep]
    event = {"data": {"a": deep, "b": deep}}

    # when it is compared and written, then there is no limit
    assert compile_expression("event.data.a == event.data.b").truth(event) is True
    assert compile_expression("event.data.a").key(event).startswith("[[[[")


def test_a_pattern_that_would_backtrack_for_ever_does_not() -> None:
    # given the classical trap and a text of many letters
    event = {"data": {"text": "a" * 5000 + "!"}}

    # when it is matched, then the answer is there at once
    assert compile_expression("event.data.text.matches('^(a|a|aa)+$')").truth(event) is False
