"""The page of mistakes: every test it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mistakes.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_row_names_a_test_that_exists() -> None:
    text = PAGE.read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    kinds = [row for row in rows if not row.startswith("| mistake |")]

    assert len(kinds) == 10
    assert [row for row in kinds if not NAMED.findall(row)] == []
    for path, name in NAMED.findall(text):
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")
