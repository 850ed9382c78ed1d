"""What a wait keeps of the run's first event: its values, and null for what it lacks (A103)."""

from __future__ import annotations

import pytest

from dwf_sim.expressions import compile_expression


@pytest.mark.rule("A49", "A103")
@pytest.mark.parametrize(
    ("mine", "yours", "holds"),
    [
        ({"x": 1}, {"x": 1}, True),
        ({"x": 1}, {"x": 2}, False),
        ({}, {}, True),
        ({}, {"x": 1}, False),
        ({"x": 1}, {}, False),
        ({}, {"x": None}, True),
        ({"x": None}, {}, True),
    ],
)
def test_a_field_that_both_events_lack_is_a_match(
    mine: dict[str, object], yours: dict[str, object], holds: bool
) -> None:
    expression = compile_expression("event.data.x == async.data.x")

    kept = expression.interpolated({"name": "a", "data": mine})

    assert expression.truth(kept, {"name": "b", "data": yours}) is holds


def test_a_deep_field_is_filled_and_the_event_itself_is_not_changed() -> None:
    event = {"data": {"a": {"b": 1}}}
    expression = compile_expression("event.data.a.c.d == async.data.y && event.data.a.b == 1.0")

    kept = expression.interpolated(event)

    assert kept == {"data": {"a": {"b": 1, "c": {"d": None}}}}
    assert event == {"data": {"a": {"b": 1}}}


def test_what_lies_behind_a_plain_value_stays_missing() -> None:
    event = {"data": {"a": "text"}}

    assert compile_expression("event.data.a.b == null").interpolated(event) == event
