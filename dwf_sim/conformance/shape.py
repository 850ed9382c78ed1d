"""Shapes: what JSON must look like, so that a damaged file is told by the place of the damage."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dwf_sim.errors import UsageError

Shape: TypeAlias = Callable[[str, Any], None]
"""Takes a path and what stands there; raises `ShapeError` for what may not."""

_SHOWN = 80


class ShapeError(UsageError):
    """A place of a file that holds what may not stand there, or lacks what must."""


def wrong(path: str, value: Any, allowed: str) -> ShapeError:
    """Make the error for a place that holds something else than is allowed."""
    told = repr(value)
    told = told if len(told) <= _SHOWN else f"{told[:_SHOWN]}…"
    return ShapeError(f"{path} is {told}; it must be {allowed}: mend it or record it again")


def anything(_path: str, _value: Any) -> None:
    """Take whatever there is."""


def text(path: str, value: Any) -> None:
    """Take a text."""
    if not isinstance(value, str):
        raise wrong(path, value, "a text")


def name(path: str, value: Any) -> None:
    """Take a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise wrong(path, value, "a text that is not empty")


def flag(path: str, value: Any) -> None:
    """Take true or false."""
    if not isinstance(value, bool):
        raise wrong(path, value, "true or false")


def integer(path: str, value: Any) -> None:
    """Take a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(path, value, "a whole number")


def count(path: str, value: Any) -> None:
    """Take a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(path, value, "a whole number from 0")


def number(path: str, value: Any) -> None:
    """Take a number that is finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong(path, value, "a number")


def interval(path: str, value: Any) -> None:
    """Take the least and the greatest of some instants, in seconds."""
    is_pair = isinstance(value, list) and len(value) == 2
    for place, end in enumerate(value) if is_pair else ():
        number(f"{path}[{place}]", end)
    if not is_pair or value[0] > value[1]:
        raise wrong(path, value, "two numbers, the lesser first")


def one_of(*words: str) -> Shape:
    """Take one of these texts."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, str) or value not in words:
            raise wrong(path, value, f"one of {', '.join(words)}")

    return check


def or_null(shape: Shape) -> Shape:
    """Take null, too."""

    def check(path: str, value: Any) -> None:
        if value is not None:
            shape(path, value)

    return check


def stable(shape: Shape, sample: Shape = anything) -> Shape:
    """Take what was not the same each time, too, with samples of another shape."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, Mapping) or value.keys() != {"unstable"}:
            shape(path, value)
        elif not isinstance(value["unstable"], list) or not value["unstable"]:
            raise wrong(f"{path}.unstable", value["unstable"], "a list of samples")
        else:
            rows(sample)(f"{path}.unstable", value["unstable"])

    return check


def rows(shape: Shape) -> Shape:
    """Take a list of such."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, list):
            raise wrong(path, value, "a list")
        for place, item in enumerate(value):
            shape(f"{path}[{place}]", item)

    return check


def table(
    required: Mapping[str, Shape],
    optional: Mapping[str, Shape] | None = None,
    *,
    is_open: bool = False,
) -> Shape:
    """Take an object with these keys, and with others if it is open."""
    known = {**required, **(optional or {})}

    def check(path: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise wrong(path or "the file", value, "an object")
        absent = [key for key in required if key not in value]
        if absent:
            where = f"{path}.{absent[0]}".lstrip(".")
            raise ShapeError(f"{where} is absent; it must be there: mend it or record it again")
        unknown = [key for key in value if key not in known]
        if unknown and not is_open:
            where = f"{path}.{unknown[0]}".lstrip(".")
            raise ShapeError(
                f"{where} is not known; known are {', '.join(known)}: correct the word"
            )
        for key, content in value.items():
            if key in known:
                known[key](f"{path}.{key}".lstrip("."), content)

    return check
