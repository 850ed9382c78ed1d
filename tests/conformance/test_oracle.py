"""Recordings of the real server, played here: each case comes out as it did there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.playing import DRIVERS, driver_of
from dwf_sim.conformance.recordings import read_recording

HERE = Path(__file__).parent

THROWN = "what a step raises on purpose goes through the handler, as in the Python SDK (A67)"
CAUSE = "errors have no cause here, and no other kinds than those of the Python SDK"
NO_ERROR = "a failure handler is given no error besides its event, as in the Python SDK"
# Cases that come out another way, and why. A case that begins to agree must leave this table.
DIFFERING = {
    "oracle-ts/attempt_values": THROWN,
    "oracle-ts/attempt_values_off": THROWN,
    "oracle-ts/cancel_api_in_the_middle": "the API shows the output of an answer too late",
    "oracle-ts/crash_exhausted": NO_ERROR,
    "oracle-ts/crash_retries_0": NO_ERROR,
    "oracle-ts/fail_in_the_middle": THROWN,
    "oracle-ts/fail_in_the_middle_buffered": THROWN,
    "oracle-ts/fail_in_the_middle_off": THROWN,
    "oracle-ts/handler_error_cause": CAUSE,
    "oracle-ts/non_retriable_in_handler": CAUSE,
    "oracle-ts/non_retriable_in_step": THROWN,
    "oracle-ts/non_retriable_in_step_uncaught": THROWN,
    "oracle-ts/non_retriable_subclass": CAUSE,
    "oracle-ts/on_failure_payload": NO_ERROR,
    "oracle-ts/on_failure_retries": "a failure handler is tried once, as in the Python SDK (A165)",
    "oracle-ts/retry_after_date": THROWN,
    "oracle-ts/retry_after_number": THROWN,
    "oracle-ts/retry_after_string": THROWN,
    "oracle-ts/retry_in_branch": THROWN,
    "oracle-ts/step_error_rethrown": THROWN,
    "oracle-ts/step_error_uncaught_retries": THROWN,
}


def cases(driver: str) -> list[str]:
    """List the cases whose needs a driver has."""
    played_by = driver_of(driver)
    paths = sorted([*HERE.glob("oracle/*.json"), *HERE.glob("oracle-ts/*.json")])
    return [
        f"{path.parent.name}/{path.stem}"
        for path in paths
        if not played_by.lacks(read_recording(path))
    ]


def marked(name: str, driver: str) -> object:
    reason = DIFFERING.get(name)
    marks = () if reason is None else pytest.mark.xfail(reason=reason)
    return pytest.param(name, driver, marks=marks)


@pytest.mark.parametrize(
    ("name", "driver"), [marked(name, driver) for driver in DRIVERS for name in cases(driver)]
)
def test_a_case_comes_out_as_it_was_recorded(name: str, driver: str) -> None:
    recording = read_recording(HERE / f"{name}.json")

    verdict = judge(recording, driver)

    assert verdict.difference is None


def test_both_drivers_play_all_recordings_of_the_python_sdk() -> None:
    recorded = sorted(f"oracle/{path.stem}" for path in HERE.glob("oracle/*.json"))

    assert cases("inngest") == recorded
    assert [name for name in cases("native") if name.startswith("oracle/")] == recorded


def test_the_table_of_differing_cases_names_cases() -> None:
    assert sorted(set(DIFFERING) - set(cases("native"))) == []
