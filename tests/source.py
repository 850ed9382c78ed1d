"""The product's source as the guards see it: its modules, their layers and what they import."""

from __future__ import annotations

import ast
import functools
import gc
from collections.abc import Iterator
from pathlib import Path

import attrs

from dwf_sim.sim.collector import relaxed_collector

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dwf_sim"
PLUGIN = ROOT / "pytest_plugin" / "pytest_dwf_sim"


@attrs.frozen
class Module:
    """A module: its dotted name, where it is, and its text and tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def where(self) -> str:
        """The path from the project's root."""
        return self.path.relative_to(ROOT).as_posix()


@functools.cache  # Reading all of them takes more than a second.
def modules() -> tuple[Module, ...]:
    """Read every module of the product."""
    paths = [path for root in (PACKAGE, PLUGIN) for path in sorted(root.rglob("*.py"))]
    with relaxed_collector():
        read = tuple(map(_module, paths))
    gc.collect()
    gc.freeze()  # Half a million objects, which stay until the end.
    return read


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of every import, those inside functions included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.where}:{node.lineno}: relative import"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def _module(path: Path) -> Module:
    base = path.relative_to(PLUGIN.parent if path.is_relative_to(PLUGIN) else ROOT)
    name = base.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    text = path.read_text("utf-8")
    return Module(name, path, text, ast.parse(text))
