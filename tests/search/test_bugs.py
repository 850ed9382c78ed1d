"""The bugs of examples/bugs are found by explore as it is, and not in the functions beside them.

`make test` searches with seed 0 for those that are found soon, and certifies each mended function;
DWF_BUGS says for how many seeds, from 0, everything is searched.
"""

from __future__ import annotations

import os
import statistics

import pytest

import dwf_sim as dwf
from tests.search.bugs import FAULTS_MAX, NAMES, RUNS_MAX, SEEDS, changes, module_of, says, search
from tests.search.table import shown, written

SEED_COUNT = int(os.environ.get("DWF_BUGS", "0"))
SOON = 15  # Runs: the others take seconds to find and to shrink; make soak has them.


def test_there_are_twenty_four_bugs_and_each_is_in_the_table() -> None:
    assert len(NAMES) == 24
    assert tuple(written()) == NAMES


@pytest.mark.parametrize(
    "name", [name for name, cells in written().items() if SEED_COUNT or int(cells[2]) <= SOON]
)
def test_a_bug_is_found_and_shrunk_as_the_table_says(name: str) -> None:
    searches = [search(name, "buggy", seed) for seed in range(max(1, SEED_COUNT))]

    bug, median, most, *first = written()[name]
    counts = [found.found_at[0] for found in searches]
    assert bug == f"`{name}`: {says(name)}"
    assert tuple(first) == shown(searches[0])
    assert max(counts) <= int(most) <= RUNS_MAX
    assert max(map(changes, searches)) <= FAULTS_MAX
    if len(counts) == len(SEEDS):
        assert (statistics.median(counts), max(counts)) == (float(median), int(most))


@pytest.mark.parametrize("name", NAMES)
def test_each_crash_of_the_mended_function_holds(name: str) -> None:
    module = module_of(name)

    found = dwf.certify(module.mended, events=getattr(module, "EVENTS", ()), pairs=False)

    assert found.holds, str(found)
    assert not found.unplayable


@pytest.mark.skipif(not SEED_COUNT, reason="thousands of runs take minutes; make soak has them")
@pytest.mark.parametrize("name", NAMES)
def test_the_mended_function_holds_whatever_is_searched(name: str) -> None:
    for seed in range(SEED_COUNT):
        found = search(name, "mended", seed)

        assert found.holds, f"seed {seed}: {found}"
        assert found.runs == RUNS_MAX
