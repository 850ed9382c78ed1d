"""Choices: named streams of chance that do not disturb each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dwf_sim.sim.choices import Choices


def test_draws_of_one_stream_do_not_move_another() -> None:
    alone, beside = Choices(7), Choices(7)
    expected = [alone.integer("a", 0, 999) for _ in range(5)]

    mixed = []
    for _ in range(5):
        beside.integer("b", 0, 5)
        mixed.append(beside.integer("a", 0, 999))

    assert mixed == expected


@given(st.integers(), st.text(), st.integers(-1000, 1000), st.integers(0, 10**6))
def test_a_draw_lies_within_its_bounds(seed: int, stream: str, low: int, width: int) -> None:
    drawn = Choices(seed).integer(stream, low, low + width)

    assert low <= drawn <= low + width


def test_all_values_come_up() -> None:
    choices = Choices(0)

    assert {choices.integer("die", 1, 6) for _ in range(200)} == {1, 2, 3, 4, 5, 6}
