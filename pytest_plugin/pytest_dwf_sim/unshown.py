"""Unshown: what a test that passes has not shown, since something in it is misspelt or late.

A fault of the marker that never strikes fails the test: it would pass without that fault, too. All
else is a warning, which goes to pytest's summary and is filtered as any other.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from os import PathLike

import pytest

from dwf_sim import Simulation
from dwf_sim.errors import SimulationWarning
from pytest_dwf_sim.engines import Engines, Try


def tell_unshown(item: pytest.Item, engines: Engines) -> None:
    """Fail a test that has passed without a fault of its marker, or warn of what is doubtful."""
    simulation = engines.simulation
    assert simulation is not None, "the fixture has made it"
    missed = [*_missed(engines.chosen, simulation)]
    if missed:
        missed.append(
            "Mend the fault or the test; if a fault need not strike, say so: "
            "durable(all_faults_strike=False)"
        )
        pytest.fail("\n".join(missed), pytrace=False)
    path, line, _ = item.reportinfo()
    warn(simulation, path, (line or 0) + 1)


def warn(simulation: Simulation, path: str | PathLike[str], line: int) -> None:
    """Hand over what a simulation warns of, as warnings about this line."""
    for text in simulation.warnings:
        warnings.warn_explicit(text, SimulationWarning, str(path), line)


def _missed(chosen: Try, simulation: Simulation) -> Iterator[str]:
    if not chosen.all_faults_strike:
        return
    unstruck = simulation.unstruck
    for fault, reason in zip(unstruck, unstruck.reasons, strict=True):
        if fault not in chosen.faults.faults:  # The test has put it in force itself.
            continue
        if fault.chance < 1 and not reason:  # Its place was come to, and the draw was another.
            continue
        why = f": {reason}" if reason else ""
        yield f"a fault of the marker never struck: {fault}{why}"
