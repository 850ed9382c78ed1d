"""The wire: every message between producers, engine and workers crosses it; faults act here."""

from __future__ import annotations

from typing import Protocol

from dwf_sim.faults.base import RESPONSE, Fault, Site
from dwf_sim.model.messages import CONNECTION_CLOSED, Ops, Response, Returned
from dwf_sim.model.ops import label_of


class Strikes(Protocol):
    """Asks whether a fault strikes at a site."""

    def strike(self, site: Site) -> Fault | None: ...


def carry_response(
    plan: Strikes, response: Response, run: str, attempt: int
) -> tuple[Response, tuple[Fault, Site] | None]:
    """Carry a response to the engine: itself, or a closed connection and the fault that struck."""
    for step in _reported(response):
        site = Site(run, step, attempt, RESPONSE)
        fault = plan.strike(site)
        if fault is not None:
            return CONNECTION_CLOSED, (fault, site)
    return response, None


def _reported(response: Response) -> tuple[str, ...]:
    """Name the steps a response speaks of; "" for one that ends the function."""
    if isinstance(response, Ops):
        return tuple(label_of(op) for op in response.ops)
    if isinstance(response, Returned) and response.steps:
        return (*(label_of(op) for op in response.steps), "")
    return ("",)
