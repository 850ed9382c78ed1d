"""Claims: what a test or the code under test says must hold, and what became of it."""

from __future__ import annotations

from dwf_sim.model.value import value

ALWAYS, SOMETIMES, EVENTUALLY = "always", "sometimes", "eventually"


@value
class Claimed:
    """A claim was decided: an `always` was not true, or what should happen some time happened."""

    kind: str
    name: str
    holds: bool
    run: str | None = None
    step: str | None = None
    details: str = ""
