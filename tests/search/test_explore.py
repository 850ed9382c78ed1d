"""Explore: draws plans, finds what is wrong, and is the same wherever it runs."""

from __future__ import annotations

import concurrent.futures
import os
import pickle
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.search.drawing import STRATEGIES
from dwf_sim.search.exploration import Exploration
from tests.search import subjects

HERE = "tests.search.subjects"
SEEDS = int(os.environ.get("DWF_SEARCHES", "1"))
SUBJECTS: dict[str, dict[str, Any]] = {
    "keyless": {"event": "go", "data": {"n": 1}},
    "counting": {"event": "go", "setup": f"{HERE}:forget"},
    "build": {"events": [(0, "go"), ("1m", "answer", {"n": 1})]},
    "lost_update": {},
    "late_wait": {},
}


class Elsewhere(concurrent.futures.Executor):
    """Hands everything over as another process would get it, and back."""

    def submit(self, fn: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(pickle.loads(pickle.dumps(fn(*pickle.loads(pickle.dumps(given))))))
        return future


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_is_wrong_is_found_and_shrunk(name: str) -> None:
    for seed in range(SEEDS):
        found = dwf.explore(f"{HERE}:{name}", seed=seed, **SUBJECTS[name])

        (finding,) = found.findings
        assert found.found_at[0] <= 100, seed
        assert len(finding.course.faults) + len(finding.course.turns) <= 3, str(finding)


def test_what_is_right_holds_and_says_how_much_was_tried() -> None:
    found = dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=20)

    assert found.holds
    found.check()
    assert found.runs == 20
    assert found.ended == "the runs were made"
    assert found.states > 50
    assert sum(runs for runs, _ in found.strategies.values()) == 20
    assert str(found).endswith("found: nothing")


def test_runs_that_cannot_be_played_are_counted_and_the_first_says_why() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sent = sim.send("go", {"n": 1})
        assert sent.run.status

    found = dwf.explore(play, runs=8, kinds=["events.delay"], strategy="random")

    assert found.holds
    assert 0 < found.unplayable <= 8
    assert "UsageError: " in found.why_unplayable
    assert f"could not go on: {found.unplayable}; the first with UsageError" in str(found)


def test_a_mistake_that_is_there_without_faults_needs_no_run() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.send("go", {"n": 1})
        assert not sim.runs

    found = dwf.explore(play)

    assert (found.runs, found.found_at) == (0, (0,))
    assert found.ended == "it does not hold without faults"
    with pytest.raises(dwf.InvariantViolated, match="nothing goes wrong"):
        found.check()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_strategy_draws_the_same_for_the_same_seed(strategy: str) -> None:
    def digest(seed: int) -> str:
        settings: dict[str, Any] = {"strategy": strategy, "seed": seed, "runs": 3}
        return dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, **settings).digest

    assert digest(1) == digest(1) != digest(2)


def test_the_exhaustive_strategy_ends_when_there_is_no_more() -> None:
    kinds = ["crash.before", "crash.after_effect"]

    found = dwf.explore(
        f"{HERE}:keyed", "go", {"n": 1}, strategy="exhaustive", kinds=kinds, runs=None, within="1h"
    )

    assert found.holds
    assert found.ended == "there are no more courses"
    assert found.runs == 4 + 4 * 3 // 2


def test_it_ends_when_all_was_seen_often_enough() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.sometimes("tried again", lambda: any(run.entries > 2 for run in sim.runs))
        sim.send("go", {"n": 1})

    found = dwf.explore(play, kinds=["crash.before", "response.lose"], until_seen=2, runs=200)

    assert found.ended == "all was seen 2 times"
    assert found.unseen == ()
    assert min(found.struck.values()) >= 2
    assert found.sometimes["tried again"] >= 2


def test_what_never_happens_is_listed() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.sometimes("pigs fly", lambda: False)
        sim.send("go", {"n": 1})

    found = dwf.explore(play, kinds=["crash.before"], runs=3)

    assert "sometimes 'pigs fly'" in found.unseen


def test_an_executor_gives_the_same_report() -> None:
    for name, runs in (("keyless", 100), ("keyed", 17)):
        here = dwf.explore(f"{HERE}:{name}", "go", {"n": 1}, runs=runs)
        there = dwf.explore(f"{HERE}:{name}", "go", {"n": 1}, runs=runs, executor=Elsewhere())

        assert there.digest == here.digest


@pytest.mark.skipif(SEEDS == 1, reason="real processes take seconds to start; make soak has them")
@pytest.mark.parametrize("jobs", [1, 3])
def test_processes_give_the_same_report(jobs: int) -> None:
    here = dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=200)
    with concurrent.futures.ProcessPoolExecutor(jobs) as executor:
        there = dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=200, executor=executor)

    assert there.digest == here.digest


def test_a_search_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    def search(runs: int, file: Path | None) -> Exploration:
        return dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=runs, journal=file)

    file = tmp_path / "deep" / "journal"
    search(12, file)
    text = file.read_text("utf-8")
    file.write_text(text[: len(text) - len(text) // 3], "utf-8")

    assert search(12, file).digest == search(12, None).digest
    assert file.read_text("utf-8") == text
    with pytest.raises(dwf.ConfigError, match="the journal of another search"):
        dwf.explore(f"{HERE}:keyless", "go", {"n": 1}, journal=file)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"runs": None}, "would never end"),
        ({"runs": 0}, "runs"),
        ({"strategy": "luck"}, "strategy is 'luck'"),
        ({"kinds": []}, "kinds is"),
        ({"kinds": ["crash.before", "clock.jump"]}, "kinds has 'clock.jump', .* no site"),
        ({"seed": "x"}, "seed is 'x'"),
        ({"within": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_searched_is_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(dwf.UsageError, match=text):
        dwf.explore(subjects.keyed, "go", **settings)


@pytest.mark.parametrize("kinds", [["crash.before"], ["events.delay"]])
def test_an_input_of_which_no_run_begins_is_refused(kinds: list[str]) -> None:
    with pytest.raises(dwf.ConfigError, match="no run began of 'gone', so there is nothing to"):
        dwf.explore(subjects.keyed, "gone", kinds=kinds)
    with pytest.raises(dwf.ConfigError, match="explore was given run=, which nobody takes"):
        dwf.explore(subjects.keyed, "go", kinds=kinds, run=3)
