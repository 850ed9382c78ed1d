"""The page of the linter: its table has every rule."""

from __future__ import annotations

from dwf_sim.lint import RULES
from tests.source import ROOT

PAGE = ROOT / "docs" / "lint.md"


def test_its_table_has_every_rule() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| DWF")]

    assert rows == [f"| {rule.code} | {rule.title} | {rule.do} |" for rule in RULES]
