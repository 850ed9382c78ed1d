"""Events that go astray between a producer and the engine: repeated, late, swapped, or lost.

The producer is told that its event was accepted, whatever becomes of it then; `lose_ack` is for
one that is not told. Times are texts such as "5s", `timedelta`s or ints of milliseconds; what is
none raises `DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import ClassVar, Self, Unpack

import attrs

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults.acknowledgement import lose_ack, named
from dwf_sim.faults.base import EVENT, Delivery, Fault, Frequency, Site, check_name, span
from dwf_sim.given import check_count, shown
from dwf_sim.model.event import StoredEvent

__all__ = ["delay", "drop", "duplicate", "lose_ack", "reorder"]

DUPLICATE, DELAY, REORDER, DROP = "duplicate", "delay", "reorder", "drop"

_SENTENCES = {
    DUPLICATE: "deliver {event} twice{after}",
    DELAY: "deliver {event} {by} late",
    REORDER: "deliver {event} after the event that follows it",
    DROP: "lose {event}",
}


@attrs.frozen(kw_only=True)
class EventFault(Fault):
    """What happens on the way to events of this name; to the `nth` of them, counted from 1."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {
        f"events.{kind}": {"kind": kind} for kind in _SENTENCES
    }
    TAKES: ClassVar[tuple[str, ...]] = ("times",)
    MUTE: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "events.duplicate": ("by",),
        "events.delay": ("after",),
        "events.reorder": ("after", "by"),
        "events.drop": ("after", "by"),
    }
    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {"events.delay": ("by",)}

    kind: str
    event: str | None = None
    nth: int | None = None
    after: int = span()  # How much later the second of two arrives.
    by: int | None = span(None)  # How late it is.

    def __attrs_post_init__(self) -> None:
        if self.kind not in tuple(_SENTENCES):
            given, allowed = shown(self.kind), ", ".join(_SENTENCES)
            raise ConfigError(f"kind is {given}; a fault of events is one of {allowed}")
        super().__attrs_post_init__()
        check_name("event of a fault", self.event)
        if self.nth is not None:
            check_count("nth of a fault", self.nth, 1)
        for name, ms in (("after", self.after), ("by", self.by or 0)):
            if ms < 0:
                raise ConfigError(f"{name} is {ms} ms; no event arrives before it is sent")
        if self.kind == DELAY and self.by is None:
            raise ConfigError('by is None; say how late the event is, a duration such as "5s"')

    @property
    def phases(self) -> tuple[str, ...]:
        """Events have one phase: they are under way."""
        return (EVENT,)

    def hits(self, site: Site) -> bool:
        """Strike events by name and number."""
        is_meant = site.step == self.event
        if self.event is None:  # The engine's own events are meant by name only.
            is_meant = not site.step.startswith("inngest/")
        return site.phase == EVENT and is_meant and self.nth in (None, site.nth)

    def at_site(self, site: Site) -> Self:
        """Give the same fault for one event alone."""
        return attrs.evolve(self, event=site.step, nth=site.nth)

    def carry(self, event: StoredEvent, mint: Callable[[], str]) -> tuple[Delivery, ...]:
        """Say what arrives of an event."""
        if self.kind == DROP:
            return ()
        if self.kind == DUPLICATE:
            return Delivery(event), Delivery(_sent_again(event, mint()), self.after)
        return (Delivery(event, self.by or 0, is_behind_next=self.kind == REORDER),)

    def __str__(self) -> str:
        name = named(self.event, self.nth)
        after = f", the second time {format_duration(self.after)} later" if self.after else ""
        words = _SENTENCES[self.kind]
        by = format_duration(self.by or 0)
        return words.format(event=name, after=after, by=by) + self.circumstances()


def duplicate(
    event: str | None = None,
    *,
    after: int | str | datetime.timedelta = 0,
    nth: int | None = None,
    **frequency: Unpack[Frequency],
) -> EventFault:
    """Deliver an event a second time, as a producer does that was not told of the first.

    An id that the producer gave is the same both times, so that it starts each function once
    (B16, B17); without one the second is an event of its own. `after` is a duration.
    """
    return EventFault(kind=DUPLICATE, event=event, after=to_ms(after), nth=nth, **frequency)


def delay(
    event: str | None = None,
    *,
    by: int | str | datetime.timedelta,
    nth: int | None = None,
    **frequency: Unpack[Frequency],
) -> EventFault:
    """Deliver an event late `by` a duration; to the engine it comes when it arrives."""
    return EventFault(kind=DELAY, event=event, by=to_ms(by), nth=nth, **frequency)


def reorder(
    event: str | None = None, *, nth: int | None = None, **frequency: Unpack[Frequency]
) -> EventFault:
    """Deliver an event right after the next one that is sent; on its own if none is."""
    return EventFault(kind=REORDER, event=event, nth=nth, **frequency)


def drop(
    event: str | None = None, *, nth: int | None = None, **frequency: Unpack[Frequency]
) -> EventFault:
    """Lose an event after it was accepted."""
    return EventFault(kind=DROP, event=event, nth=nth, **frequency)


def _sent_again(event: StoredEvent, internal_id: str) -> StoredEvent:
    """An id that the producer gave stays; without one the event is a new one (B13, B15)."""
    has_own_id = event.id != event.internal_id
    return event.with_ids(internal_id, event.id if has_own_id else internal_id, event.received_at)
