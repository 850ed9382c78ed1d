"""Steps in the bodies of steps, which fail."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        for step in part.steps:
            if part.is_inside(step.call):
                yield step.call, f"step {step.name} in the body of a step"


NESTED = Rule(
    "DWF011",
    "a step in the body of a step",
    "nested steps are not supported: the outer step fails for good",
    "ask for one after the other in the handler",
    _find,
)
