"""`run`, `replay`, `explain` and `report`: what they play, tell, store and end with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dwf_sim.errors import ConfigError, UsageError
from tests.commands.calls import SCENARIO, TWO_ROWS, call, call_json, scenario_in
from tests.source import ROOT

ADVICE = "What to do: step 'charge' of shop-process-order#1 made the effect stripe charge 2 times"


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_scenario_that_fails_is_stored_and_fails_again(tmp_path: Path) -> None:
    shown = call("run", scenario_in(tmp_path), "--report", str(tmp_path), status=1)

    assert ADVICE in shown
    stored = str(tmp_path / "pay.json")
    assert f"See it again: dwf-sim replay {stored}" in shown
    again = call("replay", stored, status=1)
    assert "stripe charge happened 2 times, not once" in again
    assert again.endswith("it fails again\n")
    assert "FAULT: kill the worker" in again
    found = call_json("replay", stored, status=1)
    assert (found["status"], found["changed"]) == ("failed", [])
    assert found["simulations"][0]["runs"][0]["status"] == "completed"


def test_a_failure_that_is_mended_passes(tmp_path: Path) -> None:
    call("run", scenario_in(tmp_path), "--report", str(tmp_path), status=1)
    stored = tmp_path / "pay.json"
    content = json.loads(stored.read_text())
    text = content["text"].replace("shop:naive", "shop:mended")
    stored.write_text(json.dumps({**content, "text": text}))

    shown = call("replay", str(stored))

    assert "since it was stored: " in shown
    assert shown.endswith("it passes now\n")


def test_run_tells_programs_what_it_stored(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)

    found = call_json("run", file, "--report", str(tmp_path), status=1)

    (scenario,) = found["scenarios"]
    assert (found["passed"], scenario["name"], scenario["status"]) == (0, file, "failed")
    assert scenario["stored"] == str(tmp_path / "pay.json")
    assert f"What to do: {scenario['advice'][0]}".startswith(ADVICE)


def test_a_test_that_failed_is_run_again(pytester: pytest.Pytester) -> None:
    pytester.chdir()
    pytester.makepyfile(
        test_a="""
import dwf_sim as dwf

app = dwf.App("a")

@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    return await ctx.step.run("one", lambda: 1)

def test_one(durable_engine):
    run = durable_engine.serve(app).send("go").run
    durable_engine.run_until_idle()
    assert run.output == 2
"""
    )
    content = {
        "format": 1,
        "kind": "test",
        "test": "test_a.py::test_one",
        "seed": 3,
        "faults": {"format": 1, "faults": [{"kind": "crash.before", "step": "one"}]},
        "made_with": {"python": "2.7.18"},
    }
    Path("a.json").write_text(json.dumps(content))

    found = call_json("replay", "a.json", status=1)

    assert (found["what"], found["status"]) == ("test_a.py::test_one", "failed")
    assert found["reasons"][0].startswith("AssertionError: assert 1 == 2")
    assert found["changed"][0].startswith("python was 2.7.18, and is 3.")
    (simulation,) = found["simulations"]
    assert simulation["seed"] == 3
    assert simulation["struck"][0].startswith("a-f#1/one/0/before: ")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"format": 1, "kind": "dream"}, "its kind is 'dream'; this version of dwf_sim plays"),
        ({"format": 1, "kind": "scenario"}, "it lacks file"),
        ({"format": 1, "seed": 1}, "it lacks test"),
    ],
)
def test_a_file_that_cannot_be_played_is_told(
    tmp_path: Path, content: dict[str, object], complaint: str
) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(content))

    with pytest.raises(ConfigError, match=complaint):
        call("replay", str(file))


def test_explain_says_what_became_of_events_and_runs(tmp_path: Path) -> None:
    shown = call("explain", scenario_in(tmp_path))

    assert "failed: stripe charge happened 2 times, not once" in shown
    assert "  shop-process-order started run shop-process-order#1 for it." in shown
    assert "  A fault struck it at 2030-01-01T00:00:00.000Z: kill the worker" in shown
    assert "+0  handler entered" not in shown
    assert ADVICE in shown


def test_a_row_of_a_scenario_is_named_after_its_file(tmp_path: Path) -> None:
    file = scenario_in(tmp_path, TWO_ROWS)

    whole = call_json("explain", file)
    row = call_json("explain", f"{file}::step=cahrge")

    assert [each["what"] for each in whole["played"]] == [
        f"{file}::step=charge",
        f"{file}::step=cahrge",
    ]
    assert row["played"] == whole["played"][1:]
    assert row["played"][0]["simulations"][0]["unstruck"]
    assert call_json("explain", f"{file}::cahrge") == row
    with pytest.raises(ConfigError, match="has no row 'x'; its rows are step=charge, step=cahrge"):
        call("explain", f"{file}::x")


def test_report_shows_timelines_and_writes_a_trace(tmp_path: Path) -> None:
    file, trace = scenario_in(tmp_path), tmp_path / "trace.json"

    shown = call("report", file, "--chrome", str(trace))

    assert "run                   status     error" in shown
    assert "          +0  handler entered" in shown
    assert f"wrote {trace}" in shown
    written = json.loads(trace.read_text())
    assert any(event["name"].startswith("FAULT: ") for event in written["traceEvents"])
    found = call_json("report", file, "--chrome", str(trace))
    assert found["chrome"] == str(trace)
    assert found["played"][0]["simulations"][0]["digest"] == written["otherData"]["digest"]


def test_a_trace_is_of_one_simulation(tmp_path: Path) -> None:
    file = scenario_in(tmp_path, TWO_ROWS)

    with pytest.raises(UsageError, match=r"takes one simulation, and .* has 2; name a row of it"):
        call("report", file, "--chrome", str(tmp_path / "trace.json"))


def test_a_trace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        call("report", scenario_in(tmp_path), "--chrome", str(tmp_path))


def test_what_is_no_file_is_told() -> None:
    with pytest.raises(ConfigError, match="nowhere is no file; name a scenario file or a stored"):
        call("report", "nowhere")


def test_a_row_is_named_by_what_tells_it_from_others(tmp_path: Path) -> None:
    rows = "[{name: late, step: charge}, {name: soon, step: charge}, {name: none, step: x}]"
    text = TWO_ROWS.partition("parameters:")[0] + f"parameters: {rows}\n"
    file = scenario_in(tmp_path, text.replace("about:", 'about: "${name}" #'))

    def found(row: str) -> list[str]:
        played = call_json("explain", f"{file}::{row}")["played"]
        return [each["what"].partition("::")[2] for each in played]

    assert found("late") == found("name=late") == ["name=late,step=charge"]
    assert found("charge,soon") == ["name=soon,step=charge"]
    assert found("step=charge") == ["name=late,step=charge", "name=soon,step=charge"]


def test_a_test_is_no_stored_failure(tmp_path: Path) -> None:
    file = tmp_path / "test_a.py"
    file.write_text("import dwf_sim\n")

    with pytest.raises(ConfigError, match=r"it is no JSON \(.*\); tests are run by pytest"):
        call("explain", str(file))


def test_functions_that_are_not_found_are_looked_for_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = scenario_in(tmp_path, SCENARIO.replace("scenarios.functions", "nowhere.functions"))
    monkeypatch.chdir(tmp_path)

    shown = call("run", file, status=2)

    assert "No module named 'nowhere'; functions are imported from the folder you are in" in shown
    assert "be in the one that holds nowhere" in shown


def test_the_demo_tells_programs_what_it_shows() -> None:
    found = call_json("demo", "--seed", "5")

    assert found["seed"] == 5
    assert [(act["orders"], act["charges"]) for act in found["acts"]] == [(1, 1), (1, 2), (1, 1)]
    assert "FAULT" in found["acts"][1]["timelines"][0]
