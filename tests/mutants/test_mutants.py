"""Each wrong engine and each wrong function is noticed, by whom it is listed with."""

from __future__ import annotations

import pytest

from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep
from tests.mutants.museum import ENGINES, MOCKS
from tests.mutants.mutant import MUTANTS, Mutant, noticed
from tests.mutants.table import PAGE, page


@pytest.mark.parametrize("mutant", MUTANTS, ids=[each.name for each in MUTANTS])
def test_a_mutant_is_noticed_in_a_story_in_which_all_is_well_without_it(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert noticed(mutant.story) == ""

    mutant.plant(monkeypatch)

    assert noticed(mutant.story).startswith(f"{mutant.notice}: ")


def test_each_invariant_has_a_mutant() -> None:
    kinds = {kind.name for kind in (*INVARIANTS, EffectsOncePerStep)}

    assert kinds - {each.notice for each in MUTANTS} == set()


def test_each_exhibit_of_the_museum_is_planted_or_says_why_not() -> None:
    names = {each.name for each in MUTANTS}

    for exhibit in (*ENGINES, *MOCKS):
        assert bool(exhibit.mutants) != bool(exhibit.why_none), exhibit
        assert names.issuperset(exhibit.mutants), exhibit


def test_the_page_lists_all_of_them() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.mutants.table`"


def test_no_two_mutants_have_one_name() -> None:
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
