"""Verdicts beside the truth: runs of generated code in whose midst an edit of it is deployed."""

from __future__ import annotations

import os
import random

import pytest

import dwf_sim as dwf
from dwf_sim.histories import Replayer, Verdict, record
from dwf_sim.histories.history import Boundary
from dwf_sim.model.records import StepMemoized, StepReported
from tests.histories.edited import Code, edit, make_code, serve
from tests.histories.shop import DRIVERS

# A longer run: DWF_REPLAYS=300, as `make soak` has it.
COUNT = int(os.environ.get("DWF_REPLAYS", "8"))


@pytest.mark.parametrize("number", range(10, 10 + COUNT))
@pytest.mark.rule("A12", "A41", "A42")
def test_a_verdict_says_what_becomes_of_the_real_run(number: int) -> None:
    chance = random.Random(number)
    before = make_code(chance)
    after = edit(chance, before)
    driver = DRIVERS[number % 2]
    history = record(serve(before, driver, []), "order/created").histories[0]

    found = Replayer(history).replay(serve(after, driver, [])).verdicts

    wrong = []
    for verdict in found:
        run, done = deployed(before, after, driver, verdict.boundary)
        if truth := contradiction(verdict, after, run, done):
            wrong.append(f"{verdict.title}: {verdict.kind}, and {truth}")
    assert wrong == [], f"{before}\n{after}"


def contradiction(verdict: Verdict, after: Code, run: dwf.RunView, done: list[str]) -> str:
    """Say what the real run does that the verdict has excluded; "" if nothing."""
    items = [item for group in after for item in group]
    is_twice = any(done.count(work) > 1 for work in done)
    lacks = [item.work for item in items if item.kind == "run" and item.work not in done]
    if verdict.kind in ("same", "safe", "orphan"):
        if run.status != "completed" or lacks:
            return f"it is {run.status}: {run.error}, without {lacks}"
        return f"it has done {done}" if is_twice else ""
    return ""


def deployed(
    before: Code, after: Code, driver: str, boundary: Boundary
) -> tuple[dwf.RunView, list[str]]:
    """Run code up to a boundary, then deploy other code, and go on to the end."""
    done: list[str] = []
    with dwf.Simulation() as simulation:
        simulation.serve(serve(before, driver, done))
        run = simulation.send("order/created").run
        trace, steps = simulation.trace, [step.step for step in boundary.waits_for]

        def is_there() -> bool:
            known = {fact.step for fact in trace.of(StepReported)}
            return len(trace.of(StepMemoized)) >= boundary.memos and known.issuperset(steps)

        simulation.run_until(is_there)
        assert len(trace.of(StepMemoized)) == boundary.memos, "it stands there"
        simulation.deploy(serve(after, driver, done))
        simulation.run_until_idle()
        return run, done
