"""Events: as a producer writes one, and as the engine keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Protocol

import attrs

from dwf_sim.errors import SendEventsError, UnserializableError
from dwf_sim.given import hint_of_model, shown
from dwf_sim.model.payload import as_doubles, byte_count, decode, encode_strictly, quote
from dwf_sim.model.value import value

INVOKED = "inngest/function.invoked"
FINISHED = "inngest/function.finished"
FAILED = "inngest/function.failed"
CANCELLED = "inngest/function.cancelled"
TIMER = "inngest/scheduled.timer"

_RESERVED = "inngest/"
_TS_MIN = 315_532_800_000  # 1980-01-01
_TS_MAX = 4_102_444_800_000  # 2100-01-01
_JSON_BYTES_MAX = 6  # Of one character.
_KEYS_BYTES_GUESS = 200
_GO_TYPES = {"data": "map[string]interface {}", "user": "map[string]interface {}", "ts": "int64"}
_JSON_NAMES: tuple[tuple[type | UnionType, str], ...] = (
    (bool, "bool"),
    (str, "string"),
    (int | float, "number"),
    (list | tuple, "array"),
    (Mapping, "object"),
)


class _Printer(Protocol):
    def text(self, text: str, /) -> object: ...


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

    @property
    def code(self) -> str:
        """The call that makes it, without what is as by default."""
        given = [repr(self.name)]
        given += [repr(dict(self.data))] if self.data else []
        for name in ("id", "ts", "user", "v"):
            content = getattr(self, name)
            if content:
                given.append(f"{name}={content!r}")
        return f"dwf_sim.Event({', '.join(given)})"

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:  # noqa: ARG002  # IPython's contract.
        """Have Hypothesis show it as the code that makes it."""
        printer.text(self.code)


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
    # No `cached_property`: with slots, it makes every field slow.
    _view: Mapping[str, object] | None = attrs.field(default=None, init=False, eq=False, repr=False)

    @property
    def is_of_engine(self) -> bool:
        """Whether the engine made it: nobody else may use such a name (B6)."""
        return self.name.startswith(_RESERVED)

    def with_ids(self, internal_id: str, own_id: str, received_at: int) -> StoredEvent:
        """Give the event as it arrives once more."""
        return StoredEvent(
            internal_id,
            self.name,
            own_id,
            self.ts,
            self.data,
            self.user,
            self.v,
            received_at,
            self.invocation,
            self.run_id,
        )

    def text(self) -> str:
        """Write the whole event as the JSON object a function sees (A13)."""
        version = f',"v":{quote(self.v)}' if self.v else ""
        return (
            f'{{"name":{quote(self.name)},"data":{self.data},"user":{self.user},'
            f'"id":{quote(self.id)},"ts":{self.ts}{version}}}'
        )

    @property
    def view(self) -> Mapping[str, object]:
        """The event as expressions see it, read once; nobody changes it (B203)."""
        if self._view is None:
            whole = decode(self.text())
            assert isinstance(whole, dict), "an event is written as a JSON object"
            self._view = whole  # type: ignore[misc]  # Filled once.
        return self._view


def _check_content(event: Event) -> None:
    """Refuse what the event API refuses (B6, B7)."""
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
    """Refuse what would not be read as an event (B2)."""
    texts = type(event.name) is type(event.id) is str and (event.v is None or type(event.v) is str)
    if texts and type(event.data) is type(event.user) is dict and type(event.ts) is int:
        return  # Nearly all.
    given: tuple[tuple[str, object, type | UnionType, str], ...] = (
        ("name", event.name, str, "a text"),
        ("data", event.data, Mapping | None, "a mapping, such as a dict"),
        ("id", event.id, str, "a text"),
        ("ts", event.ts, int, "an int of milliseconds since 1970"),
        ("user", event.user, Mapping, "a mapping, such as a dict"),
        ("v", event.v, str | None, "a text, or None to leave it out"),
    )
    for field, content, kind, allowed in given:
        if not isinstance(content, kind) or (kind is int and isinstance(content, bool)):
            what = f"{shown(content)} ({type(content).__name__})"
            raise SendEventsError(
                f"{_server_text(field, content)}event {field} is {what}; it must be {allowed}"
                f"{hint_of_model(content)}"
            )


def _server_text(field: str, content: object) -> str:
    """Say what the server says to JSON of the wrong type; nothing of what has no JSON."""
    for kind, name in _JSON_NAMES:
        if isinstance(content, kind):
            what = f"number {content!r}" if (field, name) == ("ts", "number") else name
            place = f"Go struct field raw.{field} of type {_GO_TYPES.get(field, 'string')}"
            return f"json: cannot unmarshal {what} into {place}; "
    return ""


def _check_size(event: Event, data: str, user: str, now: int, bytes_max: int | None) -> None:
    """Refuse an event that is too large (B9), measured as the vendor's Python SDK writes it."""
    length = len(data) + len(user) + len(event.name) + len(event.id)
    if bytes_max is None or length * _JSON_BYTES_MAX + _KEYS_BYTES_GUESS <= bytes_max:
        return
    written_id = f'"id":{quote(event.id)},' if event.id else ""
    written_user = f',"user":{user}' if event.user else ""
    version = f',"v":{quote(event.v)}' if event.v else ""
    size = byte_count(
        f'{{"data":{data},{written_id}"name":{quote(event.name)},"ts":{event.ts or now}'
        f"{written_user}{version}}}"
    )
    if size > bytes_max:
        raise SendEventsError(
            f"Event is over the max size: Max {bytes_max} bytes / Size {size} bytes; it is "
            f"{shown(event.name)}: keep what is big outside and send a reference to it"
        )


def _ts_text(ts: int) -> str:
    side = "before Jan 1, 1980" if ts < _TS_MIN else "after Jan 1, 2100"
    hint = ": this looks like seconds, give milliseconds" if 0 < ts < _TS_MIN else ""
    return f"timestamp is {side}: ts is {ts}, in milliseconds since 1970{hint}"


def store_event(
    event: Event, *, internal_id: str, now: int, bytes_max: int | None = None
) -> StoredEvent:
    """Stamp an event as it is accepted: defaults of B3, B4 and B15; raises `SendEventsError`."""
    _check_types(event)
    try:
        data = encode_strictly({k: v for k, v in (event.data or {}).items() if k != "_inngest"})
        user = encode_strictly(dict(event.user))
    except UnserializableError as error:
        raise SendEventsError(f"data of event {event.name!r}: {error}") from None
    _check_size(event, data, user, now, bytes_max)
    _check_content(event)
    return StoredEvent(
        internal_id,
        event.name,
        event.id or internal_id,
        event.ts or now,
        as_doubles(data),
        as_doubles(user),
        event.v,
        now,
    )
