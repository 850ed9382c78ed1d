"""Whatever goes wrong, no invariant is broken, and the same plan does the same again.

Invariants are checked by the simulation itself when nothing is left to happen.

`DWF_PLANS` says how many random plans are tried; the soak test tries 10,000.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dwf_sim.faults import FAULTS, FaultPlan
from tests.faults.plans import make_trial
from tests.faults.shapes import SHAPES

COUNT = int(os.environ.get("DWF_PLANS", "60"))
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_a_random_plan_breaks_no_invariant_and_does_the_same_again(part: int) -> None:
    for number in range(part, COUNT, PARTS):
        trial = make_trial(number)
        simulation = trial.run()

        assert simulation.trace.digest() == trial.run().trace.digest(), trial


def test_so_it_does_in_another_process() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "tests.faults.plans", "0", "20"],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert printed.stdout.split() == [make_trial(n).run().trace.digest() for n in range(20)]


def test_plans_are_of_all_sorts() -> None:
    trials = [make_trial(number) for number in range(300)]

    assert {trial.shape for trial in trials} == {*SHAPES}
    assert {trial.driver for trial in trials} == {"native", "sdk"}
    kinds = {fault.kind_name for trial in trials for fault in trial.faults}
    unused = {kind for each in FAULTS for kind in each.KINDS} - kinds
    assert unused == {"deploy.new_version"}  # It has tests of its own.


def test_a_random_plan_can_be_stored() -> None:
    for number in range(100):
        plan = make_trial(number).faults
        assert FaultPlan.from_json(plan.to_json()) == plan
