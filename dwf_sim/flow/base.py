"""The contract of a flow-control policy: it answers a verdict and knows nothing of the engine."""

from __future__ import annotations

from typing import Protocol

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.value import value
from dwf_sim.model.verdicts import Verdict


@value
class Arrival:
    """An event at the door of a function; `run_id` is the run it would start."""

    function: FunctionConfig
    event: StoredEvent
    run_id: str


class Admission(Protocol):
    """Decides whether an arrival becomes a run. Each engine holds its own instance."""

    name: str

    def __init__(self) -> None: ...

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Answer for this arrival; a pass may be remembered."""
        ...
