"""One turn: what the engine's parts share while a single message is handled."""

from __future__ import annotations

from collections.abc import Callable

from dwf_sim.engine.state import State
from dwf_sim.model.effects import Effect
from dwf_sim.model.limits import Limits
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import Record
from dwf_sim.model.run import Item


class Turn:
    """The instant, the state to change, and the effects gathered so far, in order.

    `emit` adds a fact to what the world is told.
    """

    __slots__ = ("delayed", "effects", "emit", "fresh", "limits", "now", "quirks", "state")

    def __init__(self, now: int, state: State, quirks: Quirks, limits: Limits) -> None:
        self.now = now
        self.state = state
        self.quirks = quirks
        self.limits = limits
        self.effects: list[Effect] = []
        self.fresh: list[Item] = []  # Items that have become due in this turn,
        self.delayed: list[Item] = []  # and those of them that did not go straight through.
        self.emit: Callable[[Record], None] = self.effects.append
