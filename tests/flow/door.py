"""The door of a function: arrivals for policies that are tested without an engine."""

from __future__ import annotations

from typing import Any

from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import BY_EVENT, Arrival
from dwf_sim.model.event import Event, store_event
from dwf_sim.model.function import FunctionConfig, TriggerEvent
from dwf_sim.model.verdicts import Verdict

NOW = 1_893_456_000_000  # A whole second.
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def arrival(
    data: dict[str, object] | None = None,
    *,
    at: int = 0,
    number: int = 1,
    function: str = "app-f",
    ts: int | None = None,
    event_id: str = "",
    by: str = BY_EVENT,
    is_batch: bool = False,
    **settings: Any,
) -> Arrival:
    """Make an arrival, so many milliseconds after NOW, of event `e<number>` for run `r<number>`."""
    config = FunctionConfig(function, "app", function, (TriggerEvent("go"),), **settings)
    stamp = NOW + (at if ts is None else ts)
    event = store_event(
        Event("go", data or {}, id=event_id, ts=stamp), internal_id=f"e{number}", now=NOW + at
    )
    return Arrival(
        config, (event,), f"r{number}", event.id, max(NOW + at, event.ts), by, is_batch=is_batch
    )


def ask(policy: Admission, at: int, **given: Any) -> Verdict:
    """Let something arrive at an instant after NOW."""
    return policy.admit(NOW + at, arrival(at=at, **given))
