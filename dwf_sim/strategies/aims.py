"""Aims: how far a simulation went, told to Hypothesis, which then looks for what goes further."""

from __future__ import annotations

from hypothesis import currently_in_test_context, errors, target

from dwf_sim.model import records as r
from dwf_sim.search.states import states_of
from dwf_sim.sim.trace import Trace
from dwf_sim.world.simulation import Simulation

__all__ = ["aim", "aims_of"]

_SIMULATIONS_MAX = 3  # Of one example: each has labels of its own, which Hypothesis climbs in turn.


def aim(simulation: Simulation) -> None:
    """Tell Hypothesis of a simulation that has been played; outside of its tests, nobody.

    A label can be used once in an example, so further simulations have labels of their own.
    """
    if not currently_in_test_context():
        return
    figures = aims_of(simulation.trace)
    for nth in range(1, _SIMULATIONS_MAX + 1):
        where = "" if nth == 1 else f" (simulation {nth})"
        try:
            for name, figure in figures.items():
                target(figure, label=f"{name}{where}")
        except errors.InvalidArgument:
            continue
        return


def aims_of(trace: Trace) -> dict[str, int]:
    """Give the figures by their labels: states that were reached, the longest queue of runs that
    have not started, and the most requests in flight."""
    reading = _Reading()
    for _, _, record in trace.tuples_since(0):
        reading.read(record)
    return {
        "states reached": len(states_of(trace)),
        "longest queue": reading.queued_max,
        "requests in flight": reading.flying_max,
    }


class _Reading:
    """What is known of queue and requests while a trace is read."""

    def __init__(self) -> None:
        self.queued_max = 0
        self.flying_max = 0
        self._queued: dict[str, None] = {}
        self._flying: dict[int, None] = {}

    def read(self, record: r.Record) -> None:
        if isinstance(record, r.RunScheduled):
            self._queued[record.run] = None
            self.queued_max = max(self.queued_max, len(self._queued))
        elif isinstance(record, r.RequestSent):
            self._queued.pop(record.run, None)
            self._flying[record.number] = None
            self.flying_max = max(self.flying_max, len(self._flying))
        elif isinstance(record, r.ResponseReceived | r.ResponseIgnored | r.LeaseLost):
            self._flying.pop(record.number, None)
        elif isinstance(record, r.RunFinished):
            self._queued.pop(record.run, None)
