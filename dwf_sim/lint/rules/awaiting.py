"""Steps that are asked for and not awaited: they never begin."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        if not isinstance(part.function, ast.AsyncFunctionDef):
            continue
        calls = {id(step.call): step for step in part.steps}  # Only ever looked up.
        for node in part.outside:
            step = calls.get(id(node.value)) if isinstance(node, ast.Expr) else None
            if step is not None:
                yield step.call, f"step {step.name} is not awaited"


NOT_AWAITED = Rule(
    "DWF012",
    "a step that is not awaited",
    "it never begins",
    "write await before it",
    _find,
)
