"""What is kept of a run that has ended: all that can be asked for, and nothing to collect."""

from __future__ import annotations

import gc

import attrs

from dwf_sim.engine.runs import Runs
from dwf_sim.model.event import Invocation, StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.run import FAILED, Run

FUNCTION = FunctionConfig("app-f", "app", "f", ())
EVENTS = (
    StoredEvent("E1", "go", "one", 5, '{"x":1}', "{}", "2", 6),
    StoredEvent("E2", "go", "E2", 7, "{}", '{"u":2}', None, 8, Invocation("app-f", "R.h"), "R0"),
)


def ended() -> Run:
    run = Run("R1", "app-f#1", FUNCTION, EVENTS, 10, FAILED, '"no"', 11, 12)
    run.memos = {"h1": "1", "h2": "null"}
    run.labels = {"h2": "b", "h1": "a", "h3": "c"}
    return run


def test_an_ended_run_is_found_again_as_it_was() -> None:
    runs = Runs({"app-f": FUNCTION})
    run = ended()
    runs.add(run)

    runs.pack(run)

    found = runs["R1"]
    assert found is not run
    assert {a.name: getattr(found, a.name) for a in attrs.fields(Run)} == {
        a.name: getattr(run, a.name) for a in attrs.fields(Run)
    }
    assert found.is_ended


def test_runs_keep_the_order_of_their_creation_when_they_end() -> None:
    runs = Runs({"app-f": FUNCTION})
    first, second = ended(), Run("R2", "app-f#2", FUNCTION, EVENTS, 10)
    runs.add(first)
    runs.add(second)

    runs.pack(first)

    assert list(runs) == ["R1", "R2"]
    assert list(reversed(runs)) == ["R2", "R1"]
    assert runs["R2"] is second
    assert len(runs) == 2


def test_the_collector_does_not_look_at_ended_runs() -> None:
    runs = Runs({"app-f": FUNCTION})
    run = ended()
    runs.add(run)
    runs.pack(run)

    for _ in range(4):  # Tuples are let go from the inside to the outside.
        gc.collect()

    assert not gc.is_tracked(runs._runs["R1"])
