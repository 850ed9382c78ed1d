"""Each wrong engine is noticed, by the invariant that is meant for it."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim.invariants import INVARIANTS
from tests.mutants import of_events, of_runs
from tests.mutants.mutant import MUTANTS, Mutant

assert of_runs, of_events  # They fill the list.


@pytest.mark.parametrize("mutant", MUTANTS, ids=[each.name for each in MUTANTS])
def test_a_mutant_is_noticed_in_a_story_in_which_all_is_well_without_it(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.story()

    mutant.plant(monkeypatch)

    with pytest.raises(dwf.InvariantViolated) as caught:
        mutant.story()
    assert str(caught.value).startswith(f"{mutant.invariant}: ")
    assert caught.value.seq is not None


def test_each_invariant_has_a_mutant() -> None:
    assert {each.invariant for each in MUTANTS} == {kind.name for kind in INVARIANTS}
