"""Recordings of the real server, played here: each case comes out as it did there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.playing import DRIVERS, driver_of
from dwf_sim.conformance.recordings import read_recording

HERE = Path(__file__).parent


def cases(driver: str) -> list[str]:
    """List the cases whose needs a driver has."""
    played_by = driver_of(driver)
    paths = sorted([*HERE.glob("oracle/*.json"), *HERE.glob("oracle-ts/*.json")])
    return [
        f"{path.parent.name}/{path.stem}"
        for path in paths
        if not played_by.lacks(read_recording(path))
    ]


@pytest.mark.parametrize(
    ("name", "driver"), [(name, driver) for driver in DRIVERS for name in cases(driver)]
)
def test_a_case_comes_out_as_it_was_recorded(name: str, driver: str) -> None:
    recording = read_recording(HERE / f"{name}.json")

    verdict = judge(recording, driver)

    assert verdict.difference is None


def test_both_drivers_play_all_recordings_of_the_python_sdk() -> None:
    recorded = sorted(f"oracle/{path.stem}" for path in HERE.glob("oracle/*.json"))

    assert cases("inngest") == recorded
    assert [name for name in cases("native") if name.startswith("oracle/")] == recorded


def test_the_native_driver_leaves_out_only_what_it_does_not_claim() -> None:
    native = driver_of("native")
    recordings = [read_recording(path) for path in sorted(HERE.glob("oracle-ts/*.json"))]
    lacking = {need for recording in recordings for need in native.lacks(recording)}

    assert sorted(lacking) == ["error-kinds", "ts-sdk-behaviour", "worker-faults"]
