"""Telling of what Hypothesis has found: the screen, beside the steps that it prints itself."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import currently_in_test_context, note

from dwf_sim.world.screen import screen
from dwf_sim.world.simulation import Simulation

__all__ = ["tell"]


def tell(simulation: Simulation, machine: type) -> None:
    """Have Hypothesis show the screen after the steps, if these are the fewest that fail."""
    if currently_in_test_context():
        note(_Screen(simulation, machine))


class _Screen:
    """A text that is written when it is asked for: Hypothesis shows only the last of hundreds."""

    def __init__(self, simulation: Simulation, machine: type) -> None:
        self._simulation = simulation
        self._machine = machine

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002  # The contract.
        printer.text(screen(self._simulation, _repeat(self._machine)))


def _repeat(machine: type) -> str:
    """Say how to see it again: by pytest, if that runs, and by the steps alone."""
    steps = f"the steps above, {_after(machine)}"
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return f"pytest {test!r}, or {steps}" if test else steps


def _after(machine: type) -> str:
    """Say what has to be imported for the steps."""
    name, module = machine.__qualname__, machine.__module__
    if module == "__main__" or not name.isidentifier():
        return f"where {machine.__name__} is, with import dwf_sim"
    return f"after: import dwf_sim; from {module} import {name}"
