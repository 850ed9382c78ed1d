"""The clock read outside of steps: another time at each entry."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside
from dwf_sim.lint.sources import clock_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        if source := clock_of(module, call):
            yield call, f"{source}() outside of steps"


CLOCK = Rule(
    "DWF002",
    "the clock read outside of steps",
    "the handler is entered anew for each step, and reads another time each time",
    "read it in a step.run, whose result is remembered, or take the event's ts",
    _find,
)
