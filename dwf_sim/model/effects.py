"""Effects: everything the engine can ask of the world around it."""

from __future__ import annotations

from typing import TypeAlias, final

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import Request
from dwf_sim.model.records import Record
from dwf_sim.model.value import value


@final
@value
class Call:
    """Send this request to the function's worker."""

    request: Request


@final
@value
class SetTimer:
    """Tell the engine `ItemDue(item)` at `at`, or up to `spread` milliseconds later.

    The engine has no chance of its own, so the jitter of a retry is drawn outside (A64).
    `stream` names what the draw is for. An endless one is followed by another, for ever, so a
    world in which nothing else is left to happen counts as idle.
    """

    at: int
    item: int
    spread: int = 0
    stream: str = ""
    is_endless: bool = False


@final
@value
class Publish:
    """Send an event the engine made itself through the same door as any other (A168)."""

    event: StoredEvent


Effect: TypeAlias = Call | SetTimer | Publish | Record
