"""Pasting: the test of a finding fails for as long as the mistake is there, and so its scenario.

`findings.json` has what explore has found in each function of examples/bugs with seed 0, shrunk.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.scenario import play, read_scenarios
from dwf_sim.search.finding import Finding, replay
from dwf_sim.search.reading import read_finding
from tests.search.bugs import NAMES

STORED: dict[str, Any] = json.loads((Path(__file__).parent / "findings.json").read_text("utf-8"))
# Scenario files know no warnings, no order of callbacks, and no play.
HAVE_SCENARIOS = (
    *("batch_in_order", "effect_outside", "event_without_an_id", "key_for_each_attempt"),
    *("key_made_up_outside", "key_of_the_run", "late_wait", "missing_key", "unchecked_timeout"),
    *("unscoped_wait", "waits_in_series"),
)


def found(name: str) -> Finding:
    """Play a stored finding; it is there."""
    content = {**STORED[name], "kind": "finding", "format": 1, "digest": ""}
    stored = read_finding(content, "findings.json")
    played, verdicts = stored.judge.play(stored.course)
    return Finding(stored.judge, played, verdicts[0])


def run_pasted(text: str) -> None:
    """Run the one test of a text."""
    names: dict[str, Any] = {}
    exec(compile(text, "pasted", "exec"), names)
    (test,) = (names[name] for name in names if name.startswith("test_"))
    test()


@pytest.mark.parametrize("name", NAMES)
def test_a_pasted_test_fails_until_the_mistake_is_mended(name: str) -> None:
    text = found(name).test()

    with pytest.raises(AssertionError):
        run_pasted(text)
    run_pasted(text.replace(f"{name}.buggy", f"{name}.mended"))


@pytest.mark.parametrize("name", HAVE_SCENARIOS)
def test_a_scenario_has_problems_until_the_mistake_is_mended(name: str, tmp_path: Path) -> None:
    text = found(name).scenario()

    def problems(text: str) -> tuple[str, ...]:
        (sheet,) = read_scenarios(tmp_path / "a.scenario.json", text)
        return play(sheet).problems

    assert problems(text)
    left = problems(text.replace(f"{name}:buggy", f"{name}:mended"))
    # A scenario's fault has to strike, and one of the mended functions has other steps.
    assert [problem for problem in left if not problem.startswith("a fault never struck")] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("branch_by_the_attempt", "cannot say what is wrong here, so it would have no problem"),
        ("fan_out_before_wait", "cannot say in which order callbacks go"),
        ("lost_update", "names functions by where they are imported from"),
    ],
)
def test_a_scenario_that_would_have_no_problem_is_refused(name: str, text: str) -> None:
    assert name not in HAVE_SCENARIOS
    with pytest.raises(dwf.ConfigError, match=text):
        found(name).scenario()


def test_a_scenario_cannot_call_the_setup() -> None:
    place = "tests.search.subjects"
    content = dwf.certify(f"{place}:keyless", "go", {"n": 1}, pairs=False).findings[0].as_json()
    finding = replay({**content, "setup": f"{place}:forget"}).finding

    assert finding is not None
    assert f"    {place}.forget()\n" in finding.test()
    with pytest.raises(dwf.ConfigError, match="cannot call the setup"):
        finding.scenario()
