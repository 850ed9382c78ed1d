"""The page of the command line: its tables have all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dwf_sim.cli import COMMANDS
from tests.commands.calls import call_json, scenario_in
from tests.source import ROOT

PAGE = ROOT / "docs" / "cli.md"
TEXT = PAGE.read_text("utf-8")
SEARCH = ("tests.search.subjects:keyed", "--event=go", '--data={"n": 1}')


def rows(head: str) -> dict[str, str]:
    """Read the table under a heading that begins with this column, as its first two columns."""
    table = TEXT.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    return {cell[0].strip("` "): cell[1] for cell in cells}


def fields(text: str) -> list[str]:
    """List the names in code that a description has."""
    return re.findall(r"`([a-z_]+)`", text)


def test_every_command_is_described_and_has_its_shape() -> None:
    described = [name.partition(" ")[0] for name in rows("command | what it does")]

    assert sorted(described) == sorted(COMMANDS)
    assert sorted(rows("command | fields")) == sorted(COMMANDS)


def test_the_shapes_are_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    file, shapes = scenario_in(tmp_path), rows("command | fields")
    (tmp_path / "a.py").write_text("x = = 1")
    stored = str(tmp_path / "pay.json")
    made: dict[str, Any] = {
        "init": call_json("init", str(tmp_path)),
        "demo": call_json("demo"),
        "run": call_json("run", file, "--report", str(tmp_path), status=1),
        "replay": call_json("replay", stored, status=1),
        "explain": call_json("explain", file),
        "report": call_json("report", stored),
        "lint": call_json("lint", str(tmp_path), status=2),
        "certify": call_json("certify", *SEARCH, "--no-pairs", "--kind=crash.before"),
        "explore": call_json("explore", *SEARCH, "--runs=1"),
        "conform": call_json("conform", "tests/conformance/oracle", "--case", "sleep_2s"),
    }
    inner = {"demo": "acts", "run": "scenarios"}

    assert sorted(made) == sorted(COMMANDS)
    for name, content in made.items():
        own = [*content, *(content[inner[name]][0] if name in inner else ())]
        assert [key for key in own if key not in fields(shapes[name])] == [], name
    (simulation,) = made["replay"]["simulations"]
    told = fields(TEXT.partition("Each of `simulations` has")[2].partition("\n\n")[0])
    assert told == [*simulation, *simulation["runs"][0], *simulation["events"][0]]
    assert made["explain"]["played"][0].keys() == made["replay"].keys()
