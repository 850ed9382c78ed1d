"""The recursion limits of cel-go hold to the level."""

from __future__ import annotations

import pytest

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import check_parses


@pytest.mark.parametrize(
    ("opening", "closing", "count"),
    [
        ("(", ")", 249),
        ("[", "]", 249),
        ("size(", ")", 249),
        ("x + ", "", 250),
        ("x.", "", 250),
        ("(x + ", ")", 124),
        ("a ? b : ", "", 249),
    ],
)
def test_one_level_more_is_refused(opening: str, closing: str, count: int) -> None:
    # given a text at the limit and one beyond
    at_limit = opening * count + "x" + closing * count
    beyond = opening * (count + 1) + "x" + closing * (count + 1)

    # when they are compiled, then only the first one is accepted
    check_parses(at_limit)
    with pytest.raises(ExpressionError, match="nests more than 250"):
        check_parses(beyond)


def test_chains_of_logic_may_be_long() -> None:
    check_parses(" && ".join(["event.data.x == 1"] * 500))
