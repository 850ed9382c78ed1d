"""A module as text and tree: what its names mean, and which functions in it are durable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

import attrs

from dwf_sim.lint.durable import Durable, Function

_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z0-9, ]+))?", re.IGNORECASE)


@attrs.frozen(eq=False)
class Module:
    """A file of Python that could be read."""

    file: str
    text: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        """Whether it holds tests, by its name."""
        name = self.file.replace("\\", "/").rpartition("/")[2]
        return name.startswith(("test_", "conftest.")) or name.endswith("_test.py")

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imported(self) -> dict[str, str]:
        """What names that were imported anywhere in the file stand for, with their dots."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    found[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return found

    @cached_property
    def made_of(self) -> dict[str, str]:
        """By what each name was made: `log = logging.getLogger()` is "logging.getLogger"."""
        found: dict[str, str] = {}
        for node in self.nodes:
            for target, made in _bindings(node):
                maker = self.dotted(made.func) if isinstance(made, ast.Call) else ""
                if isinstance(target, ast.Name) and maker:
                    found[target.id] = maker
        return found

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions of the module itself, by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, Function)}

    @cached_property
    def changed_globals(self) -> frozenset[str]:
        """The names that some function declares as `global`."""
        found = [node for node in self.nodes if isinstance(node, ast.Global)]
        return frozenset(name for node in found for name in node.names)

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """The names of apps and clients: those that make functions here, or are made as such."""
        makers = [self.dotted(call.func) for call in self.registrations]
        names = [maker.removesuffix(".create_function") for maker in makers]
        names += [n for n, maker in self.made_of.items() if maker in _CLIENTS]
        return tuple(dict.fromkeys(names))

    @cached_property
    def registrations(self) -> tuple[ast.Call, ...]:
        """The calls of `create_function`."""
        return tuple(
            node
            for node in self.nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "create_function"
        )

    @cached_property
    def handlers(self) -> tuple[Durable, ...]:
        """The durable functions: decorated with `create_function`, or their `on_failure`."""
        registered = [*map(id, self.registrations)]  # Only ever asked for membership.
        spare = {
            word.value.id
            for call in self.registrations
            for word in call.keywords
            if word.arg == "on_failure" and isinstance(word.value, ast.Name)
        }
        return tuple(
            Durable.of(node, self.functions)
            for node in self.nodes
            if isinstance(node, Function)
            and (node.name in spare or any(id(each) in registered for each in node.decorator_list))
        )

    def dotted(self, node: ast.AST) -> str:
        """Write what a name or attribute stands for, such as "datetime.datetime.now", or ""."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            inner = self.dotted(node.value)
            return f"{inner}.{node.attr}" if inner else ""
        return ""

    def is_excused(self, line: int, code: str) -> bool:
        """Say whether a comment "noqa" on a line means this code."""
        lines = self.text.splitlines()
        found = _NOQA.search(lines[line - 1]) if line <= len(lines) else None
        return found is not None and (found["codes"] is None or code in found["codes"])


_CLIENTS = ("dwf_sim.App", "inngest.Inngest")


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield targets and what they are bound to, by assignment or `with`."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None:
                yield item.optional_vars, item.context_expr
