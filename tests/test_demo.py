"""The demo and the command line around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dwf_sim import cli
from tests.source import ROOT


def invoke(*arguments: str) -> str:
    """Run a command and give what it prints."""
    result = CliRunner().invoke(cli.group, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_charges_once_then_twice_then_once() -> None:
    shown = invoke("demo", str(ROOT / "scenarios" / "orders.json"))

    charges = [line for line in shown.splitlines() if line.startswith("=>")]
    assert charges == [
        "=> 1 charge for 1 order",
        "=> 2 charges for 1 order",
        "=> 1 charge for 1 order",
    ]
    assert "Kill the worker after `charge` returned and before it was recorded" in shown
    assert "no effect: stripe charge (its key A-17 is known)" in shown


def test_the_demo_shows_the_same_with_its_own_order() -> None:
    assert (
        invoke("demo").splitlines()[:-1]
        == (invoke("demo", str(ROOT / "scenarios" / "orders.json")).splitlines()[:-1])
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"events": [', "orders.json:1:13: "),
        ("[]", "no list of events"),
        ('{"events": [{"at": "5x", "name": "a"}]}', "events[0].at: "),
        ('{"events": [{"at": "5s"}]}', "events[0].name is None"),
        ('{"events": [7]}', "events[0] is 7"),
    ],
)
def test_bad_input_is_refused_at_its_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    complaint: str,
) -> None:
    file = tmp_path / "orders.json"
    file.write_text(text)
    monkeypatch.setattr("sys.argv", ["dwf-sim", "demo", str(file)])

    with pytest.raises(SystemExit) as stop:
        cli.main()

    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_help_lists_the_commands_without_loading_them() -> None:
    shown = invoke("--help")

    assert all(name in shown for name in cli.COMMANDS)
    assert "Exit status" in shown
