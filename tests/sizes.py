"""Sizes of functions and files: their figures, those the architecture's page tells, and its aims.

`python -m tests.sizes` prints the figures as rows of that page, and what is long and not listed.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator, Sequence

import attrs

from tests.source import ROOT, Module, modules

PAGE = ROOT / "docs" / "architecture.md"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class Figures:
    """The median, the 95th percentile and the maximum of some sizes."""

    median: int
    most: int
    maximum: int

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Figures:
        """Take the figures of sizes, of which there is one at least."""
        ordered = sorted(sizes)
        return cls(ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100], ordered[-1])

    def is_near(self, others: Figures) -> bool:
        """Say whether no figure differs from another's by more than a fifth, or by one."""
        pairs = zip(attrs.astuple(self), attrs.astuple(others), strict=True)
        return all(abs(mine - other) <= max(1, other // 5) for mine, other in pairs)


FUNCTIONS, FILES = "lines of a function", "lines of a file"  # As the page calls them.
# What no figure may be above, and from where on something is an exception with a reason.
AIMS = {FUNCTIONS: Figures(6, 30, 60), FILES: Figures(100, 300, 400)}
EXCEPTIONS_FROM = {kind: aim.most for kind, aim in AIMS.items()}


def functions(module: Module) -> Iterator[Function]:
    """Yield every function and method."""
    return (n for n in ast.walk(module.tree) if isinstance(n, Function))


def body_lines(function: Function) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def file_lines(module: Module) -> int:
    """Count the lines of a file."""
    return module.text.count("\n")


@functools.cache
def sizes() -> dict[str, dict[str, int]]:
    """Measure everything: by kind and by name, `path` or `path::function`."""
    found: dict[str, int] = {}
    for module in modules():
        for function in functions(module):
            name = f"{module.where}::{function.name}"
            found[name] = max(found.get(name, 0), body_lines(function))
    return {FUNCTIONS: found, FILES: {module.where: file_lines(module) for module in modules()}}


@functools.cache
def figures() -> dict[str, Figures]:
    """Give the figures as they are."""
    every = [body_lines(function) for module in modules() for function in functions(module)]
    return {FUNCTIONS: Figures.of(every), FILES: Figures.of([*sizes()[FILES].values()])}


def told(page: str) -> dict[str, Figures]:
    """Read the figures off the page."""
    rows = re.findall(r"^\| (lines of a \w+)[^|]*\| (\d+) \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    return {kind: Figures(*map(int, numbers)) for kind, *numbers in rows}


def listed(page: str) -> dict[str, str]:
    """Read the exceptions off the page, with the reason of each."""
    part = page.partition("## Sizes")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([\w/.:]+)` \| (.+) \|$", part, re.MULTILINE))


def unlisted(page: str) -> list[str]:
    """Name what is an exception, and not listed."""
    known = listed(page)
    return [
        f"{name}: {size} lines"
        for kind, of_kind in sizes().items()
        for name, size in of_kind.items()
        if size > EXCEPTIONS_FROM[kind] and name not in known
    ]


def needless(page: str) -> list[str]:
    """Name what is listed and is none any more. A little shorter is not enough, so that a row does
    not come and go."""
    every = {**sizes()[FUNCTIONS], **sizes()[FILES]}
    return [
        name
        for name in listed(page)
        if every.get(name, 0) <= EXCEPTIONS_FROM[FUNCTIONS if "::" in name else FILES] * 0.9
    ]


if __name__ == "__main__":
    for kind, found in figures().items():
        sys.stdout.write(f"| {kind} | {found.median} | {found.most} | {found.maximum} |\n")
    for name in unlisted(PAGE.read_text("utf-8")):
        sys.stdout.write(f"{name}\n")
