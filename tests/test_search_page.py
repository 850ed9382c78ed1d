"""docs/search.md is true: its code is run, and prints what it shows."""

from __future__ import annotations

from tests.pages import play
from tests.source import ROOT


def test_the_page_about_the_search_does_what_it_says() -> None:
    play(ROOT / "docs" / "search.md")
