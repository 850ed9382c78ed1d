"""The pytest plugin: fixtures only, loaded in every pytest run, so it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from dwf_sim import Simulation

_SCENARIOS = (".scenario.yaml", ".scenario.yml", ".scenario.json")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take scenario files for tests."""
    if not file_path.name.endswith(_SCENARIOS):
        return None
    from pytest_dwf_sim.collection import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.fixture
def durable_engine() -> Iterator[Simulation]:
    """A fresh `Simulation`, for sync and `async def` tests alike.

    Not for `@given` tests: Hypothesis runs the body many times, and each needs a world of its
    own; make `dwf_sim.Simulation()` in the body there.
    """
    from dwf_sim import Simulation

    with Simulation() as simulation:
        yield simulation
