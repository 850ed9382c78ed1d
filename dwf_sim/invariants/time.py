"""Time: the clock of a simulation never goes back."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts


class TimeGoesForward(Invariant):
    """What is noted later happened later, or in the same millisecond.

    The clocks that user code reads may jump: a fault can have them do so. This is the engine's.
    """

    name = "time goes forward"
    says = "no record is of an earlier instant than the one before it"
    rules = ()

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._now = 0

    def watches(self) -> Watches:
        """Look at no kind of record: it is enough to be told when the instant changes."""
        return {}

    def settle(self, until: int) -> None:  # noqa: ARG002  # Also asked when no record has come.
        """Compare the instant of the newest record with the latest one so far."""
        now = self.facts.now
        if now < self._now:
            self.broken(f"the clock went back by {self._now - now} ms", self.facts.seq)
        self._now = now
