"""Steps in a `try` that catches everything, and so the engine's own interrupts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        steps = [step.call for step in part.steps]
        for node in part.outside:
            if isinstance(node, ast.Try) and _holds(node.body, steps):
                for clause in _catching_all(node):
                    yield clause, "a step in a try that catches everything"


def _holds(body: list[ast.stmt], steps: list[ast.Call]) -> bool:
    return any(each in steps for statement in body for each in ast.walk(statement))


def _catching_all(node: ast.Try) -> Iterator[ast.ExceptHandler]:
    """Yield the clauses that catch all there is, and do not raise it again."""
    for clause in node.handlers:
        names = ast.unparse(clause.type) if clause.type is not None else "BaseException"
        raises = any(isinstance(each, ast.Raise) for each in ast.walk(clause))
        if "BaseException" in names and not raises:
            yield clause


CAUGHT = Rule(
    "DWF013",
    "a step in a try that catches everything",
    "a handler is left by an exception when a step has run, and this swallows it",
    "catch Exception, or what the step may raise",
    _find,
)
