"""Flow control: one policy per file.

`ADMISSION` decides which arrivals become runs, `DISPATCH` when and in what order items of runs
reach a worker; each is the order in which its policies are asked (B129).
"""

from __future__ import annotations

from dwf_sim.flow.base import Admission, Dispatch
from dwf_sim.flow.batch import Batching
from dwf_sim.flow.concurrency import ConcurrencyLimits
from dwf_sim.flow.debounce import Debouncing
from dwf_sim.flow.event_id import EventId
from dwf_sim.flow.pausing import Pausing
from dwf_sim.flow.priority import Priorities
from dwf_sim.flow.rate_limit import RateLimiting
from dwf_sim.flow.singleton import Singletons
from dwf_sim.flow.throttle import Throttles

ADMISSION: tuple[type[Admission], ...] = (
    Batching,
    RateLimiting,
    Debouncing,
    Singletons,
    Pausing,
    EventId,
)
DISPATCH: tuple[type[Dispatch], ...] = (Priorities, ConcurrencyLimits, Throttles)

__all__ = ["ADMISSION", "DISPATCH", "Admission", "Dispatch"]
