"""Plays generated programs by both drivers, which must give the same observation to the letter.

What happens at one instant has no order that means anything, and the vendor's SDK takes more turns
of the event loop than the native driver. So orders are compared by their times only; and a program
that comes out another way is left open when the native driver alone gives more than one outcome,
once the order within an instant is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

import attrs

from dwf_sim.conformance.differences import ABSENT
from dwf_sim.conformance.generating import generate
from dwf_sim.conformance.observation import observe
from dwf_sim.conformance.playing import play
from dwf_sim.conformance.recordings import Recording

NATIVE, VENDOR = "native", "inngest"

_ORDERS = ("run_start_order", "step_start_order")
_SHOWN = 200
_DRAWS = range(8)


@attrs.frozen
class Twin:
    """How one program did; `difference` is the first place where the drivers differ."""

    seed: int
    difference: str | None
    is_open: bool = False  # It depends on the order within an instant.


@attrs.frozen
class Twins:
    """How a row of programs did."""

    programs: tuple[Twin, ...]

    @property
    def open(self) -> list[Twin]:
        """Those that say nothing about the drivers."""
        return [twin for twin in self.programs if twin.is_open]

    @property
    def failures(self) -> list[Twin]:
        """Those on which the drivers differ."""
        return [twin for twin in self.programs if twin.difference and not twin.is_open]

    @property
    def exit_code(self) -> int:
        """The exit status of the command: 0 if the drivers agree, 1 if not."""
        return 1 if self.failures else 0

    def lines(self) -> list[str]:
        """Write each difference with what plays it again, and the sum."""
        again = "again: dwf-sim conform --generate 1 --seed"
        lines = [f"{twin.seed}: {twin.difference}; {again} {twin.seed}" for twin in self.failures]
        if self.open:
            seeds = ", ".join(str(twin.seed) for twin in self.open)
            lines.append(f"left open, since the order within an instant decides: {seeds}")
        count = len(self.programs)
        return [*lines, f"{count - len(self.failures) - len(self.open)} of {count} programs"]

    def table(self) -> Mapping[str, Any]:
        """Give the same as a value for JSON, with the programs that differ."""
        return {
            "programs": len(self.programs),
            "open": [twin.seed for twin in self.open],
            "failures": [
                {**attrs.asdict(twin), "functions": generate(twin.seed).functions}
                for twin in self.failures
            ],
        }


def compare_drivers(
    count: int, seed: int, *, told: Callable[[int, int], None] = lambda _done, _of: None
) -> Twins:
    """Play so many programs, those of the numbers from this one on, by both drivers.

    `told` is called before each of them with how many are done, and of how many.
    """
    found = []
    for number in range(seed, seed + count):
        told(number - seed, count)
        found.append(compare_on(generate(number), number))
    return Twins(tuple(found))


def compare_on(recording: Recording, number: int) -> Twin:
    """Play one program by both drivers."""
    native, vendor = (_observed(recording, driver) for driver in (NATIVE, VENDOR))
    difference = _difference("", native, vendor)
    if difference is None:
        return Twin(number, None)
    return Twin(number, difference, is_open=any(_varies(recording, seed) for seed in _DRAWS))


def _varies(recording: Recording, seed: int) -> bool:
    """Whether a drawn order within each instant makes a program come out another way."""
    first = _observed(recording, NATIVE, seed)
    return _observed(recording, NATIVE, seed, interleave="random") != first


def _observed(
    recording: Recording, driver: str, seed: int = 0, *, interleave: str = "fifo"
) -> dict[str, Any]:
    observed = observe(recording, play(recording, driver, seed=seed, interleave=interleave))
    return {key: content for key, content in observed.items() if key not in _ORDERS}


def _difference(path: str, native: Any, vendor: Any) -> str | None:
    """Say where two values differ first; None if they do not."""
    if native == vendor:
        return None
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(native, dict) and isinstance(vendor, dict):
        keys = dict.fromkeys([*native, *vendor])
        pairs = [
            (f"{path}.{key}".lstrip("."), native.get(key, ABSENT), vendor.get(key, ABSENT))
            for key in keys
        ]
    elif isinstance(native, list) and isinstance(vendor, list):
        facts = zip_longest(native, vendor, fillvalue=ABSENT)
        pairs = [(f"{path}[{place}]", *pair) for place, pair in enumerate(facts)]
    if not pairs:
        return f"{path}: native {_shown(native)}, inngest {_shown(vendor)}"
    return next(found for pair in pairs if (found := _difference(*pair)) is not None)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
