"""The pytest plugin: fixtures only, loaded in every pytest run, so it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dwf_sim import Simulation


@pytest.fixture
def durable_engine() -> Iterator[Simulation]:
    """A fresh `Simulation`, for sync and `async def` tests alike.

    Not for `@given` tests: Hypothesis runs the body many times, and each needs a world of its
    own; make `dwf_sim.Simulation()` in the body there.
    """
    from dwf_sim import Simulation

    with Simulation() as simulation:
        yield simulation
