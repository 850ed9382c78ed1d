"""Journals: a search goes on with runs of the same search and of the same code, and no others."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dwf_sim as dwf
from dwf_sim.search.exploration import Exploration
from tests.search import subjects

HERE = "tests.search.subjects"
BANK = "import dwf_sim as dwf\nbank = dwf.Ledger('bank')\nKEY = None\n"
SHOP = """
import dwf_sim as dwf
from journal_bank import KEY, bank

app = dwf.App("journal")

@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    await ctx.step.run("pay", lambda: bank.call("pay", key=KEY, value=1))

def play(sim):
    sim.serve(app)
    sim.send("go")
    sim.run_until_idle()
    assert len(sim.runs) == 1

def setup():
    pass
"""


def written(folder: Path, shop: str = SHOP, bank: str = BANK) -> None:
    """Write the modules, and forget those that were loaded."""
    for name, text in (("journal_shop", shop), ("journal_bank", bank)):
        (folder / f"{name}.py").write_text(text, "utf-8")
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules can be imported, however often they are written anew."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    written(tmp_path)
    yield tmp_path
    for name in ("journal_shop", "journal_bank"):
        sys.modules.pop(name, None)


def searched(folder: Path, **settings: object) -> Exploration:
    """Search with the journal of a folder."""
    given = {"runs": 4, "kinds": ["crash.after_effect"], "findings": 2, **settings}
    return dwf.explore("journal_shop:app", "go", journal=folder / "journal", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shop", "bank", "what"),
    [
        (SHOP.replace('"pay", lambda', '"pay once", lambda'), BANK, "has another source"),
        (SHOP, BANK.replace("None", "'k'"), "module journal_bank has another source"),
        (SHOP.replace("len(sim.runs) == 1", "sim.runs"), BANK, "rest of its file is not"),
    ],
    ids=["of a function", "of what it imports", "of the rest of its file"],
)
def test_runs_of_other_code_are_not_believed(folder: Path, shop: str, bank: str, what: str) -> None:
    assert not searched(folder).holds

    written(folder, shop, bank)

    with pytest.raises(dwf.ConfigError, match=what):
        searched(folder)


def test_runs_that_go_otherwise_without_faults_are_not_believed(folder: Path) -> None:
    key = folder / "key"
    key.write_text("one", "utf-8")
    bank = f"import pathlib\n{BANK}KEY = pathlib.Path({str(key)!r}).read_text()\n"
    written(folder, SHOP, bank)
    searched(folder)

    key.write_text("two", "utf-8")
    written(folder, SHOP, bank)

    with pytest.raises(dwf.ConfigError, match="what it does without faults is not the same"):
        searched(folder)


def test_a_search_with_another_setup_is_another(folder: Path) -> None:
    searched(folder)

    with pytest.raises(dwf.ConfigError, match="the journal of another search"):
        searched(folder, setup="journal_shop:setup")


def a_local_play() -> Callable[[dwf.Simulation], None]:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.send("go", {"n": 1})

    return play


def test_what_nobody_could_know_again_has_no_journal(tmp_path: Path) -> None:
    file = tmp_path / "journal"

    with pytest.raises(dwf.ConfigError, match="this subject has no place"):
        dwf.explore(a_local_play(), runs=1, journal=file)
    with pytest.raises(dwf.ConfigError, match="this setup has no place"):
        dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=1, journal=file, setup=lambda: None)
    worker = dwf.Worker(on_restart=lambda: None)
    with pytest.raises(dwf.ConfigError, match="a journal cannot tell later"):
        dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=1, journal=file, worker=worker)
    assert not file.exists()


@pytest.mark.parametrize("text", ["import this\n", "[1]\n{}\n", "\x00", '{"journal": "abc"}\n'])
def test_another_file_is_no_journal_and_stays_as_it_is(folder: Path, text: str) -> None:
    file = folder / "journal"
    file.write_text(text, "utf-8")

    with pytest.raises(dwf.ConfigError, match="is no journal of this version"):
        searched(folder)

    assert file.read_text("utf-8") == text


@pytest.mark.parametrize("line", ["[1]", "{}", "x", '{"number": []}'])
def test_a_line_that_is_no_run_is_named(folder: Path, line: str) -> None:
    searched(folder, runs=2)
    with (folder / "journal").open("a") as file:
        file.write(line + "\n")

    with pytest.raises(dwf.ConfigError, match=r"journal:\d is no run of a search"):
        searched(folder, runs=2)


def test_a_folder_is_no_journal(folder: Path) -> None:
    (folder / "journal").mkdir()

    with pytest.raises(dwf.ConfigError, match="cannot be kept: Is a directory"):
        searched(folder)


def test_a_journal_that_was_broken_off_at_once_is_begun_anew(folder: Path) -> None:
    whole = searched(folder)
    file = folder / "journal"
    text = file.read_text("utf-8")
    assert json.loads(text.splitlines()[0])["kind"] == "journal"

    file.write_text(text[:20], "utf-8")

    assert searched(folder).digest == whole.digest
    assert file.read_text("utf-8") == text
