"""What a rule is: a code, what it says, and a function that finds its places in a module."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from dwf_sim.lint.durable import Part
from dwf_sim.lint.finding import Finding
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project

# Where it is, and what is there.
Spot: TypeAlias = tuple[ast.AST, str]


@attrs.frozen
class Rule:
    """A kind of mistake.

    `find` is given a module and the project it belongs to. `why` says what the
    mistake leads to, `do` how to mend it.
    """

    code: str
    title: str
    why: str
    do: str
    find: Callable[[Module, Project], Iterator[Spot]]

    def findings(self, module: Module, project: Project) -> Iterator[Finding]:
        """Find the places of this mistake, but for those that a comment "noqa" excuses."""
        for node, what in self.find(module, project):
            line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
            if not module.is_excused(line, self.code):
                yield Finding(module.file, line, column, self.code, what, self.why, self.do)


def parts_of(module: Module) -> Iterator[Part]:
    """Yield the parts of all durable functions of a module, each once."""
    seen: list[ast.AST] = []
    for handler in module.handlers:
        for part in handler.parts:
            if part.function not in seen:
                seen.append(part.function)
                yield part


def calls_outside(module: Module) -> Iterator[tuple[Part, ast.Call]]:
    """Yield the calls that durable functions make outside of steps."""
    for part in parts_of(module):
        for node in part.outside:
            if isinstance(node, ast.Call):
                yield part, node
