"""What user code prints is kept apart from what a command tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim import cli
from dwf_sim.commands.apart import begin_process

CODE = """
import sys

import dwf_sim as dwf

app, bank = dwf.App("loud"), dwf.Ledger("loud-bank")
print("on import")

@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    print("in the handler")
    sys.stdout.buffer.write(b"as bytes\\n")
    await ctx.step.run("pay", lambda: bank.call("pay", value=1))
"""
SCENARIO = "format: 1\nfunctions: [loud_code:app]\nmoments: [{send: go}]\nexpect: {run_count: 1}\n"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "loud_code.py").write_text(CODE)
    (tmp_path / "loud.scenario.yaml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return "loud.scenario.yaml"


def called(*arguments: str) -> Result:
    return CliRunner().invoke(cli.group, arguments, catch_exceptions=False)


@pytest.mark.parametrize("command", ["run", "explain", "report"])
def test_programs_read_one_object_and_people_see_the_prints(command: str, file: str) -> None:
    result = called(command, file, "--json")

    assert isinstance(json.loads(result.stdout), dict)
    assert "in the handler\n" in result.stderr
    assert "in the handler\n" in called(command, file).stdout


def test_a_replay_and_its_prints(file: str) -> None:
    failing = SCENARIO.replace("count: 1", "count: 7")
    Path(file).write_text(failing)
    called("run", file, "--report", ".")

    result = called("replay", "loud.json", "--json")

    assert json.loads(result.stdout)["status"] == "failed"
    assert "in the handler\n" in result.stderr


@pytest.mark.parametrize(
    "command",
    [("certify", "--no-pairs"), ("explore", "--runs", "3", "--jobs", "1")],
    ids=["certify", "explore"],
)
def test_a_search_leaves_prints_out_and_says_so(command: tuple[str, ...]) -> None:
    name, *options = command
    result = called(name, "loud_code:app", "--event", "go", *options, "--json")

    assert isinstance(json.loads(result.stdout), dict)
    assert result.stderr.startswith("What your code prints is left out")
    shown = called(name, "loud_code:app", "--event", "go", *options)
    assert "in the handler" not in shown.output
    assert "runs" in shown.stdout


def test_processes_of_a_search_print_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setattr(sys, "stdout", sys.stdout)  # Which is put back at the end.
    begin_process(Path())
    print("in a process")
    sys.stdout.close()

    assert capsys.readouterr().out == ""
