"""Chance outside of steps: another number at each entry."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside
from dwf_sim.lint.sources import chance_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        if source := chance_of(module, call):
            yield call, f"{source}() outside of steps"


CHANCE = Rule(
    "DWF001",
    "chance outside of steps",
    "the handler is entered anew for each step, and draws another number each time",
    "draw it in a step.run, whose result is remembered",
    _find,
)
