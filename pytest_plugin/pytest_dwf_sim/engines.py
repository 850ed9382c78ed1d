"""Engines: the simulation of a durable test, and what is counted of it."""

from __future__ import annotations

from dwf_sim import Simulation
from pytest_dwf_sim.tries import Try

__all__ = ["Engines", "Try", "counts_of"]


class Engines:
    """Makes the simulation of one try, and remembers it for the report."""

    def __init__(self, chosen: Try) -> None:
        self.chosen = chosen
        self.simulation: Simulation | None = None
        self.is_play = False  # Whether the test is played many times, by others.

    def make(self) -> Simulation:
        """Make the simulation."""
        chosen = self.chosen
        self.simulation = Simulation(chosen.seed, faults=chosen.faults, **chosen.settings)
        return self.simulation

    def counts(self) -> list[int]:
        """How many runs there were, how many faults have struck, and at how many sites."""
        return [0, 0, 0] if self.simulation is None else counts_of(self.simulation)


def counts_of(simulation: Simulation) -> list[int]:
    """How many runs a simulation had, how many faults have struck, and at how many sites."""
    struck = simulation.faults_struck
    return [len(simulation.runs), len(struck), len({each.site for each in struck})]
