"""Verdicts: how a flow-control policy answers whether a run may be created."""

from __future__ import annotations

from typing import TypeAlias

import attrs


@attrs.frozen
class Pass:
    """Nothing speaks against the run."""


@attrs.frozen
class Skip:
    """No run is created; `reason` is what the record and the user will read."""

    reason: str


Verdict: TypeAlias = Pass | Skip

PASS = Pass()
