"""The page of the linter: its example finds what it shows, and its table has every rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.lint import RULES
from tests.commands.calls import call
from tests.pages import blocks
from tests.source import ROOT

PAGE = ROOT / "docs" / "lint.md"


def test_its_example_finds_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = blocks(PAGE)
    monkeypatch.chdir(tmp_path)
    Path("lint.py").write_text(code.text)

    assert shown.text == "$ dwf-sim lint lint.py\n" + call("lint", "lint.py", status=1)


def test_its_table_has_every_rule() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| DWF")]

    assert rows == [f"| {rule.code} | {rule.title} | {rule.do} |" for rule in RULES]
