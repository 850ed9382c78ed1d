"""Recordings of the real server, played here: each case comes out as it did there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.recordings import read_recording

FOLDER = Path(__file__).parent / "oracle"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))

# Cases that come out another way, and why. A case that begins to agree must leave this table.
DIFFERING = {
    "config_timeouts_bad": "a timeout that cannot be read is refused here; the server ignores it",
}


def marked(name: str) -> object:
    reason = DIFFERING.get(name)
    return pytest.param(name, marks=() if reason is None else pytest.mark.xfail(reason=reason))


@pytest.mark.parametrize("name", [marked(name) for name in CASES])
def test_a_case_comes_out_as_it_was_recorded(name: str) -> None:
    recording = read_recording(FOLDER / f"{name}.json")

    verdict = judge(recording)

    assert verdict.difference is None


def test_the_table_of_differing_cases_names_cases() -> None:
    assert sorted(set(DIFFERING) - set(CASES)) == []
