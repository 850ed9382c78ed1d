"""CONTRIBUTING.md is true: its worked examples, applied to a copy of the project, work there.

`make soak` (DWF_ALONE=1) applies each alone, and has all the guards of the house look at it.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.files import make_targets
from tests.project.worked import Block, apply, copy, read_examples
from tests.sizes import AIMS, FILES, FUNCTIONS, body_lines, file_lines, functions
from tests.source import ROOT, Module, imports
from tests.test_layers import refusal

PAGE = ROOT / "CONTRIBUTING.md"
EXAMPLES = read_examples(PAGE)
BIN = Path(sys.executable).parent

# By example, the tests that show that the new thing works.
_TRACES = "tests/invariants/test_traces.py::test_one_trace_is_accepted_and_the_other_refused"
_MUTANTS = "tests/mutants/test_mutants.py::test_a_mutant_is_noticed_in_a_story_in_which_all_is_well"
SHOWN = {
    "A flow control": ("tests/flow/test_daily_limit.py",),
    "A fault": (
        "tests/faults/test_power.py",
        "tests/faults/test_each_kind.py::test_each_kind_strikes_and_is_noted[server.power_cut]",
    ),
    "An invariant": (
        f"{_TRACES}[the run began here, and did not end within 1000 ms]",
        f"{_MUTANTS}_without_it[forgets how long a run may go on]",
    ),
}
# What these tests need of the project.
PARTS = (
    *("dwf_sim", "pytest_plugin", "pyproject.toml", "docs/faults.md", "docs/invariants.md"),
    "docs/api/faults.md",
    *(f"tests/{name}.py" for name in ("__init__", "conftest", "source", "pages", "programs")),
    *(f"tests/{name}" for name in ("drivers", "engine", "faults", "flow", "invariants", "mutants")),
)
# Where the guards of the house are, and what goes through all kinds and policies.
GUARDS = (
    *("tests/test_tidy.py", "tests/test_layers.py", "tests/test_one_driver.py", "tests/rules"),
    *("tests/flow", "tests/faults", "tests/invariants", "tests/mutants", "tests/scenario"),
    *("tests/engine/test_flow_control.py", "tests/test_bad_settings.py", "tests/test_imports.py"),
)


def run(root: Path, *command: str) -> str:
    """Run a command in a copy of the project, where its modules are found first."""
    paths = os.pathsep.join([str(root), str(root / "pytest_plugin")])
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def pytest_in(root: Path, *tests: str) -> str:
    """Run tests of a copy, and give the last line of what is said."""
    options = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider")
    return run(root, sys.executable, "-m", "pytest", *options, *tests).splitlines()[-1]


def guarded(root: Path, blocks: list[Block]) -> list[str]:
    """Say what the guards of the house have against the files of the package that are touched."""
    found: list[str] = []
    for path in sorted({b.path for b in blocks if b.path.startswith("dwf_sim/")}):
        text = (root / path).read_text("utf-8")
        name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        module = Module(name, ROOT / path, text, ast.parse(text))
        found += [f"{path}: no docstring"] * (not ast.get_docstring(module.tree))
        found += [f"{path}: too long"] * (file_lines(module) > AIMS[FILES].maximum)
        found += [f.name for f in functions(module) if body_lines(f) > AIMS[FUNCTIONS].maximum]
        found += [why for _, each in imports(module) if (why := refusal(module, each))]
    return found


def test_each_seam_has_an_example() -> None:
    assert EXAMPLES.keys() == SHOWN.keys()


def test_the_examples_work_and_the_house_takes_them(tmp_path: Path) -> None:
    copy(tmp_path, *PARTS)
    blocks = [block for example in EXAMPLES.values() for block in example if block.path]

    for block in blocks:
        apply(block, tmp_path)

    assert guarded(tmp_path, blocks) == []
    shown = pytest_in(tmp_path, *(test for tests in SHOWN.values() for test in tests))
    assert re.match(r"8 passed in", shown), shown


@pytest.mark.skipif("DWF_ALONE" not in os.environ, reason="minutes; make soak has it")
@pytest.mark.parametrize("title", SHOWN)
def test_an_example_works_alone_and_all_guards_take_it(title: str, tmp_path: Path) -> None:
    copy(tmp_path)
    for block in EXAMPLES[title]:
        if block.path:
            apply(block, tmp_path)
    for block in EXAMPLES[title]:
        for line in () if block.path else block.lines:
            run(tmp_path, "sh", "-euc", as_called_here(line))

    run(tmp_path, str(BIN / "ruff"), "format", "--check", ".")
    run(tmp_path, str(BIN / "ruff"), "check", ".")
    run(tmp_path, str(BIN / "mypy"))
    assert " passed" in pytest_in(tmp_path, *SHOWN[title], *GUARDS)


def as_called_here(line: str) -> str:
    """Write a line of a shell for the environment of this process; of `make`, what it calls."""
    target = line.removeprefix("make ")
    if target != line:
        line = make_targets()[target].replace("$(BIN)", ".venv/bin")
    return line.replace(".venv/bin", str(BIN))


@pytest.mark.parametrize(
    ("language", "lines", "text"),
    [
        ("python", ("x = 1",), "line 7: a.py is there already"),
        ("diff", (" c", "+d"), "line 7: a.py has 0 places for this edit, not one:\nc"),
        ("diff", (" b", "+d"), "line 7: a.py has 2 places for this edit, not one:\nb"),
        ("sh", ("make x",), "line 7: sh is no edit of a file"),
    ],
)
def test_an_edit_that_does_not_fit_is_found_out(
    language: str, lines: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("a\nb\nb\n", "utf-8")

    with pytest.raises(AssertionError) as caught:
        apply(Block(language, "a.py", lines, 7), tmp_path)

    assert str(caught.value).startswith(text)


def test_an_edit_does_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first\n\nlong line\nlast\n", "utf-8")

    lines = (" first", "+second", "", "…", "-long…", "+short", " la…")
    apply(Block("diff", "a.txt", lines, 1), tmp_path)

    assert (tmp_path / "a.txt").read_text("utf-8") == "first\nsecond\n\nshort\nlast\n"


def test_the_commands_of_the_page_are_there() -> None:
    called = re.findall(r"\bmake (\w+)\b", PAGE.read_text("utf-8"))

    assert {"test", "demo", "lint", "tidy"} <= {*called} <= {*make_targets()}
    assert as_called_here("make schema").startswith(f"\t{BIN}/python -m dwf_sim.scenario.schema")
