"""Verdicts beside the truth: runs of generated code in whose midst an edit of it is deployed."""

from __future__ import annotations

import os
import random

import pytest

import dwf_sim as dwf
from dwf_sim.histories import Replayer, Verdict, record
from dwf_sim.histories.history import Boundary
from dwf_sim.model.records import RequestSent, ResponseReceived, StepMemoized, StepReported
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
        run, done, is_at_work = deployed(before, after, driver, verdict.boundary)
        if truth := contradiction(verdict, after, run, done, is_at_work=is_at_work):
            wrong.append(f"{verdict.title}: {verdict.kind}, and {truth}")
    assert wrong == [], f"{before}\n{after}"


def contradiction(
    verdict: Verdict, after: Code, run: dwf.RunView, done: list[str], *, is_at_work: bool
) -> str:
    """Say what the real run does that the verdict has excluded; "" if nothing.

    A request that is at work when code is deployed ends with the older code, which may save a run
    that would be stuck, had it stood there for a moment longer.
    """
    items = [item for group in after for item in group]
    gone = [
        step.step
        for step in verdict.boundary.waits_for
        if step.kind != "run" and step.step not in [item.step for item in items]
    ]
    is_twice = any(done.count(work) > 1 for work in done)
    lacks = [item.work for item in items if item.kind == "run" and item.work not in done]
    is_well = run.status == "completed" and run.output == [len(group) for group in after]
    if verdict.kind in ("same", "safe", "orphan"):
        if not is_well or lacks:
            return f"it is {run.status}: {run.output}, {run.error}, without {lacks}"
        return f"it has done {done}" if is_twice else ""
    if verdict.kind == "stuck" and is_well and not gone and not is_at_work:
        return f"it has done {done}"
    return ""


def deployed(
    before: Code, after: Code, driver: str, boundary: Boundary
) -> tuple[dwf.RunView, list[str], bool]:
    """Run code up to a boundary, then deploy other code, and go on to the end; also say whether a
    request was at work in between."""
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
        is_at_work = len(trace.of(RequestSent)) > len(trace.of(ResponseReceived))
        simulation.deploy(serve(after, driver, done))
        simulation.run_until_idle()
        return run, done, is_at_work
