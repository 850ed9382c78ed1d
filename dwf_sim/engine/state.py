"""Everything the engine knows: one mutable container, written only while it handles a message."""

from __future__ import annotations

from collections import deque

import attrs

from dwf_sim.engine.runs import Runs
from dwf_sim.engine.triggers import TriggerIndex
from dwf_sim.flow import ADMISSION, Admission
from dwf_sim.model.ids import Mint
from dwf_sim.model.run import Cancellation, Item, Pause


def _policies() -> tuple[Admission, ...]:
    return tuple(policy() for policy in ADMISSION)


@attrs.define(eq=False)
class State:
    """Runs, the queue, and what runs wait for.

    An item is in exactly one of `ready`, `waiting` (its time has not come) and `leased` (a worker
    has it, found by the request's number). `run.items` holds it while it is ready or waiting.
    """

    mint: Mint = attrs.field(factory=Mint)
    triggers: TriggerIndex = attrs.field(factory=TriggerIndex)
    admission: tuple[Admission, ...] = attrs.field(factory=_policies)
    runs: Runs = attrs.field(init=False)
    runs_of: dict[str, int] = attrs.field(factory=dict)  # How many runs a function has had.
    ready: deque[Item] = attrs.field(factory=deque)
    waiting: dict[int, Item] = attrs.field(factory=dict)
    leased: dict[int, Item] = attrs.field(factory=dict)
    event_waits: dict[str, dict[tuple[str, str], Pause]] = attrs.field(factory=dict)
    signal_waits: dict[str, Pause] = attrs.field(factory=dict)
    invoke_waits: dict[str, Pause] = attrs.field(factory=dict)
    # By event name, then by run and place in its list.
    cancellations: dict[str, dict[tuple[str, int], Cancellation]] = attrs.field(factory=dict)
    items_made: int = 0
    requests_made: int = 0

    def __attrs_post_init__(self) -> None:
        self.runs = Runs(self.triggers.functions)
