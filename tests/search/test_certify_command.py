"""`dwf-sim certify`: the table, the findings, the bound, and files of what was found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim.commands.certify import command
from dwf_sim.errors import ConfigError
from dwf_sim.search.finding import replay

KEYLESS = ("tests.search.subjects:keyless", "--event", "go", "--data", '{"n": 1}', "--no-pairs")


def called(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_a_finding_is_told_as_a_sentence_and_a_test_and_stored(tmp_path: Path) -> None:
    result = called(*KEYLESS, "--out", str(tmp_path))

    file = tmp_path / "finding-1.json"
    assert result.exit_code == 1
    assert "when: kill the worker inside `pay`, right after effect 1" in result.output
    assert 'sim = dwf.Simulation(faults=[dwf.crash.inside("pay", at_effect=1)])' in result.output
    assert f"replay: dwf-sim replay {file}" in result.output
    assert result.output.endswith("not certified: 5 of 19 runs do not hold\n")
    assert replay(file).is_there
    assert json.loads((tmp_path / "finding-1.scenario.json").read_text("utf-8"))["faults"]


def test_what_holds_ends_with_the_bound(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"n": 1}', "utf-8")

    result = called(
        "tests.search.subjects:keyed", "--event=go", f"--data=@{tmp_path}/data.json", "--no-pairs"
    )

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == (
        "all 10 single crash schedules of this input, and all 3 with an event twice, a minute late "
        "or around a wait, hold"
    )


def test_json_has_the_same_for_programs() -> None:
    content = json.loads(called(*KEYLESS, "--json", "--kind", "crash.after_effect").output)

    assert content["holds"] is False
    assert (content["singles"], content["others"], content["failed"]) == (2, 3, 3)
    assert len(content["findings"]) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("tests.search.subjects:keyed", "--data", "{}"), "--data is given 1 times"),
        (
            ("tests.search.subjects:keyed",),
            "subjects:keyed needs events: --event order/created --data '{\"orderId\": 1}', or "
            '--events FILE, of which allowed is {"events": ',
        ),
        (
            ("tests.search.functions:client", "--event", "go"),
            "is a client of the inngest package, and does not know its functions; give these",
        ),
        (("tests.search.subjects:keyed", "--event", "go", "--data", "[]"), "is an object"),
        (("tests.search.subjects:keyed", "--event", "go", "--data", "{"), "give JSON, or @FILE"),
    ],
)
def test_a_mistake_in_the_call_is_told(arguments: tuple[str, ...], text: str) -> None:
    found = called(*arguments).exception

    assert isinstance(found, ConfigError)
    assert text in str(found)
