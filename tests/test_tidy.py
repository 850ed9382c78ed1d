"""Tidiness: the sizes and habits that style asks for, each failure naming its line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.sizes import (
    AIMS,
    PAGE,
    Figures,
    Function,
    figures,
    listed,
    needless,
    sizes,
    told,
    unlisted,
)
from tests.source import ROOT, modules

BANNED_NAMES = ("Manager", "Handler", "Helper", "Util", "Utils", "Processor")
# A reason stands behind every exception made for a checker.
EXCEPTION = re.compile(r"#\s*(type: ignore\[[\w,-]+\]|noqa: [A-Z0-9, ]+)(?P<reason>.*)")
BARE_EXCEPTION = re.compile(r"#\s*(type: ignore|noqa)(?!\S*[\[:])")

RULE = re.compile(r"\([AB]\d{1,3}\b")  # Users have no list of them at hand.


@pytest.mark.parametrize("kind", AIMS)
def test_nothing_is_longer_than_it_may_be(kind: str) -> None:
    allowed = AIMS[kind].maximum

    assert [f"{name}: {size}" for name, size in sizes()[kind].items() if size > allowed] == []


@pytest.mark.parametrize("kind", AIMS)
def test_most_is_as_short_as_it_is_meant_to_be(kind: str) -> None:
    assert figures()[kind].median <= AIMS[kind].median
    assert figures()[kind].most <= AIMS[kind].most


@pytest.mark.parametrize("kind", AIMS)
def test_the_architectures_page_tells_the_figures_as_they_are(kind: str) -> None:
    found, page = figures()[kind], told(PAGE.read_text("utf-8"))

    assert found.is_near(page[kind]), (
        "`python -m tests.sizes` prints the rows for docs/architecture.md"
    )


def test_each_exception_from_the_aims_has_its_reason_on_the_page() -> None:
    page = PAGE.read_text("utf-8")

    assert unlisted(page) == [], "make it shorter, or say in docs/architecture.md why it is so long"
    assert needless(page) == [], "it is short enough: take it off docs/architecture.md"
    assert all(len(reason) > 20 for reason in listed(page).values())


def test_figures_that_moved_by_more_than_a_fifth_are_out_of_date() -> None:
    assert Figures.of([*range(1, 101)]) == Figures(51, 96, 100)
    assert Figures(4, 16, 44).is_near(Figures(5, 19, 40))
    assert not Figures(4, 16, 44).is_near(Figures(6, 16, 44))
    assert not Figures(4, 16, 44).is_near(Figures(4, 16, 36))


def test_an_exception_without_a_reason_and_a_reason_without_one_are_found() -> None:
    page = "## Sizes\n| `dwf_sim/given.py` | It is no exception at all. |\n"

    assert "dwf_sim/world/simulation.py" in {name.partition(": ")[0] for name in unlisted(page)}
    assert needless(page) == ["dwf_sim/given.py"]


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
