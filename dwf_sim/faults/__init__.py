"""Faults: one perturbation per file. `FAULTS` in plan.py lists the kinds a plan can hold."""

from __future__ import annotations

from dwf_sim.faults.at_site import faults_at
from dwf_sim.faults.base import Fault, Site
from dwf_sim.faults.plan import FAULTS, FaultPlan

__all__ = ["FAULTS", "Fault", "FaultPlan", "Site", "faults_at"]
