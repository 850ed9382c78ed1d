"""Acknowledgements that are lost: the engine has taken events and their producer never learns.

The SDK then sends the same request again, five times in all, and the events arrive once more under
the internal ids they had (A146, B14): each function is started once, and waits are resolved again
(B16). When all five are lost the send fails. In a step that is an error like any other: the retry
sends under new ids, and what has no id of the producer's starts functions once more (A147).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self, Unpack

import attrs

from dwf_sim.faults.base import ACK, Fault, Frequency, Site, check_name
from dwf_sim.given import check_count


@attrs.frozen(kw_only=True)
class LoseAck(Fault):
    """The answer to a send is lost that holds an event of this name; to the `nth` such answer."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"events.lose_ack": {}}
    TAKES: ClassVar[tuple[str, ...]] = ("times",)

    event: str | None = None
    nth: int | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_name("event of a fault", self.event)
        if self.nth is not None:
            check_count("nth of a fault", self.nth, 1)

    @property
    def phases(self) -> tuple[str, ...]:
        """Only answers to sends."""
        return (ACK,)

    def hits(self, site: Site) -> bool:
        """Strike by the event's name and the number of the answer."""
        return (
            site.phase == ACK and self.event in (None, site.step) and self.nth in (None, site.nth)
        )

    def at_site(self, site: Site) -> Self:
        """Give the same fault for one answer alone."""
        return attrs.evolve(self, event=site.step, nth=site.nth)

    def __str__(self) -> str:
        which = "the acknowledgement" if self.nth is None else f"acknowledgement {self.nth}"
        return f"lose {which} of {named(self.event)}{self.circumstances()}"


def named(event: str | None, nth: int | None = None) -> str:
    """Name an event for a sentence, the `nth` of its name if that is given."""
    if nth is None:
        return f"`{event}`" if event else "an event"
    return f"number {nth} of `{event}`" if event else f"event number {nth} of its name"


def lose_ack(
    event: str | None = None, *, nth: int | None = None, **frequency: Unpack[Frequency]
) -> LoseAck:
    """Lose the answer to a send, so that the SDK sends the same events again.

    It waits 100 ms before the second time, then twice as long each time (A146). With `times=5`
    the send raises `SendEventsError` although all has arrived, five times.
    """
    return LoseAck(event=event, nth=nth, **frequency)
