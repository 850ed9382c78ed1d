"""Needs: what a recording says it takes, and what its program shows."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.conformance.needs import needs_of


def needs(op: dict[str, Any], said: tuple[str, ...] = ("steps",), **function: Any) -> list[str]:
    body = [{"op": "try", "body": [op], "catch": []}]
    return [*needs_of({"needs": [*said], "functions": [{"id": "f", "body": body, **function}]})]


def test_a_recording_without_needs_has_none_whatever_its_program_is() -> None:
    assert needs_of({"functions": [{"body": [{"op": "run", "error": "cause"}]}]}) == ()


@pytest.mark.parametrize(
    "op",
    [
        {"op": "run", "id": "a", "body": []},
        {"op": "sleep", "id": "a", "ms": 5},
        {"op": "sleep", "id": "a", "for": "1500ms"},
        {"op": "wait", "id": "a", "event": "e", "timeout": "1h30m"},
        {"op": "return", "value": {"keys": "$ctx_keys"}},
        {"op": "return", "value": [{"$js": "date"}]},
    ],
)
def test_what_only_typescript_has_is_seen_wherever_it_stands(op: dict[str, Any]) -> None:
    assert needs(op) == ["steps", "ts-sdk-behaviour"]
    assert needs({"op": "return"}, on_failure=[op]) == ["steps", "ts-sdk-behaviour"]


def test_whole_units_of_time_mean_the_same_everywhere() -> None:
    assert needs({"op": "sleep", "id": "a", "for": "90s"}) == ["steps"]
    assert needs({"op": "return"}, throttle={"limit": 1, "period": "500ms"}) == ["steps"]


@pytest.mark.parametrize("kind", ["plain", "other", "fields", "retry_after:1s", "retry_after_ms:5"])
def test_errors_that_python_has_too_need_nothing(kind: str) -> None:
    assert needs({"op": "raise", "error": kind}) == ["steps"]


@pytest.mark.parametrize("kind", ["cause", "non_retriable_subclass", "null", "aggregate"])
def test_errors_that_python_has_not_are_a_need(kind: str) -> None:
    assert needs({"op": "run", "id": "a", "error": kind}) == ["steps", "error-kinds"]


def test_a_crash_in_a_step_is_a_need_of_its_own() -> None:
    crash = {"op": "run", "id": "a", "crash": 1}

    assert needs(crash, ("worker-faults",)) == ["crashes"]
    assert needs({"op": "crash"}, ("worker-faults",)) == ["worker-faults"]
    assert needs(crash, ("worker-faults",), response_delay={"for": "1s"}) == ["worker-faults"]
