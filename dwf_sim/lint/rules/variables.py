"""Variables that the body of a step assigns and that are read outside of it: lost on replay."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.durable import Part, Step, place, within
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        for body, step in part.bodies:
            for name, line in _assigned(body):
                read = read_after(part, step, name)
                if read is not None:
                    yield (
                        read,
                        f"variable {name!r} is assigned in the body of step {step.name} "
                        f"(line {line}) and read outside of it",
                    )


def _assigned(body: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the names that a body binds for others, each once, with its line."""
    nodes = list(within(body)) if isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef) else []
    shared = {
        name for node in nodes if isinstance(node, ast.Nonlocal | ast.Global) for name in node.names
    }
    lines: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in shared:
            lines.setdefault(node.id, node.lineno)
    yield from lines.items()


def read_after(part: Part, step: Step, name: str) -> ast.Name | None:
    """Find where a variable is read outside of steps once a step is over, before the handler
    itself binds it anew."""
    statement = _statement_of(part, step)
    loop = _loop_around(part, step)
    for node in part.outside:
        if not isinstance(node, ast.Name) or node.id != name or node in ast.walk(step.call):
            continue
        is_later = place(node) > place(step.call) or place(node) > place(statement)
        if isinstance(node.ctx, ast.Store) and (is_later or node in ast.walk(statement)):
            return None
        is_again = loop is not None and node in ast.walk(loop)
        if isinstance(node.ctx, ast.Load) and (is_later or is_again):
            return node
    return None


def _statement_of(part: Part, step: Step) -> ast.AST:
    """The innermost statement that holds a step."""
    found: ast.AST = part.function
    for node in ast.walk(part.function):
        if isinstance(node, ast.stmt) and step.call in ast.walk(node):
            found = node
    return found


def _loop_around(part: Part, step: Step) -> ast.AST | None:
    """The outermost loop that a step is in."""
    loops = (
        node
        for node in ast.walk(part.function)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While) and step.call in ast.walk(node)
    )
    return next(loops, None)


LOST = Rule(
    "DWF007",
    "a variable that a step assigns and others read",
    "at the next entry the step does not run again, and the variable has the value from before it",
    "return it from the step, and bind what the step returns",
    _find,
)
