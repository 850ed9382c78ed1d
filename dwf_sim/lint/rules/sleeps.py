"""Sleeps that are no steps: slept again at each entry, and lost with the worker."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside

_SLEEPS = ("asyncio.sleep", "time.sleep", "anyio.sleep", "trio.sleep")


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        if (name := module.dotted(call.func)) in _SLEEPS:
            yield call, f"{name}() outside of steps"


SLEEP = Rule(
    "DWF006",
    "a sleep that is no step",
    "it is slept again at each entry of the handler, and holds a worker meanwhile",
    "use step.sleep",
    _find,
)
