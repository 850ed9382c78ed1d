"""The wire: every message between producers, engine and workers crosses it; faults act here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dwf_sim.faults.base import EVENT, RESPONSE, Delayed, Delivery, Fault, Site
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import Ops, Response, Returned
from dwf_sim.model.ops import label_of


class Strikes(Protocol):
    """Asks whether a fault strikes at a site."""

    def strike(self, site: Site) -> Fault | None: ...


def carry_response(
    plan: Strikes, response: Response, run: str, attempt: int
) -> tuple[tuple[Delayed, ...], tuple[Fault, Site] | None]:
    """Carry a worker's response to the engine: what arrives, and what struck it."""
    for step in reported(response):
        site = Site(run, step, attempt, RESPONSE)
        fault = plan.strike(site)
        if fault is not None:
            return fault.answer(response), (fault, site)
    return (Delayed(response),), None


def carry_event(
    plan: Strikes, event: StoredEvent, nth: int, mint: Callable[[], str]
) -> tuple[tuple[Delivery, ...], tuple[Fault, Site] | None]:
    """Carry an event, the n-th of its name, to the engine: what arrives, and what struck it."""
    site = Site("", event.name, 0, EVENT, nth)
    fault = plan.strike(site)
    if fault is None:
        return (Delivery(event),), None
    return fault.carry(event, mint), (fault, site)


def reported(response: Response) -> tuple[str, ...]:
    """Name the steps a response speaks of; "" for one that ends the function."""
    if isinstance(response, Ops):
        return tuple(label_of(op) for op in response.ops)
    if isinstance(response, Returned) and response.steps:
        return (*(label_of(op) for op in response.steps), "")
    return ("",)
