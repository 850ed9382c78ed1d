"""The example: its job is green for its code, and red for the edit that looks harmless."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import attrs
import pytest
import yaml
from click.testing import CliRunner

from dwf_sim.cli import group
from dwf_sim.histories import find_histories, record
from dwf_sim.histories.code import code_at
from dwf_sim.histories.writing import write
from tests.source import ROOT

EXAMPLE = ROOT / "examples" / "replay-regression"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, as a job finds it, in which `shop` and `record` are imported anew."""
    copy = tmp_path / "checkout"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(copy)
    monkeypatch.setattr(sys, "path", [str(copy), *sys.path])
    for name in ("shop", "record"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    return copy


def job(checkout: Path) -> int:
    """Run what the workflow runs of ours, and give its exit status."""
    workflow = yaml.safe_load((checkout / "replay.yml").read_text("utf-8"))
    commands = [step["run"] for step in workflow["jobs"]["histories"]["steps"] if "run" in step]
    name, *arguments = shlex.split(commands[-1])
    assert name == "dwf-sim"
    return CliRunner().invoke(group, arguments).exit_code


def test_the_job_is_green_for_the_code_as_it_is(checkout: Path) -> None:
    assert job(checkout) == 0


def test_the_job_is_red_for_the_edit_that_looks_harmless(checkout: Path) -> None:
    shutil.copy(checkout / "renamed" / "shop.py", checkout / "shop.py")

    assert job(checkout) == 1


def test_the_edit_is_one_line() -> None:
    files = (EXAMPLE / "shop.py", EXAMPLE / "renamed" / "shop.py")
    lines = [file.read_text("utf-8").splitlines() for file in files]

    changed = [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]]
    assert [[line.strip() for line in pair] for pair in changed] == [
        [f'await ctx.step.run("{name}", charge, sku)' for name in ("charge", "charge-card")]
    ]


@pytest.mark.usefixtures("checkout")
def test_the_histories_are_what_its_script_records() -> None:
    app, plays = code_at("shop:app"), [code_at(f"record:{name}") for name in ("expired", "paid")]

    recorded = [record(app, play).histories[0] for play in plays]

    for now, kept in zip(recorded, find_histories(EXAMPLE / "histories"), strict=True):
        assert write(attrs.evolve(now, versions=kept.versions)) == write(kept)
