"""Zones in the dates of expressions, where Go's own reading is not what one would think."""

from __future__ import annotations

import pytest

from dwf_sim.dates import parse_date
from dwf_sim.errors import EvaluationError
from dwf_sim.expressions import compile_expression


@pytest.mark.rule("B217")
@pytest.mark.parametrize(
    "text",
    [
        "Tuesday, 02-Jan-24 03:04:05 GMT+3",
        "2024-01-02 03:04:05 +0900 UTC",
        "Tuesday, 02-Jan-24 03:04:05 UTC",
    ],
)
def test_a_zone_by_name_does_not_move_the_instant(text: str) -> None:
    same = compile_expression(f"date('{text}') == timestamp('2024-01-02T03:04:05Z')")

    assert same.truth({}) is True
    assert parse_date(text) == parse_date("2024-01-02T03:04:05Z")


@pytest.mark.rule("B217")
@pytest.mark.parametrize(
    "text", ["Tuesday, 02-Jan-24 03:04:05 GMT+30", "2024-01-02 03:04:05 +9000 UTC"]
)
def test_an_offset_out_of_range_is_no_date(text: str) -> None:
    with pytest.raises(EvaluationError):
        compile_expression(f"date('{text}') == timestamp('2024-01-02T03:04:05Z')").truth({})
    assert parse_date(text) is None
