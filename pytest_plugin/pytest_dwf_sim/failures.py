"""Failures: one screen that says what broke a durable test, and how to see it again."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dwf_sim import ConfigError, FaultPlan, Simulation
from dwf_sim.world.screen import made_by, screen
from pytest_dwf_sim.engines import Engines
from pytest_dwf_sim.tries import Try, write


def describe(item: pytest.Item, engines: Engines) -> str:
    """Write the screen: the plan, what struck, what differs without it, the runs, the command."""
    simulation = engines.simulation
    assert simulation is not None, "the fixture has made it"
    chosen = engines.chosen
    differences = _difference(item, chosen, simulation) if simulation.faults_struck else ()
    return screen(simulation, _command(item, chosen, simulation), differences)


def describe_made(item: pytest.Item, simulation: Simulation) -> str:
    """Write the screen of a simulation that a test has made itself, by the factory."""
    of_hypothesis = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    how = ", with the example that Hypothesis shows" if of_hypothesis else ""
    return screen(simulation, f"pytest {_name(item)!r}{how}; {made_by(simulation)}")


def _difference(item: pytest.Item, chosen: Try, simulation: Simulation) -> Iterator[str]:
    """Play the test without faults, where it needs nothing but the engine, and compare."""
    function = getattr(item, "obj", None)
    if function is None or [*inspect.signature(function).parameters] != ["durable_engine"]:
        return
    if inspect.iscoroutinefunction(function):
        return
    with Simulation(chosen.seed, faults=FaultPlan(), **chosen.settings) as calm:
        try:
            function(calm)
        except Exception as error:
            yield f"without faults it fails, too: {type(error).__name__}: {error}"
            return
        yield "without faults it passes; the runs differ first in:"
        yield from _first_difference(calm, simulation)


def _first_difference(calm: Simulation, broken: Simulation) -> Iterator[str]:
    for one, other in zip(calm.runs, broken.runs, strict=False):
        before = calm.timeline(one).splitlines()[1:]
        after = broken.timeline(other).splitlines()[1:]
        for left, right in zip(before, after, strict=False):
            if left != right:
                yield f"  without: {left.strip()}"
                yield f"  with:    {right.strip()}"
                return
        if len(before) != len(after):
            longer, which = (before, "without") if len(before) > len(after) else (after, "with")
            yield f"  only {which}: {longer[min(len(before), len(after))].strip()}"
            return


def _command(item: pytest.Item, chosen: Try, simulation: Simulation) -> str:
    name = _name(item)
    function = name.partition("[")[0]
    replayed = item.config.getoption("--durable-replay")
    if replayed is not None:
        return f"pytest {function!r} --durable-replay {replayed}"
    folder = item.config.getoption("--durable-report")
    if folder is not None:
        try:
            file = write(Path(folder), item, chosen, simulation)
        except ConfigError as error:
            return f"pytest {name!r}  (it cannot be stored: {error})"
        return f"pytest {function!r} --durable-replay {file}"
    return f"pytest {name!r}{_seeds(item.config, chosen)}"


def _name(item: pytest.Item) -> str:
    """Name a test for a command that is called where this one was."""
    path = os.path.relpath(item.path, item.config.invocation_params.dir)
    return "::".join([Path(path).as_posix(), *item.nodeid.split("::")[1:]])


def _seeds(config: pytest.Config, chosen: Try) -> str:
    """The options without which the test has another seed, or is not made at all."""
    if chosen.stored is not None:
        return ""
    if "seed=" not in chosen.name:
        return f" --durable-seed {chosen.seed}"
    given = {name: config.getoption(name) for name in ("--durable-seed", "--durable-runs")}
    return "".join(f" {name} {value}" for name, value in given.items() if value is not None)
