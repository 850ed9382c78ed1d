"""States: what a search has reached, as numbers that are the same in every process.

A state is an edge: what a run did, and what came right before it in the same run, or right before
it in another. Runs that reach edges no other has reached are worth varying.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from dwf_sim.model.records import (
    EffectCalled,
    EventReceived,
    FaultStruck,
    HandlerEntered,
    HandlerLeft,
    RequestSent,
    RetryScheduled,
    RunFinished,
    RunScheduled,
    RunSkipped,
    StepEnded,
    StepMemoized,
    StepReported,
    StepStarted,
)
from dwf_sim.sim.trace import Trace

# What of a record tells one state from another; of other records, only that they are there.
_TELLING: dict[type, tuple[str, ...]] = {
    EffectCalled: ("ledger", "operation", "is_repeat"),
    EventReceived: ("name",),
    FaultStruck: (),
    HandlerEntered: ("attempt",),
    HandlerLeft: ("how",),
    RequestSent: ("attempt", "step"),
    RetryScheduled: ("step", "attempt"),
    RunFinished: ("status",),
    RunScheduled: ("function",),
    RunSkipped: ("function", "policy"),
    StepEnded: ("step", "how"),
    StepMemoized: ("step", "kind"),
    StepReported: ("step", "kind"),
    StepStarted: ("step", "attempt"),
}


def states_of(trace: Trace) -> tuple[int, ...]:
    """List the states of a trace, sorted."""
    return tuple(sorted({zlib.crc32(edge.encode()) for edge in _edges(trace)}))


def _edges(trace: Trace) -> Iterator[str]:
    last: dict[str | None, str] = {}
    before, run_before = "", None
    for _, _, record in trace.tuples_since(0):
        kind = type(record)
        telling = _TELLING.get(kind, ())
        token = "/".join([kind.__name__, *(str(getattr(record, name)) for name in telling)])
        run = getattr(record, "run", None)
        yield f"{last.get(run, '')}>{token}"
        if run != run_before:
            yield f"{before}|{token}"
        last[run] = before = token
        run_before = run
