"""The buggy functions of examples/bugs, and the searches that find what is wrong with them."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import dwf_sim as dwf
from dwf_sim.search.exploration import Exploration
from examples import bugs

NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(bugs.__path__)))
SEEDS = range(10)
RUNS_MAX, FAULTS_MAX = 1000, 3


def search(name: str, version: str, seed: int, **settings: Any) -> Exploration:
    """Search one version of a function, "buggy" or "mended", as explore does by default."""
    module = module_of(name)
    events = getattr(module, "EVENTS", ())
    return dwf.explore(getattr(module, version), events=events, seed=seed, **settings)


def module_of(name: str) -> ModuleType:
    """Import a bug."""
    return importlib.import_module(f"examples.bugs.{name}")


def says(name: str) -> str:
    """The sentence that says what the bug is."""
    return (module_of(name).__doc__ or "").partition("\n")[0]


def changes(found: Exploration) -> int:
    """How many faults, and callbacks that go before their turn, a shrunk finding has."""
    (finding,) = found.findings
    return len(finding.course.faults) + len(finding.course.turns)
