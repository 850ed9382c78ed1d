"""The comparison is true: the mock is asked again, and what is said to be ours has its test."""

from __future__ import annotations

import re

import pytest

from tests.source import ROOT

PAGE = ROOT / "docs" / "comparison.md"
TEXT = PAGE.read_text("utf-8")


def test_the_mock_and_we_answer_as_the_table_says() -> None:
    reason = "the mock is part of the vendor's SDK"
    table = pytest.importorskip("tests.comparison.table", reason=reason, exc_type=ImportError)

    rows = table.rows()

    assert rows in TEXT, f"run `python -m tests.comparison.table`; it writes\n{rows}"


def test_the_mock_answers_differently_wherever_it_is_shown() -> None:
    cases = [line.split(" | ") for line in TEXT.splitlines() if line.count(" | ") == 2]

    assert len(cases) > 8
    assert [row for row in cases if row[1] == row[2].removesuffix(" |")] == []


def test_each_thing_that_we_can_do_links_to_its_test() -> None:
    rows = [line for line in TEXT.splitlines() if line.count(" | ") == 5][1:]
    ours = [
        re.fullmatch(r"\| [^|]+ \| \[yes\]\(\.\./(tests/[\w/]+\.py)\) \| .*", row) for row in rows
    ]

    assert len(rows) > 10
    assert [row for row, link in zip(rows, ours, strict=True) if link is None] == []
    assert [link[1] for link in ours if link and not (ROOT / link[1]).is_file()] == []
