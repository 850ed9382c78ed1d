"""Arrivals: what stands at the door of a function and may become a run."""

from __future__ import annotations

import attrs

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig

BY_EVENT, BY_INVOKE, BY_CRON, BY_RERUN = "event", "invoke", "cron", "rerun"


@attrs.frozen
class Arrival:
    """An event at the door of a function, or the events of a batch.

    `run_id` is the run it would start, `key` what makes it the same as another (B19), `start_at`
    the earliest instant at which the run may start (B24).
    """

    function: FunctionConfig
    events: tuple[StoredEvent, ...]
    run_id: str
    key: str
    start_at: int
    by: str = BY_EVENT
    is_batch: bool = False
    is_paused: bool = False

    @property
    def event(self) -> StoredEvent:
        """The first event, over which keys are evaluated (B66, B87, B109)."""
        return self.events[0]
