"""Each kind of fault strikes in a simulation that would be well without it, and it is noted."""

from __future__ import annotations

import pytest

from dwf_sim.faults import FAULTS
from dwf_sim.model.records import FaultStruck
from tests.faults.examples import EXAMPLES
from tests.faults.shapes import play


@pytest.mark.parametrize("kind", [kind for each in FAULTS for kind in each.KINDS])
def test_each_kind_strikes_and_is_noted(kind: str) -> None:
    assert kind in EXAMPLES, f"give an example of {kind} in tests/faults/examples.py"
    shape, fault = EXAMPLES[kind]
    assert fault.kind_name == kind

    simulation = play(shape, "native", faults=fault)

    assert simulation.faults_struck[0].fault == fault
    assert str(fault) in [record.fault for record in simulation.trace.of(FaultStruck)]
    assert simulation.trace.digest() != play(shape, "native").trace.digest()


def test_there_is_no_example_of_a_kind_that_is_not() -> None:
    assert {*EXAMPLES} == {kind for each in FAULTS for kind in each.KINDS}
