"""Replays of findings: they pass when the mistake was looked for, and is not there."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

import dwf_sim as dwf
from dwf_sim.cli import group
from dwf_sim.search.certification import certify
from dwf_sim.search.finding import Finding, replay
from tests.search import subjects

SHOP = """
import dwf_sim as dwf

GO = dwf.TriggerEvent(event="go")
bank = dwf.Ledger("bank")
app = dwf.App("shop")


@app.create_function(fn_id="f", trigger=GO)
async def f(ctx):
    await ctx.step.run("pay", lambda: bank.call("pay", value=1))
"""
KEYED = ('"pay", value=1', '"pay", key="1", value=1')
PROVES_NOTHING, FAILS_AGAIN = "this proves nothing\n", "it fails again\n"
_numbers = itertools.count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that a test writes in the folder it is in, and that is gone after it."""
    name = f"shop_of_a_finding_{next(_numbers)}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


def stored(module: str) -> str:
    """Write the shop that pays twice, find that, and store it; give the name of the file."""
    Path(f"{module}.py").write_text(SHOP, "utf-8")
    certify(f"{module}:app", "go", pairs=False).findings[0].write(Path("finding.json"))
    del sys.modules[module]
    return "finding.json"


def replayed(module: str, *edits: tuple[str, str], text: str = SHOP) -> Result:
    """Replay it from the command line after the shop's code was edited."""
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    # Within a second, Python knows by its size alone that a module is not what it has compiled.
    Path(f"{module}.py").write_text(f"{text}# It was edited.\n", "utf-8")
    return CliRunner().invoke(group, ["replay", "finding.json"])


def test_what_was_mended_passes(module: str) -> None:
    stored(module)

    result = replayed(module, KEYED)

    assert result.exit_code == 0, result.output
    assert result.output.endswith("it passes now\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise ImportError('not here')", "cannot be loaded: not here"),
        ("raise NameError('not here')", "cannot be loaded: NameError: not here"),
        (SHOP.replace("app = ", "shop = ").replace("@app", "@shop"), "has no attribute 'app'"),
    ],
)
def test_code_that_cannot_be_imported_is_not_played(module: str, text: str, reason: str) -> None:
    stored(module)

    result = replayed(module, text=text)

    assert isinstance(result.exception, dwf.ConfigError)
    assert reason in str(result.exception)


def test_code_that_is_not_where_one_is_is_not_played(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(module)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(tmp_path)])
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    result = CliRunner().invoke(group, ["replay", "../finding.json"])

    assert isinstance(result.exception, dwf.ConfigError)
    assert f"No module named '{module}'" in str(result.exception)


@pytest.mark.parametrize(
    ("edit", "status", "reason", "verdict"),
    [
        (('run("pay"', 'run("pay card"'), 2, "this fault never struck: ", PROVES_NOTHING),
        (
            ('event="go"', 'event="start"'),
            2,
            "no run begins, without faults either",
            PROVES_NOTHING,
        ),
        (('bank.call("pay"', 'bank.call("pay card"'), 1, "did bank pay card twice", FAILS_AGAIN),
        (
            ('App("shop")', 'App("store")'),
            1,
            "step pay of store-f#1 did bank pay twice",
            FAILS_AGAIN,
        ),
    ],
    ids=["step", "event", "operation", "app"],
)
def test_a_play_that_is_another_now_is_told_from_a_mistake_of_another_name(
    module: str, edit: tuple[str, str], status: int, reason: str, verdict: str
) -> None:
    stored(module)

    result = replayed(module, edit)

    assert result.exit_code == status, result.output
    assert reason in result.output
    assert result.output.endswith(verdict)


def test_programs_are_told_that_it_proves_nothing(module: str) -> None:
    stored(module)
    replayed(module, ('event="go"', 'event="start"'))

    result = CliRunner().invoke(group, ["replay", "finding.json", "--json"])

    content = json.loads(result.output)
    assert result.exit_code == 2
    assert content["status"] == "open"
    assert content["doubts"][0].startswith("this fault never struck: ")


def _replayed_content(finding: Finding, **changes: Any) -> Result:
    """Replay a finding after its file was edited."""
    Path("finding.json").write_text(json.dumps({**finding.as_json(), **changes}), "utf-8")
    return CliRunner().invoke(group, ["replay", "finding.json"])


def test_an_order_of_callbacks_that_never_comes_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finding = certify("tests.search.subjects:keyless", "go", {"n": 1}, pairs=False).findings[0]
    course = attrs.evolve(finding.course, faults=(), turns=((5000, 1),))

    result = _replayed_content(finding, course=course.as_json())

    assert result.exit_code == 2, result.output
    assert "nothing could go before its turn at choice 5000" in result.output


def test_a_play_that_cannot_be_played_to_its_end_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finding = certify(f"{subjects.__name__}:late_wait", pairs=False).findings[0]

    result = _replayed_content(finding, subject=f"{subjects.__name__}:asks_for_no_run")

    assert result.exit_code == 2, result.output
    assert "it cannot be played to its end: " in result.output


def test_an_order_of_callbacks_is_another_in_other_code() -> None:
    finding = certify("tests.search.subjects:keyless", "go", {"n": 1}, pairs=False).findings[0]
    course = attrs.evolve(finding.course, turns=((1, 1),))
    content = {**finding.as_json(), "course": course.as_json()}
    sources = {"functions": {"keyless-f": ["other", "other"]}}

    assert replay(content).changes == ()
    assert replay({**content, "made_with": sources}).changes == (
        "function keyless-f has another source",
        "what goes before its turn is counted from the start, so it may be something else in other "
        "code: search once more",
    )
