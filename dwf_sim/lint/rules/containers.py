"""Lists, dicts and sets that the body of a step changes and that are read outside of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.durable import Part, Scope, parameters, within
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, parts_of
from dwf_sim.lint.rules.variables import read_after

_CHANGES = (
    "add",
    "append",
    "appendleft",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
)


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for part in parts_of(module):
        own = _bound_outside(part)
        for body, step in part.bodies:
            for name, line in _changed(body):
                read = read_after(part, step, name) if name in own else None
                if read is not None:
                    yield (
                        read,
                        f"variable {name!r} is changed in the body of step {step.name} "
                        f"(line {line}) and read outside of it",
                    )


def _bound_outside(part: Part) -> list[str]:
    """The variables of the handler itself; its parameters are none, a change of them is seen."""
    return [
        node.id
        for node in part.outside
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _changed(body: Scope) -> Iterator[tuple[str, int]]:
    """Yield the names of what a body changes and has not made itself, with the line."""
    nodes = list(within(body))
    own = [each.arg for each in parameters(body)]
    own += [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    lines: dict[str, int] = {}
    for node in nodes:
        target = _changed_by(node)
        if target is not None and target.id not in own:
            lines.setdefault(target.id, target.lineno)
    yield from lines.items()


def _changed_by(node: ast.AST) -> ast.Name | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() as target, attr=method)):
            return target if method in _CHANGES else None
        case ast.Subscript(value=ast.Name() as target, ctx=ast.Store() | ast.Del()):
            return target
        case _:
            return None


CHANGED = Rule(
    "DWF008",
    "a list, dict or set that a step changes and others read",
    "at the next entry the step does not run again, and what it changed is as before",
    "return what is new from the step, and change the variable outside",
    _find,
)
