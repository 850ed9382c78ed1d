"""Tidiness: the sizes and habits that style asks for, each failure naming its line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.source import ROOT, Module, modules

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
FUNCTION_LINES_MEDIAN_MAX = 6
BANNED_NAMES = ("Manager", "Handler", "Helper", "Util", "Utils", "Processor")
# A reason stands behind every exception made for a checker.
EXCEPTION = re.compile(r"#\s*(type: ignore\[[\w,-]+\]|noqa: [A-Z0-9, ]+)(?P<reason>.*)")
BARE_EXCEPTION = re.compile(r"#\s*(type: ignore|noqa)(?!\S*[\[:])")

RULE = re.compile(r"\([AB]\d{1,3}\b")  # Users have no list of them at hand.

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Module) -> Iterator[Function]:
    """Yield every function and method."""
    return (n for n in ast.walk(module.tree) if isinstance(n, Function))


def body_lines(function: Function) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_is_longer_than_sixty_lines() -> None:
    found = [
        f"{m.where}:{f.lineno} {f.name}: {body_lines(f)} lines"
        for m in modules()
        for f in functions(m)
        if body_lines(f) > FUNCTION_LINES_MAX
    ]

    assert found == []


def test_the_median_function_is_short() -> None:
    sizes = sorted(body_lines(f) for m in modules() for f in functions(m))

    assert sizes[len(sizes) // 2] <= FUNCTION_LINES_MEDIAN_MAX


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    found = [
        f"{m.where}: {m.text.count(chr(10))} lines"
        for m in modules()
        if m.text.count("\n") > FILE_LINES_MAX
    ]

    assert found == []


def test_every_module_says_why_it_exists() -> None:
    assert [m.where for m in modules() if not ast.get_docstring(m.tree)] == []


def test_every_public_function_and_class_says_what_it_means() -> None:
    found = [
        f"{m.where}:{node.lineno} {node.name}"
        for m in modules()
        for node in _public(m.tree)
        if not ast.get_docstring(node)
    ]

    assert found == []


def test_no_text_for_users_cites_a_rule() -> None:
    found = [
        f"{m.where}:{node.lineno}: {node.value}"
        for m in modules()
        for node in _texts(m.tree)
        if RULE.search(str(node.value))
    ]

    assert found == []


def test_no_page_or_scenario_for_users_cites_a_rule() -> None:
    guide = [ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md")]
    files = [*guide, *(ROOT / "scenarios").glob("*.yaml")]

    found = [str(file) for file in files if RULE.search(file.read_text("utf-8"))]

    assert found == []
    assert len(files) > 50


def _texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield every text that is no docstring."""
    alone = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # Only ever asked for membership.
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = [
        f"{m.where}:{node.lineno} {node.name}"
        for m in modules()
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_NAMES)
    ]

    assert found == []


def test_every_exception_for_a_checker_has_its_reason() -> None:
    found = [
        f"{m.where}:{number}: {line.strip()}"
        for m in modules()
        for number, line in enumerate(m.text.splitlines(), 1)
        if BARE_EXCEPTION.search(line)
        or ((hit := EXCEPTION.search(line)) and not hit["reason"].strip(" #"))
    ]

    assert found == []


def test_nothing_iterates_over_a_set() -> None:
    found = [
        f"{m.where}:{node.lineno}"
        for m in modules()
        for node in ast.walk(m.tree)
        if isinstance(node, ast.For | ast.comprehension) and _is_set(node.iter)
    ]

    assert found == []


def test_no_work_is_left_undone() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{m.where}:{number}: {line.strip()}"
        for m in modules()
        for number, line in enumerate(m.text.splitlines(), 1)
        if marks.search(line)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("x = f()  # type: ignore", True),
        ("x = f()  # type: ignore[abc]", True),
        ("x = f()  # type: ignore[abc]  # The library says so.", False),
        ("x = f()  # noqa: ARG002  # click's contract.", False),
    ],
)
def test_the_guard_of_reasons_tells_them_apart(line: str, is_refused: bool) -> None:
    hit = EXCEPTION.search(line)

    refused = bool(BARE_EXCEPTION.search(line)) or bool(hit and not hit["reason"].strip(" #"))

    assert refused is is_refused


def _public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Yield what a user of a module can reach; protocols' members and overloads say it once."""
    for node in tree.body:
        if isinstance(node, Function) and _is_bare(node):
            continue
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            members = node.body if isinstance(node, ast.ClassDef) else []
            for member in members:
                is_public = isinstance(member, Function) and not member.name.startswith("_")
                if isinstance(member, Function) and is_public and not _is_bare(member):
                    yield member


def _is_bare(function: Function) -> bool:
    """Whether a function is a mere signature."""
    only = function.body[0]
    return len(function.body) == 1 and isinstance(only, ast.Expr) and _is_ellipsis(only.value)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("set", "frozenset")
    )
