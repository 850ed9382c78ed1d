"""The plan: which faults a simulation has, as plain data that reads as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import Fault


def _as_tuple(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    given = tuple(faults)
    for fault in given:
        if not isinstance(fault, Fault):
            raise ConfigError(
                f"fault is {fault!r}; a plan holds faults such as crash.after_effect('charge')"
            )
    return given


@attrs.frozen
class FaultPlan:
    """Faults in the order in which they are asked: `FaultPlan([crash.after_effect("charge")])`.

    The plan and the seed are the only things that make one run of a simulation differ from
    another.
    """

    faults: tuple[Fault, ...] = attrs.field(default=(), converter=_as_tuple)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def __bool__(self) -> bool:
        return bool(self.faults)

    def __str__(self) -> str:
        return "; ".join(map(str, self.faults)) or "no faults"
