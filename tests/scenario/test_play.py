"""A scenario is played, and each way in which it is not as expected is told."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dwf_sim.cli import group
from dwf_sim.invariants import OneEnding
from dwf_sim.model.records import RunFinished
from dwf_sim.scenario import Played, ScenarioError, play, read_scenarios

ROOT = Path(__file__).parents[2]
HEAD = """\
format: 1
functions: [scenarios.functions.shop:naive]
moments:
  - {send: order/created, data: {orderId: A, total: 1}}
  - {at: 26h, send: order/paid, data: {orderId: A}}
faults:
  - {kind: crash.after_effect, step: charge}
expect:
"""
RUN = "  runs:\n    - {run: shop-process-order#1, "


def played(expect: str, head: str = HEAD) -> Played:
    (sheet,) = read_scenarios(Path("a.scenario.yaml"), head + expect)
    return play(sheet)


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        (RUN + "status: failed}", "shop-process-order#1 is completed, not failed"),
        (RUN + "output: null}", "shop-process-order#1 has output {"),
        (RUN + "error: boom}", "shop-process-order#1 has error 'none', in which 'boom' is not"),
        (RUN + "after: 27h}", "shop-process-order#1 ends at 1d2h, before 1d3h"),
        (RUN + "before: 1h}", "shop-process-order#1 ends at 1d2h, after 1h"),
        (
            RUN + "steps: {charge: {executions: 1}}}",
            "charge of shop-process-order#1 ran 2 times, not",
        ),
        (RUN + "steps: {charge: {output: 3}}}", "charge of shop-process-order#1 has output {"),
        (RUN + "steps: {ship: {error: lost}}}", "ship of shop-process-order#1 has error 'none'"),
        (
            RUN + "steps: {fly: {executions: 1}}}",
            "fly of shop-process-order#1 never ran; its steps",
        ),
        (
            "  runs:\n    - {run: nope#1}",
            "there is no run nope#1; the runs are shop-process-order#1",
        ),
        ("  run_count: 2", "there are 1 runs, not 2"),
        (
            "  effects:\n    - {ledger: stripe, operation: charge}",
            "stripe charge happened 2 times, not",
        ),
        ("  events:\n    - {name: order/paid, count: 2}", "there are 1 events order/paid, not 2"),
        ("  order: [ship, charge]", "the steps began in the order charge, charge, ship, not ship,"),
    ],
)
def test_what_is_not_as_expected_is_told(expect: str, problem: str) -> None:
    (told,) = played(expect).problems

    assert problem in told


@pytest.mark.parametrize(
    ("output", "is_good"),
    [
        ("{n: 1, all: [true], none: null}", True),
        ("{n: 1.0, all: [true], none: null}", True),
        ("{n: true, all: [true], none: null}", False),
        ("{n: 1, all: [1], none: null}", False),
        ("{n: 1, all: [true, true], none: null}", False),
        ("{n: 1, all: [true]}", False),
    ],
)
def test_true_is_no_number(
    output: str, is_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
import dwf_sim as dwf
app = dwf.App("a")
@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    return await ctx.step.run("one", lambda: {"n": 1, "all": [True], "none": None})
"""
    (tmp_path / "answers_of_mine.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    head = "format: 1\nfunctions: [answers_of_mine:app]\nmoments: [{send: go}]\nexpect:\n"
    run = "  runs:\n    - {run: a-f#1, "

    assert played(f"{run}output: {output}}}", head).is_good is is_good
    assert played(f"{run}steps: {{one: {{output: {output}}}}}}}", head).is_good is is_good


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def x(:", "SyntaxError: invalid syntax"),
        ("1 / 0", "ZeroDivisionError: division by zero ("),
    ],
)
def test_a_module_that_cannot_be_loaded_breaks_its_scenario_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    (tmp_path / "broken_of_mine.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_of_mine", raising=False)
    text = "format: 1\nfunctions: [broken_of_mine:app]\nmoments: []\nexpect: {}\n"
    (tmp_path / "a.scenario.yaml").write_text(text)
    (tmp_path / "b.scenario.yaml").write_text(HEAD + "  {}")

    result = run(str(tmp_path))

    assert result.exit_code == 2
    assert f"a.scenario.yaml:2:13: functions[0]: broken_of_mine:app cannot be imported: {why}" in (
        result.output
    )
    assert "1 of 2 scenarios" in result.output


def test_a_mistake_that_shows_while_time_goes_on_has_a_place() -> None:
    faults = "  - {kind: deploy.new_version, version: 'scenarios.functions.shop:gone', at: 1h}\n"

    with pytest.raises(ScenarioError, match=r"^a\.scenario\.yaml:1:1: version is 'scenarios\.fun"):
        played("  {}", HEAD.replace("expect:\n", f"{faults}expect:\n"))


def test_a_fault_that_never_struck_is_told_unless_it_may() -> None:
    head = HEAD.replace("step: charge", "step: chagre")

    assert played("  {}", head).problems == (
        "a fault never struck: kill the worker after `chagre` returned and before it was recorded",
    )
    assert played("  all_faults_strike: false", head).is_good


ONCE = "effects once per step"


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        (f"hold: [{ONCE}]", "effects once per step: what a step does outside, it does in one"),
        (
            "broken: [memos stand]",
            "memos stand: a step is remembered once, and no request sent after that runs it again, "
            "which was expected to be broken, and holds",
        ),
        (f"broken: [{ONCE}]", None),
        ("off: [memos stand, one ending]", None),
    ],
)
def test_invariants_hold_are_off_or_are_broken(lists: str, problem: str | None) -> None:
    problems = played(f"  invariants: {{{lists}}}").problems

    assert [text for text in problems if problem and problem in text] == [*problems]
    assert len(problems) == (problem is not None)


def test_an_invariant_that_is_off_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def blame(self: OneEnding, _record: object, _at: int, seq: int) -> None:
        self.broken("so", seq)

    monkeypatch.setattr(OneEnding, "watches", lambda self: {RunFinished: partial(blame, self)})

    assert "one ending: a run ends once" in played("  {}").problems[0]
    assert played("  invariants: {off: [one ending]}").is_good
    assert played("  invariants: {broken: [one ending]}").is_good


def test_an_invariant_broken_during_the_run_is_a_problem_and_no_error(tmp_path: Path) -> None:
    file = tmp_path / "a.scenario.yaml"
    file.write_text(HEAD + f"  invariants: {{hold: [{ONCE}]}}", "utf-8")

    result = run(str(file))

    assert result.exit_code == 1
    assert "step 'charge' did stripe charge in its execution 1" in result.output
    assert "What to do: step 'charge'" in result.output


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("shop:naive", "shop:nave", "2:13: functions[0]: scenarios.functions.shop:nave cannot be"),
        ("functions.shop", "funcs.shop", "2:13: functions[0]: scenarios.funcs.shop:naive cannot"),
        ("naive]", "hand_over]", "2:13: functions[0]: "),
        (
            "send: order/paid, data: {orderId: A}",
            "cancel: x#1",
            "5:5: moments[1]: there is no run x#1",
        ),
        ("send: order/paid, data: {orderId: A}", "pause: x", "5:5: moments[1]: "),
        ("send: order/paid", "send: inngest/x", "5:5: moments[1]: "),
        ("format: 1", "format: 1\nstart: tomorrow", "2:8: start is 'tomorrow'; give an instant"),
    ],
)
def test_what_cannot_be_played_is_told_where(old: str, new: str, error: str) -> None:
    assert old in HEAD

    with pytest.raises(ScenarioError) as caught:
        played("  {}", HEAD.replace(old, new, 1))

    assert f"a.scenario.yaml:{error}" in str(caught.value)


def run(*arguments: str, folder: Path = ROOT) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(group, ["run", *arguments])


def test_the_command_plays_folders_and_counts() -> None:
    result = run("scenarios")

    assert result.exit_code == 0
    passed, _, total, *_ = result.output.splitlines()[-1].split()
    assert passed == total
    assert int(total) >= 15


def test_the_command_shows_what_failed(tmp_path: Path) -> None:
    (tmp_path / "a.scenario.yaml").write_text(HEAD + "  run_count: 2", "utf-8")
    (tmp_path / "b.scenario.yaml").write_text(HEAD + "  run_count: 1", "utf-8")

    result = run(str(tmp_path))

    assert result.exit_code == 1
    assert "there are 1 runs, not 2" in result.output
    assert "completed" in result.output
    assert result.output.splitlines()[-1] == "1 of 2 scenarios"


def test_a_broken_file_does_not_keep_others_from_being_played(tmp_path: Path) -> None:
    (tmp_path / "a.scenario.yaml").write_text("format: 1", "utf-8")
    (tmp_path / "b.scenario.yaml").write_text(HEAD + "  run_count: 1", "utf-8")

    result = run(str(tmp_path), "--json")

    assert result.exit_code == 2
    found = json.loads(result.output)
    assert [each["status"] for each in found["scenarios"]] == ["broken", "passed"]
    assert found["scenarios"][0]["reasons"][0].endswith(
        "a.scenario.yaml:1:1: the scenario lacks functions"
    )


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nope", "nope is not there"),
        ("dwf_sim", "dwf_sim holds no scenario"),
        ("README.md", "README.md is no scenario by its name"),
    ],
)
def test_a_path_without_scenarios_is_told(path: str, error: str) -> None:
    assert error in str(run(path).exception)
