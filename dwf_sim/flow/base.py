"""The contracts of flow control: policies answer verdicts or own gates, and know no engine."""

from __future__ import annotations

from dwf_sim.model.arrival import Arrival
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate
from dwf_sim.model.limits import Limits
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Verdict


class Admission:
    """Decides whether an arrival becomes a run. Each engine holds its own instance."""

    name: str

    def __init__(self, quirks: Quirks | None = None) -> None:
        """Begin with nothing remembered, with the quirks of an engine."""

    def concerns(self, function: FunctionConfig) -> bool:  # noqa: ARG002  # For policies.
        """Say whether the policy ever has a say for this function."""
        return True

    def admit(self, now: int, arrival: Arrival) -> Verdict:  # noqa: ARG002  # For policies.
        """Answer for this arrival."""
        return PASS

    def release(self, now: int, key: str) -> Arrival | None:  # noqa: ARG002  # For policies.
        """Let go on what is held under this key, its time being over; None when nothing is."""
        return None

    def due_at(self, key: str) -> int | None:  # noqa: ARG002  # For policies.
        """Say when what is held under this key is to be let go; None when nothing is."""
        return None

    def scheduled(self, now: int, arrival: Arrival) -> None:
        """Learn that all policies let the arrival pass and its run is queued."""

    def ended(self, run_id: str) -> None:
        """Learn that nothing of a run is left: it ended, or its last item was dropped."""


class Dispatch:
    """Decides when and in what order items of runs reach a worker, by the gates it gives them."""

    name: str

    def __init__(self, limits: Limits | None = None) -> None:
        """Begin with nothing remembered, under the limits of an engine."""

    def concerns(self, function: FunctionConfig) -> bool:  # noqa: ARG002  # For policies.
        """Say whether the policy ever has a say for this function."""
        return True

    def stops(self, function: FunctionConfig) -> tuple[Gate, ...]:  # noqa: ARG002  # For policies.
        """Give the gates that all items of a function as it is registered now must pass."""
        return ()

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:  # noqa: ARG002  # For policies.
        """Give the other gates that the items of a new run must pass, in the order of asking."""
        return ()

    def head_start_ms(self, now: int, arrival: Arrival) -> int:  # noqa: ARG002  # For policies.
        """Give how much earlier than it was the run counts as created."""
        return 0
