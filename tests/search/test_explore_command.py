"""`dwf-sim explore`: what was found, stored to be replayed, and how much was done."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from dwf_sim.commands.explore import command
from dwf_sim.search.finding import replay

GO = ("--event", "go", "--data", '{"n": 1}')


def called(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_what_is_found_is_told_and_stored(tmp_path: Path) -> None:
    result = called("tests.search.subjects:keyless", *GO, "--out", str(tmp_path))

    assert result.exit_code == 1
    assert "duplicate effect: " in result.output
    assert "bank pay" in result.output
    assert f"replay: dwf-sim replay {tmp_path}/finding-1.json" in result.output
    assert replay(tmp_path / "finding-1.json").is_there


def test_what_holds_ends_well_as_json_too() -> None:
    result = called("tests.search.subjects:keyed", *GO, "--runs=5", "--json", "--seed=3")

    content = json.loads(result.output)
    assert result.exit_code == 0
    assert (content["holds"], content["runs"]) == (True, 5)
    assert len(content["digest"]) == 64
