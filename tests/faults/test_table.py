"""The table of faults in the docs: every kind has a row, and every test it names exists."""

from __future__ import annotations

import re
from pathlib import Path

from dwf_sim.faults import FAULTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| `")]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_the_table_has_every_kind_of_fault() -> None:
    kinds = [row.split("|")[1].strip(" `") for row in ROWS]

    assert list(dict.fromkeys(kinds)) == [kind.__name__ for kind in FAULTS]


def test_every_row_names_a_test_that_exists() -> None:
    found = {row: NAMED.findall(row) for row in ROWS}

    assert [row for row, tests in found.items() if not tests] == []
    for path, name in NAMED.findall(TEXT):
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
