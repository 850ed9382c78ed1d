"""Recordings of the real server, played here: each case comes out as it did there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.playing import DRIVERS, driver_of
from dwf_sim.conformance.recordings import read_recording

HERE = Path(__file__).parent

# By what they need; `docs/fidelity.md` says why nobody here has it.
LEFT_OUT = {
    "error-kinds": """
        handler_error_cause non_retriable_in_handler non_retriable_subclass
    """,
    "error-kinds, ts-sdk-behaviour": """
        step_error_cause throw_null_handler throw_null_step throw_object_handler
        throw_object_step throw_string_handler throw_string_step
    """,
    "ts-sdk-behaviour": """
        nested_run nested_sleep on_failure_payload output_bigint output_circular
        output_function output_function_off output_types_nested output_types_one
        send_event_shape sleep_1_5s sleep_1h30m sleep_2_seconds sleep_500ms sleep_empty
        sleep_number_0 sleep_number_1500 sleep_number_400 step_error_shape
        ts_sleep_until_bad_text wait_timeout_bad wait_timeout_compound
    """,
    "worker-faults": """
        connection_refused_first crash_in_handler gateway_200_html gateway_500 gateway_502
        gateway_502_retries_0 gateway_json_500 response_delayed response_lost
        response_lost_off
    """,
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


def _played(name: str, driver: str) -> ParameterSet:
    """Leave out what takes as long as hundreds of other cases, unless all is asked for."""
    is_long = (name, driver) == ("oracle/step_limit", "inngest")
    why = "a thousand steps of the SDK, each after all before it: set DWF_ALL=1, as make soak does"
    is_left_out = is_long and "DWF_ALL" not in os.environ
    return pytest.param(name, driver, marks=pytest.mark.skipif(is_left_out, reason=why))


@pytest.mark.parametrize(
    ("name", "driver"), [_played(name, driver) for driver in DRIVERS for name in cases(driver)]
)
def test_a_case_comes_out_as_it_was_recorded(name: str, driver: str) -> None:
    recording = read_recording(HERE / f"{name}.json")

    verdict = judge(recording, driver)

    assert verdict.difference is None


def test_both_drivers_play_all_recordings_of_the_python_sdk() -> None:
    recorded = sorted(f"oracle/{path.stem}" for path in HERE.glob("oracle/*.json"))

    assert cases("inngest") == recorded
    assert [name for name in cases("native") if name.startswith("oracle/")] == recorded


def test_the_native_driver_leaves_out_these_cases_and_no_other() -> None:
    native = driver_of("native")
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("oracle-ts/*.json")):
        if lacks := native.lacks(read_recording(path)):
            found.setdefault(", ".join(sorted(lacks)), []).append(path.stem)

    assert found == {needs: names.split() for needs, names in LEFT_OUT.items()}
