"""Pausing: a function that is paused starts nothing, and misses what comes meanwhile (B134)."""

from __future__ import annotations

from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.verdicts import PASS, Skip, Verdict


class Pausing(Admission):
    """Skips what arrives at a paused function. That its runs stand still is the queue's doing."""

    name = "pause"

    def admit(self, now: int, arrival: Arrival) -> Verdict:  # noqa: ARG002  # The contract.
        """Skip while the function is paused."""
        return Skip("the function is paused") if arrival.is_paused else PASS
