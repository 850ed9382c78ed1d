"""`dwf-sim conform`: the table, the failures, the sum, and what it says to mistakes."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim import cli
from dwf_sim.conformance.conforming import Conformance, Verdict
from dwf_sim.conformance.recordings import Recording
from dwf_sim.errors import UsageError

FOLDER = Path(__file__).parent / "oracle"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.group, ["conform", *arguments], catch_exceptions=False)


def damaged(folder: Path) -> Path:
    """A folder of two recordings, one of which says what does not happen."""
    case = json.loads((FOLDER / "plain.json").read_text("utf-8"))
    (folder / "right.json").write_text(json.dumps({**case, "name": "right"}))
    case["observed"]["runs"][0]["output"] = {"a": {"n": 2}}
    (folder / "wrong.json").write_text(json.dumps({**case, "name": "wrong"}))
    return folder


def test_it_counts_by_area_tells_failures_and_ends_with_the_sum(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)))

    assert result.exit_code == 1
    table, speed, total = result.output.splitlines()[:3], *result.output.splitlines()[3:]
    assert table == [
        "area   passed  failed",
        "basic       1       1",
        "wrong: runs[0].output.a.n: expected 2, got 1",
    ]
    assert "times as fast as the recorded observation time" in speed
    assert total == "1 of 2 cases"


def test_it_says_how_much_faster_than_the_server_it_was() -> None:
    verdicts = (Verdict("a", "basic", 40.0, None), Verdict("b", "basic", 2.0, None))
    found = Conformance("native", verdicts, {})

    assert found.lines(0.5)[-2:] == [
        "42 s of the server in 0.5 s: 84 times as fast as the recorded observation time",
        "2 of 2 cases",
    ]
    assert found.table(0.5)["times_as_fast"] == 84


def test_one_case_can_be_played_alone(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)), "--case", "right", "--driver", "native")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "1 of 1 cases"


def test_the_same_can_be_had_as_json(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)), "--json")

    found = json.loads(result.output)
    assert (found["driver"], found["cases"], found["passed"]) == ("native", 2, 1)
    assert [failure["name"] for failure in found["failures"]] == ["wrong"]


def test_without_a_folder_the_recordings_of_the_sources_are_played(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(FOLDER.parent.parent.parent)
    result = invoke("--case", "plain")
    monkeypatch.chdir(tmp_path)

    assert result.output.splitlines()[-1] == "1 of 1 cases"
    with pytest.raises(UsageError, match="'tests/conformance/oracle' is not a folder; give a"):
        invoke()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["/no/such/folder"], "'/no/such/folder' is not a folder"),
        ([str(FOLDER), "--case", "nope"], "there is no recording"),
        ([str(FOLDER), "--driver", "nope"], "driver is 'nope'; it is one of native, inngest"),
    ],
)
def test_a_mistake_in_the_call_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["dwf-sim", "conform", *arguments])

    with pytest.raises(SystemExit) as stop:
        cli.main()

    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_cases_with_needs_that_the_driver_has_not_are_left_out(tmp_path: Path) -> None:
    case = json.loads((FOLDER / "plain.json").read_text("utf-8"))
    path = FOLDER.parent / "oracle-ts" / "sleep_number_0.json"
    (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "plain.json").write_text(json.dumps(case))

    result = invoke(str(tmp_path))

    assert result.exit_code == 0
    assert "left out: 1 that need ts-sdk-behaviour" in result.output.splitlines()
    assert result.output.splitlines()[-1] == "1 of 1 cases"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--driver", "inngest"], "none of 138 cases can be played by the driver inngest: they"),
        (["--case", "gateway_500"], "none of 1 cases can be played by the driver native: they"),
    ],
)
def test_that_no_case_can_be_played_is_a_mistake_in_the_call(
    arguments: list[str], complaint: str
) -> None:
    with pytest.raises(UsageError, match=f"{complaint} need .*worker-faults; give another driver"):
        invoke(str(FOLDER.parent / "oracle-ts"), *arguments)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{not json", "it cannot be read"),
        ("[" * 100_000, "it cannot be read"),
        ("[]", "the file is []; it must be an object"),
        ('{"name": "x"}', "area is absent; it must be there"),
    ],
)
def test_a_file_that_is_no_recording_fails_by_itself(tmp_path: Path, text: str, told: str) -> None:
    (damaged(tmp_path) / "broken.json").write_text(text)

    result = invoke(str(tmp_path))

    assert result.exit_code == 1
    line = next(line for line in result.output.splitlines() if line.startswith("broken: "))
    assert told in line
    assert result.output.splitlines()[-1] == "1 of 3 cases"


def test_a_case_that_breaks_the_simulator_fails_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(recording: Recording, *given: object) -> None:
        raise TypeError("no such thing")

    monkeypatch.setattr("dwf_sim.conformance.conforming.play", broken)

    result = invoke(str(damaged(tmp_path)))

    assert "right: it broke: TypeError: no such thing" in result.output.splitlines()
    assert result.output.splitlines()[-1] == "0 of 2 cases"


def test_functions_can_be_run_by_the_vendors_sdk(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)), "--driver", "inngest", "--json")

    found = json.loads(result.output)
    assert (found["driver"], found["passed"]) == ("inngest", 1)


def test_a_driver_that_is_not_installed_is_told_before_any_case_is_played(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "dwf_sim.conformance.vendor", raising=False)
    monkeypatch.delitem(sys.modules, "dwf_sim.drivers.inngest.sdk", raising=False)
    monkeypatch.setattr(metadata, "version", lambda _: "9.1")

    with pytest.raises(UsageError, match=r"inngest is 9\.1; functions of its versions 0\.5\.19 to"):
        invoke(str(damaged(tmp_path)), "--driver", "inngest")


def test_new_programs_are_made_and_both_drivers_compared() -> None:
    result = invoke("--generate", "3", "--seed", "5")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "3 of 3 programs"
    assert json.loads(invoke("--generate", "1", "--json").output)["programs"] == 1


def test_each_case_can_be_told(tmp_path: Path) -> None:
    path = FOLDER.parent / "oracle-ts" / "sleep_number_0.json"
    (damaged(tmp_path) / path.name).write_bytes(path.read_bytes())

    result = invoke(str(tmp_path), "--verbose")

    assert result.output.splitlines()[:3] == [
        "right           basic  passed",
        "sleep_number_0         left out: it needs ts-sdk-behaviour",
        "wrong           basic  failed",
    ]


def test_json_has_all_verdicts_and_areas(tmp_path: Path) -> None:
    found = json.loads(invoke(str(damaged(tmp_path)), "--json").output)

    assert [(one["name"], one["passed"]) for one in found["verdicts"]] == [
        ("right", True),
        ("wrong", False),
    ]
    assert found["areas"] == {"basic": {"passed": 1, "failed": 1}}


def test_a_case_can_be_shown_beside_ours(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)), "--show", "wrong")

    facts = {line.split()[0]: line.split()[1:] for line in result.output.splitlines()}
    assert facts["runs[0].output.a.n"] == ["2", "1"]
    assert facts["runs[0].status"] == ['"COMPLETED"', '"COMPLETED"']
    assert result.output.splitlines()[-1] == "runs[0].output.a.n: expected 2, got 1"
    assert invoke(str(tmp_path), "--show", "right").output.splitlines()[-1] == "it agrees"


def test_a_name_with_its_suffix_is_taken(tmp_path: Path) -> None:
    result = invoke(str(damaged(tmp_path)), "--case", "right.json")

    assert result.output.splitlines()[-1] == "1 of 1 cases"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--generate", "1", str(FOLDER)], "DIR says nothing beside --generate"),
        (["--generate", "1", "--case", "x"], "--case says nothing beside --generate"),
        (["--generate", "1", "--driver", "native"], "--driver says nothing beside --generate"),
        ([str(FOLDER), "--seed", "3"], "--seed says nothing beside a folder of recordings"),
        ([str(FOLDER), "--show", "plain", "--json"], "--json says nothing beside --show"),
        ([str(FOLDER), "--show", "nope"], "there is no recording"),
        ([str(FOLDER), "--case", "../oracle/plain"], "is named, as in plain: give no folder"),
        ([str(FOLDER.parent / "oracle-ts"), "--show", "gateway_500"], "it needs worker-faults"),
    ],
)
def test_what_would_say_nothing_is_refused(arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        invoke(*arguments)
