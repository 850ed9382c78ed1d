"""Fitting: what JSON may be a value of which annotation; what is not plain fits."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pydantic
import pytest

from dwf_sim.histories.fitting import fits, returned_by


class Charge(TypedDict):
    id: str
    note: NotRequired[str]


class Bill(pydantic.BaseModel):
    number: int
    text: str = ""


@pytest.mark.parametrize(
    ("hint", "good", "bad"),
    [
        (str, "x", 1),
        (int, 1, "1"),
        (int, 1, True),
        (float, 1, "1"),
        (bool, True, 1),
        (None, None, 0),
        (str | None, None, 1),
        (Literal["a", "b"], "a", "c"),
        (Annotated[int, "of something"], 1, "1"),
        (list[int], [1, 2], [1, "2"]),
        (list, [1, "2"], {"a": 1}),
        (tuple[int, str], [1, "2"], [1]),
        (tuple[int, ...], [1, 2, 3], [1, "2"]),
        (set[str], ["a"], "a"),
        (dict[str, int], {"a": 1}, {"a": "1"}),
        (Mapping[str, int], {"a": 1}, [1]),
        (Charge, {"id": "ch_1"}, {"note": "x"}),
        (Bill, {"number": 1}, {"text": "x"}),
    ],
)
def test_a_value_fits_what_it_may_be(hint: Any, good: object, bad: object) -> None:
    assert fits(good, hint)
    assert not fits(bad, hint)


@pytest.mark.parametrize("hint", [Any, object, datetime.date, "text"])
def test_what_is_not_plain_fits(hint: Any) -> None:
    assert fits({"anything": 1}, hint)


def test_the_annotation_is_that_of_the_innermost_function() -> None:
    def body(a: int, b: int) -> str:
        return str(a + b)

    def unknown() -> Nowhere:  # type: ignore[name-defined]  # noqa: F821  # It is not there.
        ...

    assert returned_by(partial(partial(body, 1), 2)) is str
    assert returned_by(unknown) is Any
    assert returned_by(lambda: 1) is Any
    assert returned_by(None) is Any
