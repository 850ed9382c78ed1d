"""The pages are true: every block of them is run and prints what they show, or it is said why not.

A page that is new is played as the others are; a block that nobody can run is found out.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dwf_sim import cli
from tests.pages import Block, blocks, fences, play
from tests.source import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Their Python is for pytest: what it shows are marks and fixtures.
OF_PYTEST = (ROOT / "docs" / "pytest.md",)
# The lines of shells that are not run, each with the reason; calls of dwf-sim are read as such.
NOT_RUN = {
    "make demo    # the order workflow: charged twice by a crash, then mended": (
        "CI calls it, and tests/test_demo.py what it calls"
    ),
    "make test    # every test": "it is what runs this",
    'eval "$(_DWF_SIM_COMPLETE=bash_source dwf-sim)"': "it is for the reader's own shell",
    "dwf-sim replay --histories tests/histories shop:app": "the reader's app and histories",
    "dwf-sim certify scenarios.functions.shop:naive --events scenarios/orders.json --out found": (
        "the block before it does the same"
    ),
    "dwf-sim certify shop:app --event order/created --data @order.json": "the reader's app",
    "dwf-sim explore shop:play --runs 10000 --jobs 2 --journal found/journal --out found": (
        "the reader's app, for a minute and on two cores"
    ),
    'git commit --all --message "Release 0.2.0"': "a release; what comes before has its tests",
    'git tag --sign v0.2.0 --message "dwf_sim 0.2.0"': "likewise",
    "git push origin main v0.2.0": "likewise",
    ".venv/bin/twine upload dist/*": "likewise",
    "pytest tests/test_shop.py --durable-jobs 4": "the reader's tests",
    "dask scheduler --host 127.0.0.1 --port 8786": "the extra is not installed here",
    "dask worker tcp://127.0.0.1:8786 --nworkers auto --nthreads 1": "likewise",
    "dwf-sim explore shop:play --runs 100000 --dask tcp://127.0.0.1:8786": "likewise",
}


def run_text(page: Path, found: list[Block]) -> None:
    """Demand that what is shown is printed by the Python before it, or is a drawing."""
    every = blocks(page)
    for block in found:
        before = every[max(0, every.index(block) - 1)]
        shown = before.language == "python" or "──" in block.text
        assert shown, f"{page.name}:{block.line}: nobody prints this"


def run_python(page: Path, found: list[Block]) -> None:
    """Run Python as it stands, but for what is left to `test_what_a_page_says_of_pytest_holds`."""
    if page not in OF_PYTEST:
        pytest.importorskip("inngest", reason="pages show functions of the vendor's SDK, too")
        play(page)


def run_session(page: Path, found: list[Block]) -> None:
    """Call what a session calls, where the Python before it is a file named after the page."""
    every = blocks(page)
    for block in found:
        before = [each.text for each in every[: every.index(block)] if each.language == "python"]
        Path(f"{page.stem}.py").write_text("\n".join(before), "utf-8")
        for each in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, shown = each.partition("\n")
            program, *arguments = shlex.split(line)
            assert program == "dwf-sim", f"{page.name}:{block.line}: nobody runs {line!r}"
            printed = CliRunner().invoke(cli.group, arguments, catch_exceptions=False).stdout
            assert printed == shown, f"{page.name}:{block.line}: {line} prints\n{printed}"


def run_scenario(page: Path, found: list[Block]) -> None:
    """Play a scenario from the root, where its functions are."""
    for block in found:
        file = Path(f"{page.stem}.scenario.yaml").absolute()
        file.write_text(block.text, "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            result = CliRunner().invoke(cli.group, ["run", str(file)], catch_exceptions=False)
        assert result.exit_code == 0, f"{page.name}:{block.line}: {result.output}"


def run_shell(page: Path, found: list[Block]) -> None:
    """Demand the reason why a line is not run, and that dwf-sim would take it."""
    for block in found:
        for line in block.text.splitlines():
            assert line in NOT_RUN, f"{page.name}:{block.line}: nobody runs {line!r}"
            if line.startswith("dwf-sim "):
                parse(shlex.split(line)[1:])


def parse(arguments: list[str]) -> None:
    """Read a call of dwf-sim without making it; raises what click does of one that is wrong."""
    with click.Context(cli.group) as context:
        _, command, rest = cli.group.resolve_command(context, arguments)
        assert command is not None
        command.make_context(arguments[0], rest, parent=context)


PLAYERS = {
    "console": run_session,
    "python": run_python,
    "sh": run_shell,
    "text": run_text,
    "yaml": run_scenario,
}


def run_page(page: Path) -> None:
    """Run all the blocks of a page, or fail with one that nobody can run."""
    found = blocks(page)
    assert fences(page) == 2 * len(found), f"{page.name} has a block without a language"
    for language in sorted({block.language for block in found}):
        these = [block for block in found if block.language == language]
        player = PLAYERS.get(language)
        assert player, f"{page.name}:{these[0].line}: nobody runs {language}"
        player(page, these)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be in an empty folder, and forget afterwards what was imported from it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("durable", "durable.orders"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if fences(page)], ids=lambda page: page.stem
)
def test_a_page_does_what_it_says(page: Path) -> None:
    run_page(page)


@pytest.mark.parametrize("page", OF_PYTEST, ids=lambda page: page.stem)
def test_what_a_page_says_of_pytest_holds(page: Path, pytester: pytest.Pytester) -> None:
    code = [block.text for block in blocks(page) if block.language == "python"]
    pytester.makepyfile("\n\n".join(code))

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")

    result.assert_outcomes(passed="\n".join(code).count("def test_"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", r"wrong\.md:2 prints\n1"),
        ("```python\ndef test_a(durable_engine):\n    assert durable_engine.runs\n```\n", "^$"),
        (
            "```console\n$ dwf-sim lint wrong.py\nfine\n```\n",
            r"wrong\.md:2: dwf-sim lint wrong\.py prints",
        ),
        ("```console\n$ ls\n```\n", "nobody runs 'ls'"),
        ("```yaml\nformat: 1\nfunctions: []\nmoments: []\nexpect: {x: 1}\n```\n", "expect.x"),
        ("```sh\nls\n```\n", r"wrong\.md:2: nobody runs 'ls'"),
        ("```text\n2\n```\n", r"wrong\.md:2: nobody prints this"),
        ("```toml\na = 1\n```\n", r"wrong\.md:2: nobody runs toml"),
        ("```\nx\n```\n", "a block without a language"),
        ("- a\n\n    ```sh\n    ls\n    ```\n", r"wrong\.md:4: nobody runs 'ls'"),
        ("~~~python\nx\n~~~\n", "a block without a language"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(tmp_path: Path, text: str, told: str) -> None:
    page = tmp_path / "wrong.md"
    page.write_text(text, "utf-8")

    with pytest.raises(AssertionError, match=told):
        run_page(page)


def test_a_call_that_dwf_sim_would_not_take_is_found_out() -> None:
    parse(["lint", "--json"])

    with pytest.raises(click.UsageError, match="--jason"):
        parse(["lint", "--jason"])


def test_every_line_that_is_not_run_is_on_a_page() -> None:
    shown = [
        line
        for page in PAGES
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.splitlines()
    ]

    assert sorted(NOT_RUN) == sorted({*shown})


def test_every_page_of_the_guide_has_code() -> None:
    guide = [page for page in PAGES if page.parent.name == "guide"]

    assert guide
    assert all("python" in [block.language for block in blocks(page)] for page in guide)
