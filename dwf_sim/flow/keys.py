"""Keys of dispatch: the text under which the items of runs are counted together."""

from __future__ import annotations

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.model.arrival import Arrival


def evaluate_key(key: str, now: int, arrival: Arrival) -> str:
    """Evaluate a key over the first event; all that have no value share "false" (B72, B88)."""
    try:
        return compile_expression(key).key(arrival.event.view, now_ms=now)
    except (EvaluationError, ExpressionError):
        return "false"
