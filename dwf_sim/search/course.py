"""A course: all that makes one run of a subject differ from another, as plain data.

What a search finds is a course, and what is replayed is the course, not the seed it came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.given import shown

Pairs = tuple[tuple[int, int], ...]


def _as_numbers(given: Iterable[int]) -> tuple[int, ...]:
    return tuple(given)


def _as_pairs(given: Iterable[Iterable[int]]) -> Pairs:
    return tuple((first, second) for first, second in given)


def _is_number(given: object) -> bool:
    return type(given) is int


def _are_numbers(given: object) -> bool:
    return isinstance(given, list) and all(map(_is_number, given))


def _are_pairs(given: object) -> bool:
    return isinstance(given, list) and all(_are_numbers(each) and len(each) == 2 for each in given)


# What the fields of a stored one are, but for the faults.
_PAIRS = ("a list of pairs of whole numbers", _are_pairs)
_SHAPES = {
    "seed": ("a whole number", _is_number),
    "turns": _PAIRS,
    "left_out": ("a list of whole numbers", _are_numbers),
    "pauses": _PAIRS,
}


@attrs.frozen(kw_only=True)
class Course:
    """What is done to a subject: faults, who goes next, and what its play does less or sooner.

    `turns` says at which choice, counted from 0, another than the first of the callbacks that are
    ready goes next, and which, by its place among them. `left_out` are the events that the play
    does not send, by number; `pauses` replace the play's calls of `advance`: number, milliseconds.
    """

    seed: int = 0
    faults: tuple[Fault, ...] = ()
    turns: Pairs = attrs.field(default=(), converter=_as_pairs)
    left_out: tuple[int, ...] = attrs.field(default=(), converter=_as_numbers)
    pauses: Pairs = attrs.field(default=(), converter=_as_pairs)

    @property
    def input(self) -> tuple[object, ...]:
        """What it changes of what the play does; courses of the same input can be compared."""
        return self.seed, self.left_out, self.pauses

    @property
    def calm(self) -> Course:
        """The same play, with nothing that goes wrong."""
        return Course(seed=self.seed, left_out=self.left_out, pauses=self.pauses)

    def as_json(self) -> dict[str, Any]:
        """The course as JSON has it. Raises `ConfigError` for a fault that holds an object."""
        return {
            "seed": self.seed,
            "faults": json.loads(FaultPlan(self.faults).to_json()),
            "turns": [list(pair) for pair in self.turns],
            "left_out": list(self.left_out),
            "pauses": [list(pair) for pair in self.pauses],
        }

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Self:
        """Read a course. Raises `ConfigError` that says what cannot be."""
        names = {field.name for field in attrs.fields(cls)}
        if not isinstance(given, Mapping) or set(given) != names:
            raise ConfigError(
                f"a course is {shown(given)}; it is an object of the fields "
                f"{', '.join(sorted(names))}"
            )
        for name, (what, is_so) in _SHAPES.items():
            if not is_so(given[name]):
                raise ConfigError(f"{name} of a course is {shown(given[name])}; it is {what}")
        plan = FaultPlan.from_json(json.dumps(given["faults"]))
        try:
            return cls(**{**given, "faults": plan.faults})
        except (TypeError, ValueError) as error:
            raise ConfigError(f"a course is {shown(given)}; {error}") from None

    def __str__(self) -> str:
        """Read as a sentence what goes wrong; what the play does less or sooner is its input."""
        parts = [str(fault) for fault in self.faults]
        if self.turns:
            parts.append(f"let a callback go before its turn, {times(len(self.turns))}")
        return "; ".join(parts) or "nothing goes wrong"


def times(count: int) -> str:
    """Write how often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
