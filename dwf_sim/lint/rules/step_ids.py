"""Step ids that differ from entry to entry: the step is not found again, and runs anew."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of
from dwf_sim.lint.sources import differing


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        for step in part.steps:
            source = differing(module, part, step.id) if step.id is not None else ""
            if step.id is not None and source:
                yield step.id, f"step id {step.name} comes from {source}"


DYNAMIC_ID = Rule(
    "DWF009",
    "a step id that differs from entry to entry",
    "a step is known by its id, so under another one it runs again, effects and all",
    "make it of constants, the event and what steps returned",
    _find,
)
