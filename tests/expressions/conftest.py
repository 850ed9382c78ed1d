"""The event that most tests of expressions are about."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression, key_text, type_name

VECTORS = Path(__file__).parent.parent / "vectors"
Answer = Callable[[str], str]


@pytest.fixture(scope="session")
def event() -> Mapping[str, object]:
    """An event with a field of every kind; `x` and `y` are never there."""
    events: dict[str, dict[str, object]] = json.loads((VECTORS / "events.json").read_text())
    return events["e38"]


@pytest.fixture(scope="session")
def answer(event: Mapping[str, object]) -> Answer:
    """Evaluate a text on the event and write the result as `type text`, or `error`."""

    def evaluate(text: str) -> str:
        try:
            result = compile_expression(text).evaluate(event)
        except (ExpressionError, EvaluationError):
            return "error"
        return f"{type_name(result)} {key_text(result)}"

    return evaluate
