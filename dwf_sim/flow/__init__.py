"""Flow control: one policy per file. `ADMISSION` is the order in which they are asked (B129)."""

from __future__ import annotations

from dwf_sim.flow.base import Admission, Arrival
from dwf_sim.flow.event_id import EventId

ADMISSION: tuple[type[Admission], ...] = (EventId,)

__all__ = ["ADMISSION", "Admission", "Arrival"]
