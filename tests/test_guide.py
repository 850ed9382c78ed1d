"""The guide is true: every block of its pages is run, and prints what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import blocks, play
from tests.source import ROOT

GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_does_what_it_says(page: Path) -> None:
    pytest.importorskip("inngest", reason="the guide is about functions of the vendor's SDK")

    play(page)


def test_a_page_that_shows_something_else_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "wrong.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n2\n```\n", "utf-8")

    with pytest.raises(AssertionError, match=r"wrong\.md:2 prints\n1"):
        play(page)


def test_a_test_on_a_page_that_fails_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "failing.md"
    page.write_text(
        "```python\ndef test_a(durable_engine):\n    assert durable_engine.runs\n```\n", "utf-8"
    )

    with pytest.raises(AssertionError):
        play(page)


def test_every_page_has_code() -> None:
    assert PAGES
    assert all(blocks(page) for page in PAGES)
