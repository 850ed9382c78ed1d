"""Verdicts: how a flow-control policy answers whether a run may be created."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from dwf_sim.model.arrival import Arrival


@attrs.frozen
class Pass:
    """Nothing speaks against the run; `arrival`, if there is one, goes on in place of the asked."""

    arrival: Arrival | None = None


@attrs.frozen
class Skip:
    """No run is created; `reason` is what the record and the user will read.

    `told` is what an invoke of the function fails with; without it the invoker is not told, and
    waits for its timeout (B58, B125).
    """

    reason: str
    told: str | None = None


@attrs.frozen
class Hold:
    """The policy keeps what arrived, and lets something of it go on at an instant or before.

    `key` says together with what else it is held: a later hold of the same key replaces the
    instant of this one.
    """

    key: str
    until: int
    reason: str
    instead_of: str | None = None  # The event that was held until now, and starts nothing.


@attrs.frozen
class Displace:
    """A run is cancelled in favour of this one, which then passes (B126)."""

    run_id: str
    reason: str


Verdict: TypeAlias = Pass | Skip | Hold | Displace

PASS = Pass()
