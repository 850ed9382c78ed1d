"""`dwf-sim replay --histories`: the report of a change, and its exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim.cli import group
from dwf_sim.errors import UsageError
from tests.source import ROOT

EXAMPLE = ROOT / "examples" / "replay-regression"
HISTORIES = str(EXAMPLE / "histories")

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(folder: Path, *arguments: str) -> Result:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "path", [*sys.path])
        monkeypatch.delitem(sys.modules, "shop", raising=False)
        try:
            return CliRunner().invoke(group, ["replay", *arguments])
        finally:
            sys.modules.pop("shop", None)

    return call


def test_code_as_it_was_recorded_is_the_same(run: Run) -> None:
    result = run(EXAMPLE, "--histories", HISTORIES, "shop:app")

    assert result.exit_code == 0
    assert "10 boundaries: 10 same" in result.output
    assert "recorded from other source than this: 0 of 2 histories" in result.output


def test_a_breaking_change_is_told_worst_first_and_ends_with_1(run: Run) -> None:
    result = run(EXAMPLE / "renamed", "--histories", HISTORIES, "shop:app")

    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert " ".join(lines[0].split()) == "shop-order (expired) after charge step runs again"
    assert "shop.py:22: 'charge-card' would run, and stands where 'charge' stood" in lines[6]
    assert lines[-2:] == [
        "10 boundaries: 6 step runs again, 2 safe addition, 2 same",
        "recorded from other source than this: 2 of 2 histories",
    ]


def test_what_is_allowed_does_not_fail(run: Run) -> None:
    renamed = EXAMPLE / "renamed"

    assert run(renamed, "--histories", HISTORIES, "--allow", "orphan", "shop:app").exit_code == 1
    assert run(renamed, "--histories", HISTORIES, "--allow", "again", "shop:app").exit_code == 0


def test_the_report_is_to_be_had_as_json(run: Run) -> None:
    result = run(EXAMPLE / "renamed", "--histories", HISTORIES, "--json", "shop:app")

    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["breaking"] is True
    assert report["counts"] == {
        "stuck": 0,
        "type": 0,
        "again": 6,
        "orphan": 0,
        "safe": 2,
        "same": 2,
    }
    first = report["verdicts"][0]
    assert (first["function"], first["boundary"], first["class"]) == (
        *("shop-order", "after charge", "again"),
    )
    assert first["findings"][0]["place"] == "shop.py:22"


def test_without_a_place_the_function_is_looked_for_where_it_was(run: Run) -> None:
    result = run(EXAMPLE, "--histories", HISTORIES)

    assert result.exit_code == 0
    assert "10 same" in result.output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--histories", "none"), "none: there is no such folder"),
        (("--histories", HISTORIES, "shop"), "the code is 'shop'; name it as package.module:name"),
        (("--histories", HISTORIES, "shop:ap"), "the code is 'shop:ap', and that cannot be loaded"),
        (("--histories", HISTORIES, "--allow", "all"), "allow has 'all'; it is one of stuck, type"),
        (("--histories", HISTORIES, "--answer", "x"), "--answer is 'x'; it is a step and what it"),
        (("--histories", HISTORIES, "--answer", "verify=1"), "answers has 'verify', for which the"),
    ],
)
def test_a_mistake_in_the_call_is_told(run: Run, arguments: tuple[str, ...], text: str) -> None:
    error = run(EXAMPLE, *arguments).exception

    assert isinstance(error, UsageError)
    assert str(error).startswith(text)


def test_an_answer_for_a_step_that_is_not_known_is_taken(run: Run, tmp_path: Path) -> None:
    code = (EXAMPLE / "shop.py").read_text("utf-8")
    asked = '    seen = await ctx.step.run("look", reserve, sku)\n    seen["by"]\n'
    new = code.replace(
        '    await ctx.step.run("reserve"', f'{asked}    await ctx.step.run("reserve"'
    )
    (tmp_path / "shop.py").write_text(new, "utf-8")

    without = run(tmp_path, "--histories", HISTORIES, "shop:app")
    with_it = run(tmp_path, "--histories", HISTORIES, "--answer", 'look={"by": "x"}', "shop:app")

    assert without.exit_code == 1
    assert "what comes after 'look' is not known" in without.output
    assert with_it.exit_code == 0
    assert with_it.output.count("safe addition") == 11
