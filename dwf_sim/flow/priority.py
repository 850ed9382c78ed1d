"""Priority: a run is treated as if it had been created earlier or later (B115-B122)."""

from __future__ import annotations

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.flow.base import Dispatch
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.function import FunctionConfig

FACTOR_MAX = 43_200  # Seconds, both ways (B115).


class Priorities(Dispatch):
    """Reads the factor of a run from its first event, once."""

    name = "priority"

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.priority is not None

    def head_start_ms(self, now: int, arrival: Arrival) -> int:
        """Give how much earlier than it was the run counts as created."""
        settings = arrival.function.priority
        if settings is None:
            return 0
        try:
            factor = compile_expression(settings.run).evaluate(arrival.event.view, now_ms=now)
        except (EvaluationError, ExpressionError):
            return 0
        # Numbers of an event are doubles, and only an int counts (B116).
        if type(factor) is not int:
            return 0
        return max(-FACTOR_MAX, min(FACTOR_MAX, factor)) * 1000
