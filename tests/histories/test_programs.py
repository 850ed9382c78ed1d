"""Generated programs: replayed with the code that recorded them, every boundary is the same."""

from __future__ import annotations

import logging
import os

import attrs
import pytest

import dwf_sim as dwf
from dwf_sim.histories import Replayer, record
from tests.programs import Program, _app, make_program

# A longer run: DWF_REPLAYS=300, as `make soak` has it.
COUNT = int(os.environ.get("DWF_REPLAYS", "2"))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Steps of a group in a race leave asyncio complaints behind, in any simulation."""
    caplog.set_level(logging.CRITICAL, "asyncio")


@pytest.mark.parametrize("number", range(29, 29 + COUNT))
def test_code_that_has_not_changed_is_the_same_at_every_boundary(number: int) -> None:
    program = attrs.evolve(make_program(number), faults=(), interleave="fifo", flow={})
    app = _app(program)

    recording = record(app, lambda simulation: send(program, simulation), name="generated")

    for history in recording.histories:
        replayed = Replayer(history).replay(app)
        assert [each.title for each in replayed.verdicts if each.kind != "same"] == []


def send(program: Program, simulation: dwf.Simulation) -> None:
    """Send what a program is sent, when it is."""
    for at, name in program.sends:
        simulation.advance(at - (simulation.now_ms - simulation.start_ms))
        simulation.send(name, {"n": at})
