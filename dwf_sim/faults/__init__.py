"""Faults: one perturbation per file. `FAULTS` lists the kinds a plan can hold."""

from __future__ import annotations

from dwf_sim.faults.base import Fault, Site
from dwf_sim.faults.crash import Crash
from dwf_sim.faults.plan import FaultPlan
from dwf_sim.faults.response import LoseResponse

FAULTS: tuple[type[Fault], ...] = (Crash, LoseResponse)

__all__ = ["FAULTS", "Fault", "FaultPlan", "Site"]
