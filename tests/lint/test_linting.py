"""Linting a project: which files are looked at, what is told, and with which exit status."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dwf_sim.errors import ConfigError
from dwf_sim.lint import lint
from tests.commands.calls import call, call_json
from tests.lint.examples import module
from tests.source import ROOT

WRONG = module('print("hello")')


def test_a_finding_says_where_what_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.py").write_text(WRONG)
    line = WRONG.splitlines().index('    print("hello")') + 1

    shown = call("lint", status=1)

    assert shown == (
        f"shop.py:{line}:5: DWF005 print() outside of steps: it is written again at each entry of "
        "the handler, once for every step: use ctx.logger, which is silent on replay, or write it "
        "in a step.run\n1 found in 1 durable functions of 1 files\n"
    )
    found = call_json("lint", status=1)
    assert (found["files"], found["functions"], found["unread"]) == (1, 1, [])
    (finding,) = found["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("shop.py", line, 5)
    assert (finding["code"], finding["what"]) == ("DWF005", "print() outside of steps")


def test_nothing_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "shop_that_raises.py"
    file.write_text("raise SystemExit(7)\n" + module("pass"))

    shown = call("lint", str(file))

    assert shown == "0 found in 1 durable functions of 1 files\n"
    assert "shop_that_raises" not in sys.modules


def test_an_event_is_taken_by_another_file(tmp_path: Path) -> None:
    (tmp_path / "functions.py").write_text(module("pass"))
    (tmp_path / "sender.py").write_text('app.send("shop/order.craeted")\n')

    (finding,) = lint([tmp_path]).findings

    assert Path(finding.file).name == "sender.py"
    assert "'shop/order.created' is" in finding.what


def test_files_of_others_are_passed_over(tmp_path: Path) -> None:
    for folder in ("venv/lib", ".hidden", "node_modules", "__pycache__", "mine"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.py").write_text(WRONG)
    (tmp_path / "venv" / "pyvenv.cfg").write_text("")

    found = lint([tmp_path, tmp_path / "mine" / "a.py"])

    assert [Path(each.file).parent.name for each in found.findings] == ["mine"]
    assert found.files == 1


def test_what_is_no_python_is_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = = 1\n")
    (tmp_path / "b.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "c.py").write_text(WRONG)

    shown = call("lint", str(tmp_path), status=2)

    assert "a.py:1:5: this is no Python: invalid syntax" in shown
    assert "b.py:1:1: this cannot be read" in shown
    assert "c.py:15:5: DWF005" in shown


def test_a_path_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match="nowhere is not there; name files of Python"):
        lint([Path("nowhere")])


def test_our_own_functions_are_without_mistakes() -> None:
    found = lint([ROOT / "scenarios", ROOT / "dwf_sim" / "demo"])

    assert found.functions > 5
    assert found.findings == ()


def test_what_init_writes_is_without_mistakes(tmp_path: Path) -> None:
    call("init", str(tmp_path))

    assert call("lint", str(tmp_path)) == "0 found in 1 durable functions of 3 files\n"
