"""Steps in the order of a set, which differs from process to process."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of
from dwf_sim.lint.sources import is_set


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        steps = [step.call for step in part.steps]
        for node in part.outside:
            for iterated in _iterated(node):
                if is_set(module, part, iterated) and any(each in steps for each in ast.walk(node)):
                    yield iterated, f"steps in the order of the set {ast.unparse(iterated)}"


def _iterated(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.For):
        return [node.iter]
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        return [each.iter for each in node.generators]
    return []


SET_ORDER = Rule(
    "DWF010",
    "steps in the order of a set",
    "another process has another order, so the handler asks for other steps than before",
    "sort it: for item in sorted(…)",
    _find,
)
