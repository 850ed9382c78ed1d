"""Events: as a producer writes one, and as the engine keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import UnionType

import attrs

from dwf_sim.errors import SendEventsError, UnserializableError
from dwf_sim.given import shown
from dwf_sim.model.payload import decode, encode_strictly, quote
from dwf_sim.model.value import value

INVOKED = "inngest/function.invoked"
FINISHED = "inngest/function.finished"
FAILED = "inngest/function.failed"
CANCELLED = "inngest/function.cancelled"
TIMER = "inngest/scheduled.timer"

_RESERVED = "inngest/"
_TS_MIN = 315_532_800_000  # 1980-01-01
_TS_MAX = 4_102_444_800_000  # 2100-01-01


@attrs.frozen
class Event:
    """A named payload: `Event("order/created", {"orderId": 7})`.

    `id` makes the event idempotent per function for 24 hours (B17, B18). `ts` is in milliseconds
    since 1970; a future one delays the runs it starts (B24), 0 means the time of receipt.
    """

    name: str
    data: Mapping[str, object] = attrs.field(factory=dict)
    id: str = attrs.field(default="", kw_only=True)
    ts: int = attrs.field(default=0, kw_only=True)
    user: Mapping[str, object] = attrs.field(factory=dict, kw_only=True)
    v: str | None = attrs.field(default=None, kw_only=True)


@value
class Invocation:
    """What an invoked event carries besides its data: whom it calls and who waits (A131)."""

    function_id: str
    correlation_id: str


@value
class StoredEvent:
    """An event the engine has accepted: its data is JSON text, so nobody can change it."""

    internal_id: str
    name: str
    id: str
    ts: int
    data: str
    user: str
    v: str | None
    received_at: int
    invocation: Invocation | None = None
    run_id: str | None = None  # The run a system event is about.

    @property
    def is_of_engine(self) -> bool:
        """Whether the engine made it: nobody else may use such a name (B6)."""
        return self.name.startswith(_RESERVED)

    def text(self) -> str:
        """Write the whole event as the JSON object a function sees (A13)."""
        version = f',"v":{quote(self.v)}' if self.v else ""
        return (
            f'{{"name":{quote(self.name)},"data":{self.data},"user":{self.user},'
            f'"id":{quote(self.id)},"ts":{self.ts}{version}}}'
        )

    @cached_property
    def view(self) -> Mapping[str, object]:
        """The event as expressions see it, read once; nobody changes it (B203)."""
        whole = decode(self.text())
        assert isinstance(whole, dict), "an event is written as a JSON object"
        return whole


def check_event(event: Event) -> None:
    """Refuse what the event API refuses (B2, B6, B7); raises `SendEventsError`."""
    _check_types(event)
    if not event.name:
        raise SendEventsError("event name is empty; give it a name such as 'order/created'")
    if event.name.lower().startswith(_RESERVED):
        raise SendEventsError(
            f"event name is reserved for internal use: {event.name}; "
            "names that begin with 'inngest/' belong to the engine: choose another prefix"
        )
    if event.ts and not _TS_MIN <= event.ts <= _TS_MAX:
        raise SendEventsError(_ts_text(event.ts))


def _check_types(event: Event) -> None:
    given: tuple[tuple[str, object, type | UnionType, str], ...] = (
        ("name", event.name, str, "a text"),
        ("data", event.data, Mapping, "a mapping, such as a dict"),
        ("id", event.id, str, "a text"),
        ("ts", event.ts, int, "an int of milliseconds since 1970"),
        ("user", event.user, Mapping, "a mapping, such as a dict"),
        ("v", event.v, str | None, "a text, or None to leave it out"),
    )
    for field, content, kind, allowed in given:
        if not isinstance(content, kind) or (kind is int and isinstance(content, bool)):
            what = f"{shown(content)} ({type(content).__name__})"
            raise SendEventsError(f"event {field} is {what}; it must be {allowed}")


def _ts_text(ts: int) -> str:
    side = "before Jan 1, 1980" if ts < _TS_MIN else "after Jan 1, 2100"
    hint = ": this looks like seconds, give milliseconds" if 0 < ts < _TS_MIN else ""
    return f"timestamp is {side}: ts is {ts}, in milliseconds since 1970{hint}"


def store_event(event: Event, *, internal_id: str, now: int) -> StoredEvent:
    """Stamp an event as it is accepted: defaults of B4 and B15; raises `SendEventsError`."""
    check_event(event)
    try:
        data = encode_strictly({k: v for k, v in event.data.items() if k != "_inngest"})
        user = encode_strictly(dict(event.user))
    except UnserializableError as error:
        raise SendEventsError(f"data of event {event.name!r}: {error}") from None
    return StoredEvent(
        internal_id,
        event.name,
        event.id or internal_id,
        event.ts or now,
        data,
        user,
        event.v,
        now,
    )
