"""Pausing: what arrives at a paused function starts nothing."""

from __future__ import annotations

import attrs
import pytest

from dwf_sim.flow.pausing import Pausing
from dwf_sim.model.verdicts import PASS, Skip
from tests.flow.door import NOW, arrival


@pytest.mark.rule("B131", "B134")
def test_an_arrival_at_a_paused_function_is_skipped() -> None:
    paused = attrs.evolve(arrival(), is_paused=True)

    assert Pausing().admit(NOW, paused) == Skip("the function is paused")


def test_any_other_is_let_in() -> None:
    assert Pausing().admit(NOW, arrival()) == PASS
