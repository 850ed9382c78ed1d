"""Compares our expressions with the answers that the real engine gave (vectors/README.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dwf_sim.conformance.vector_cases import CaseError, read_text, read_text_or_null
from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import (
    check,
    check_restricted,
    compile_expression,
    key_text,
    type_name,
)

RECORDED_AT_MS = 1_795_132_800_000
"""2026-11-20: what `now()` was, to the day, when the answers were recorded."""


def check_expression(case: Mapping[str, object], event: Mapping[str, object]) -> str | None:
    """Return None if we answer a case as the engine did, else what was asked, expected and got."""
    text = read_text(case, "expression")
    got = {
        "registration": _verdict(check, text),
        "restricted": _verdict(check_restricted, text),
        **_evaluated(text, event),
    }
    expected = _expected(case)
    if got == expected:
        return None
    return f"asked {text!r} on {case['event']}: expected {expected}, got {got}"


def _expected(case: Mapping[str, object]) -> dict[str, object]:
    answer: dict[str, object] = {
        "registration": _recorded(case, "registration_error"),
        "restricted": _recorded(case, "restricted_error"),
    }
    if case.get("error") is not None:
        return {**answer, "result": "error"}
    as_bool = case.get("as_bool")
    if not isinstance(as_bool, bool) and as_bool != "error":
        raise CaseError(f"'as_bool' is {as_bool!r}; it must be true, false or \"error\"")
    texts = {name: read_text(case, name) for name in ("type", "key_text")}
    return {**answer, **texts, "as_bool": as_bool}


def _recorded(case: Mapping[str, object], key: str) -> str:
    return "accepted" if read_text_or_null(case, key) is None else "refused"


def _verdict(check_text: Callable[[str], None], text: str) -> str:
    try:
        check_text(text)
    except ExpressionError:
        return "refused"
    return "accepted"


def _evaluated(text: str, event: Mapping[str, object]) -> dict[str, object]:
    try:
        result = compile_expression(text).evaluate(event, now_ms=RECORDED_AT_MS)
    except (ExpressionError, EvaluationError):
        return {"result": "error"}
    as_bool = result if isinstance(result, bool) else "error"
    return {"type": type_name(result), "key_text": key_text(result), "as_bool": as_bool}
