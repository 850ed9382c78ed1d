"""A trial: one way to play a world, which is what is sent when, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from dwf_sim.duration import format_duration
from dwf_sim.faults import FaultPlan
from dwf_sim.given import check_keywords, keywords_of
from dwf_sim.model.event import Event
from dwf_sim.strategies.aims import aim
from dwf_sim.strategies.subject import SETTINGS, Subject
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import Sent


@attrs.frozen
class Send:
    """An event that is sent so many milliseconds after the start."""

    at: int
    event: Event

    def __str__(self) -> str:
        """Write it as the code that makes it."""
        written = self.event.code
        return written if not self.at else f"({format_duration(self.at)!r}, {written})"


@attrs.frozen
class Played:
    """A trial that was played: its world, and what each send gave."""

    simulation: Simulation
    sent: tuple[Sent, ...]


@attrs.frozen
class Trial:
    """What is sent, each event so long after the start, and what goes wrong."""

    sends: tuple[Send, ...]
    faults: FaultPlan = attrs.field(factory=FaultPlan)

    def play(
        self, fn: Any, *, setup: Callable[[], object] | None = None, seed: int = 0, **settings: Any
    ) -> Simulation:
        """Play it with these functions until nothing is left to happen, and give that world.

        Keywords are as for `scenarios`. Raises `InvariantViolated` for an invariant that is broken,
        `ConfigError` for a keyword that there is not.
        """
        check_keywords("Trial.play", settings, (*keywords_of(Trial.play), *SETTINGS))
        simulation = Subject(fn, setup, seed, settings).world(faults=self.faults)
        self.play_in(simulation)
        aim(simulation)
        return simulation

    def play_in(self, simulation: Simulation) -> tuple[Sent, ...]:
        """Send what is to be sent, and let time go on until nothing is left to happen."""
        sent = []
        for send in self.sends:
            elapsed = simulation.now_ms - simulation.start_ms
            if send.at > elapsed:
                simulation.advance(send.at - elapsed)
            sent.append(simulation.send(send.event))
        simulation.run_until_idle()
        return tuple(sent)

    def __str__(self) -> str:
        sends = ", ".join(
            f"{send.event.name} after {format_duration(send.at)}" if send.at else send.event.name
            for send in self.sends
        )
        return f"send {sends or 'nothing'}; {self.faults}"
