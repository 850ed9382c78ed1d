"""The site: its links, its navigation, and that it asks nothing of other servers.

mkdocs is not needed here; `make docs` builds the site itself.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.source import ROOT


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOKS = _loaded(ROOT / "docs" / "site" / "hooks.py")
SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
# The pages by their names in the site, with where they are kept.
PAGES = {
    HOOKS.in_site(path.relative_to(ROOT).as_posix()): path
    for path in [*sorted((ROOT / "docs").rglob("*.md")), *map(ROOT.joinpath, HOOKS.TOP)]
    if path.exists()
}
PATHS = re.compile(r"`((?:docs|tests|scenarios|examples|benchmarks|schemas)/[\w./-]+\.\w+)")


def lost_links(text: str, page: str) -> list[str]:
    """List the links of a page that lead to no file, or to no heading of a page."""
    lost = []
    for target in HOOKS.links(text):
        path = page if target.startswith("#") else HOOKS.leads_to(target, page)
        if path is None:
            continue
        file = PAGES[page] if path == page else ROOT / path
        anchor = target.partition("#")[2]
        if not file.is_file() or (anchor and anchor not in headings(file)):
            lost.append(target)
    return lost


def headings(page: Path) -> list[str]:
    """List the headings of a page, as links spell them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return [re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles]


def in_navigation(nav: Any) -> Iterator[str]:
    """Yield the pages of a navigation in their order."""
    if isinstance(nav, str):
        yield nav
    for part in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from in_navigation(part)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    assert lost_links(PAGES[page].read_text("utf-8"), page) == []


def test_a_link_that_leads_nowhere_is_found_out() -> None:
    text = (
        "[a](faults.md) [b](none.md) [c](faults.md#a-plan) [d](faults.md#none) [e](../README.md)"
        " [f](../none.py) [g](https://example.org) `[h](none.md)` [i](#none) [j](../tests)\n"
        "```python\nx = [1](none.md)\n```\n"
    )

    lost = lost_links(text, "search.md")

    assert lost == ["none.md", "faults.md#none", "../none.py", "#none", "../tests"]


def test_every_file_that_a_page_names_is_there() -> None:
    found = [
        f"{page}: {named}"
        for page, path in PAGES.items()
        # One tells what was, the other what its examples make.
        if path.name not in ("CHANGELOG.md", "CONTRIBUTING.md")
        for named in PATHS.findall(path.read_text("utf-8"))
        if not (ROOT / named).exists()
    ]

    assert found == []


def test_what_stands_in_a_list_is_in_it_on_the_site_too() -> None:
    in_list = re.compile(r"^ {1,3}(?:[-*] |\d+\. |```)|(?<=\n\n) {1,3}\S", re.MULTILINE)
    code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

    found = {
        page: lines
        for page, path in PAGES.items()
        if (lines := in_list.findall(code.sub("", path.read_text("utf-8"))))
    }

    assert found == {}, "indent it by four spaces, as the site wants it"


@pytest.mark.parametrize(
    ("target", "page", "in_site"),
    [
        ("docs/cli.md", "index.md", "cli.md"),
        ("docs/guide/checks.md#a", "index.md", "guide/checks.md#a"),
        ("../README.md", "cli.md", "index.md"),
        ("../../CHANGELOG.md", "guide/checks.md", "../changelog.md"),
        ("../../scenarios/a.yaml", "guide/checks.md", "../repository/scenarios/a.yaml"),
        ("../b.md", "repository/tests/rules/a.md", "../b.md"),
        ("faults.md", "cli.md", "faults.md"),
        ("#here", "cli.md", "#here"),
        ("https://example.org/a.md", "cli.md", "https://example.org/a.md"),
    ],
)
def test_a_link_leads_to_the_same_in_the_site(target: str, page: str, in_site: str) -> None:
    assert HOOKS.site_link(target, page) == in_site


def test_a_file_that_is_carried_along_keeps_its_place() -> None:
    for path in ("README.md", "docs/guide/checks.md", "tests/rules/notes.md"):
        assert HOOKS.in_repository(HOOKS.in_site(path)) == path


def test_links_in_code_are_left_alone() -> None:
    text = "`[a](../README.md)` [`b`](../README.md)\n```python\n[c](../README.md)\n```\n"

    class Page:
        class file:  # noqa: N801  # As mkdocs names it.
            src_uri = "cli.md"

    assert HOOKS.on_page_markdown(text, Page) == text.replace("`b`](../README.md", "`b`](index.md")


def test_every_page_is_in_the_navigation_once() -> None:
    listed = [name for name in in_navigation(SETTINGS["nav"]) if name != "contributing.md"]

    assert sorted(listed) == sorted({*PAGES} - {"contributing.md"})


def test_what_is_not_in_the_repository_is_left_out_of_the_navigation() -> None:
    nav = [{"A": "a.md"}, {"B": ["b.md", {"C": ["c.md", "b.md"]}]}]

    assert HOOKS._without(["b.md"], nav) == [{"A": "a.md"}, {"B": [{"C": ["c.md"]}]}]


@pytest.mark.parametrize(
    "asset",
    [
        '<script src="https://cdn.example.org/a.js"></script>',
        '<link rel="stylesheet" href="http://fonts.example.org/a.css">',
        '<link rel="preconnect" href="https://fonts.example.org">',
        '<img src="//example.org/a.png"/>',
        '<iframe src="HTTPS://example.org"></iframe>',
    ],
)
def test_a_page_that_fetches_something_from_elsewhere_is_refused(asset: str) -> None:
    assert len(HOOKS.fetched_from_elsewhere(f"<html>{asset}</html>")) == 1


def test_a_page_may_link_to_others_and_have_assets_of_its_own() -> None:
    page = (
        '<a href="https://example.org">a</a><script src="assets/a.js"></script>'
        '<link rel="stylesheet" href="../a.css"><link rel="canonical" href="https://example.org">'
        "<code>&lt;img src=&quot;https://example.org&quot;&gt;</code>"
    )

    assert HOOKS.fetched_from_elsewhere(page) == []


def test_what_a_docstring_names_can_be_followed() -> None:
    linked = HOOKS.with_docstrings_linked("so (A60, B7) and A5 (docs/mistakes.md)", "api/steps.md")

    assert linked == (
        'so (<a href="../fidelity.html#A60">A60</a>, <a href="../fidelity.html#B7">B7</a>) and A5 '
        '(<a href="../mistakes.html">docs/mistakes.md</a>)'
    )


def test_the_site_is_built_strictly_and_by_ci() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert "mkdocs build --strict" in makefile.partition("\ndocs:")[2].partition("\n\n")[0]
    assert "\nmake docs\n" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert SETTINGS["theme"]["font"] is False
    assert {*SETTINGS["validation"]["links"].values()} == {"warn"}
