"""Lint: mistakes of durable functions that can be seen without running or importing them."""

from __future__ import annotations

from dwf_sim.lint.finding import Finding
from dwf_sim.lint.linting import Linted, lint
from dwf_sim.lint.rules import RULES

__all__ = ["RULES", "Finding", "Linted", "lint"]
