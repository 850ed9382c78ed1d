"""Compares one recorded duration with ours, by the general grammar and by that of batches."""

from collections.abc import Callable
from math import isclose

from dwf_sim.conformance.vector_cases import Case, read_number_or_null, read_text
from dwf_sim.duration_grammar import NANOSECONDS_PER_MS, parse_batch_timeout_ns, parse_duration_ns
from dwf_sim.errors import DurationError

# The engine's answers were recorded through floating-point seconds.
_RELATIVE_TOLERANCE = 1e-9


def check_duration(case: Case) -> str | None:
    """Say how our answers differ from the engine's; None if they do not."""
    text = read_text(case, "duration")
    general = read_number_or_null(case, "ms")
    batch = read_number_or_null(case, "batch_timeout_ms")
    differences = (
        _difference(f"{text!r} as a duration", general, _ms(parse_duration_ns, text)),
        _difference(f"{text!r} as a batch timeout", batch, _ms(parse_batch_timeout_ns, text)),
    )
    return "; ".join(filter(None, differences)) or None


def _ms(parse: Callable[[str], int], text: str) -> float | None:
    try:
        return parse(text) / NANOSECONDS_PER_MS
    except DurationError:
        return None


def _difference(asked: str, expected: float | None, got: float | None) -> str | None:
    if expected is None or got is None:
        agree = expected is got
    else:
        agree = isclose(expected, got, rel_tol=_RELATIVE_TOLERANCE)
    return None if agree else f"asked {asked}, expected {_write(expected)}, got {_write(got)}"


def _write(ms: float | None) -> str:
    return "an error" if ms is None else f"{ms!r} ms"
