"""The plan: which faults a simulation has, as plain data that reads as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import stored
from dwf_sim.faults.acknowledgement import LoseAck
from dwf_sim.faults.base import Fault
from dwf_sim.faults.clock import ClockSet
from dwf_sim.faults.crash import Crash
from dwf_sim.faults.deploy import NewVersion
from dwf_sim.faults.events import EventFault
from dwf_sim.faults.functions import Pause
from dwf_sim.faults.response import (
    DelayResponse,
    LoseResponse,
    RepeatResponse,
    ReplaceResponse,
)
from dwf_sim.faults.server import RestartEngine
from dwf_sim.faults.steps import SlowStep
from dwf_sim.faults.storm import Storm
from dwf_sim.faults.timers import LateTimer
from dwf_sim.faults.worker import CutOffWorker, RestartWorker
from dwf_sim.given import shown

FAULTS: tuple[type[Fault], ...] = (
    Crash,
    LoseResponse,
    RepeatResponse,
    DelayResponse,
    ReplaceResponse,
    RestartWorker,
    CutOffWorker,
    RestartEngine,
    Storm,
    SlowStep,
    LateTimer,
    EventFault,
    LoseAck,
    ClockSet,
    NewVersion,
    Pause,
)
"""Every kind of fault that a plan can hold."""


def _as_tuple(faults: Fault | Iterable[Fault]) -> tuple[Fault, ...]:
    given: object = faults  # Users who do not check types give texts as well.
    if isinstance(given, str) or not isinstance(given, Iterable):
        given = (given,)
    return tuple(_checked(fault) for fault in given)


def _checked(given: object) -> Fault:
    if any(kind.__name__ == "Simulation" for kind in type(given).__mro__):
        raise ConfigError(
            "fault is a simulation: a plan holds faults. certify and explore give their play a "
            "simulation, with the faults in it; what takes a plan is a play for check_recovery"
        )
    if not isinstance(given, FAULTS):
        raise ConfigError(
            f"fault is {shown(given)}; a plan holds faults such as crash.after_effect('charge')"
        )
    return given


@attrs.frozen
class FaultPlan:
    """Faults in the order in which they are asked: `FaultPlan([crash.after_effect("charge")])`.

    The plan and the seed are the only things that make one run of a simulation differ from
    another. Raises `ConfigError` for what is no fault.
    """

    faults: tuple[Fault, ...] = attrs.field(default=(), converter=_as_tuple)

    def to_json(self) -> str:
        """Write the plan as JSON, with the number of its format.

        Raises `ConfigError` for a fault that holds an app as an object.
        """
        return stored.write(self.faults)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a plan. Raises `ConfigError` that says which fault and which field cannot be."""
        return cls(stored.read(text, FAULTS))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def __bool__(self) -> bool:
        return bool(self.faults)

    def __str__(self) -> str:
        return "; ".join(map(str, self.faults)) or "no faults"
