"""A burst of events: all come at one instant here, and still the older run goes on first."""

from __future__ import annotations

import attrs
import pytest

from dwf_sim.model.flow_control import Concurrency
from tests.engine.bench import Bench, function, ran


@pytest.mark.rule("B135", "B136", "B139")
def test_of_runs_created_at_one_instant_the_first_is_worked_off_first() -> None:
    bench = Bench(attrs.evolve(function(), concurrency=(Concurrency(limit=1),)))
    first, second = bench.start(), bench.start()

    bench.answer(ran("a"))
    bench.answer(ran("b"))

    assert [request.run_id for request in bench.requests] == [first.id] * 3
    assert second.status == "scheduled"
