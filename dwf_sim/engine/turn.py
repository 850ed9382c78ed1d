"""One turn: what the engine's parts share while a single message is handled."""

from __future__ import annotations

import attrs

from dwf_sim.engine.state import State
from dwf_sim.model.effects import Effect
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import Record


@attrs.define(eq=False)
class Turn:
    """The instant, the state to change, and the effects gathered so far, in order."""

    now: int
    state: State
    quirks: Quirks
    effects: list[Effect]

    def emit(self, record: Record) -> None:
        """Add a fact to what the world is told."""
        self.effects.append(record)
