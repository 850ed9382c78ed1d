"""A recording with crons begins where all of them tick as they did."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from dwf_sim.conformance.starting import start_of
from dwf_sim.world.simulation import START
from tests.conformance.made import case, function, observed


def timed(cron: str, **more: Any) -> dict[str, Any]:
    return {**function(), "triggers": [{"cron": cron}], **more}


def first_ticks(crons: dict[str, float | None], until: float = 150) -> dict[str, float | None]:
    """Say when each cron ticks first, if it was recorded so; None for one that did not."""
    functions = [timed(cron, id=f"f{place}") for place, cron in enumerate(crons)]
    runs = [
        {"cron": cron, "queued": [at - 0.2, at + 0.2]}
        for cron, at in crons.items()
        if at is not None
    ]
    found = observed(attrs.evolve(case(*functions, sends=[], until=until), observed={"runs": runs}))
    ticks = {run["function"]: run["queued"] for run in reversed(found["runs"])}
    return {cron: ticks.get(f"f{place}") for place, cron in enumerate(crons)}


@pytest.mark.parametrize(
    "crons",
    [
        {"* * * * *": 20.0, "*/2 * * * *": 80.0},
        {"*/2 * * * *": 80.0, "* * * * *": 20.0},
        {"* * * * *": 3.5, "0 * * * *": 123.5},
        {"* * * * *": 3.5, "0 9 * * *": None},
        {"30 9 * * 3": 10.0, "* * * * *": 10.0},
    ],
    ids=str,
)
def test_each_cron_ticks_first_when_it_was_recorded(crons: dict[str, float | None]) -> None:
    assert first_ticks(crons) == crons


def test_a_case_without_crons_begins_with_a_second() -> None:
    assert start_of(case(function())) == START
