"""Shell completion: click's own, and it loads no command to list their names."""

from __future__ import annotations

import sys

import click
import pytest
from click.shell_completion import ZshComplete
from click.testing import CliRunner

from dwf_sim import cli


def completed(words: str, incomplete: str = "") -> list[str]:
    """Complete what stands after `dwf-sim`."""
    shell = ZshComplete(cli.group, {}, "dwf-sim", "_DWF_SIM_COMPLETE")
    return [item.value for item in shell.get_completions(words.split(), incomplete)]


def test_commands_are_completed_without_loading_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in cli.COMMANDS:
        monkeypatch.setitem(sys.modules, f"dwf_sim.commands.{name}", None)  # Cannot be imported.

    assert completed("", "") == [*cli.COMMANDS]
    assert completed("", "re") == ["replay", "report"]


def test_options_are_completed() -> None:
    assert completed("run", "--t") == ["--timeline"]
    assert completed("", "--v") == ["--version"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])  # For bash it asks bash for its version.
def test_the_shell_is_told_how_to_ask(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_DWF_SIM_COMPLETE", f"{shell}_source")
    monkeypatch.setattr("sys.argv", ["dwf-sim"])
    monkeypatch.setattr("__main__.__package__", None)  # As if not by `python -m pytest`.

    with pytest.raises(SystemExit) as stop:
        cli.main()

    assert stop.value.code == 0
    assert f"_DWF_SIM_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_every_command_takes_json_and_says_what_it_is_for() -> None:
    context = click.Context(cli.group)
    for name in cli.COMMANDS:
        command = cli.group.get_command(context, name)

        assert command is not None
        assert command.help
        assert "--json" in [option for param in command.params for option in param.opts], name


def test_a_misspelt_command_is_told_which_is_meant() -> None:
    result = CliRunner().invoke(cli.group, ["repaly"])

    assert result.exit_code == 2
    assert "there is no command 'repaly'; did you mean replay? it is one of certify," in (
        result.stderr
    )
