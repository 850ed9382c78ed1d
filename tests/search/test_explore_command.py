"""`dwf-sim explore`: what was found, stored to be replayed, and how much was done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim.commands.explore import _Telling, command
from dwf_sim.commands.screen import Progress
from dwf_sim.search import exploration as search
from dwf_sim.search.finding import replay
from tests.commands.test_screen import Terminal

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


def test_a_long_search_tells_how_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    bar = Progress("runs", clock=iter([0.0, 2.0, 3.0]).__next__)
    telling = _Telling(bar, clock=iter([0.0, 2.0, 3.0]).__next__)

    telling(search.Progress(100, 1000, 7, 5, 53, 1))
    telling(search.Progress(1500, None, 1800, 6, 53, 2))

    assert "100/1000" in stream.getvalue()
    assert "50 runs/s, 7 faults, 5 of 53 sites covered, 1 failures" in stream.getvalue()
    assert "500 runs/s, 1,800 faults, 6 of 53 sites covered, 2 failures" in stream.getvalue()


def test_a_search_without_a_number_of_runs_tells_how_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    telling = _Telling(Progress("runs", clock=iter([0.0, 2.0]).__next__))

    telling(search.Progress(100, None, 7, 5, 53, 0))

    assert "5 of 53 sites covered" in stream.getvalue()
