"""Batching: several events start one run, when there are enough of them or time is up
(B104-B114)."""

from __future__ import annotations

from collections import deque

import attrs

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import BY_EVENT, BY_INVOKE, Arrival
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.flow_control import Batch
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.payload import byte_count
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Hold, Pass, Skip, Verdict

BYTES_MAX = 10 * 1024 * 1024
WINDOW_MS = 500  # How long the server gathers events before it counts them (B110).
SEEN_MS = 30 * 60_000  # How long an event cannot come into a batch of the function again (B111).


@attrs.define(eq=False)
class _Window:
    """Events that the server counts together: until they would fill a batch, or for so long after
    the first one. Unless that quirk is on, each event has its own."""

    until: int
    count: int = 0


@attrs.define
class _Open:
    """A batch that has not started."""

    id: str
    place: tuple[str, str]
    first: Arrival
    window: _Window
    until: int
    events: list[StoredEvent] = attrs.field(factory=list)
    size: int = 0


class Batching(Admission):
    """Holds one batch per function and key. The real server also gathers events for up to 0.5 s
    before it counts them (B110), and starts a batch that a later lot fills at its timeout only:
    it asks twice for the same start. Here they are counted at once, unless that quirk is on."""

    name = "batch"

    def __init__(self, quirks: Quirks | None = None) -> None:
        self._gathers = quirks is not None and quirks.batch_filled_late_waits
        self._windows: dict[tuple[str, str], _Window] = {}
        self._filling: dict[tuple[str, str], _Open] = {}
        self._held: dict[str, _Open] = {}
        self._seen: dict[tuple[str, str], None] = {}
        self._ages: deque[tuple[int, tuple[str, str]]] = deque()
        self._opened = 0

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.batch is not None

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Hold the event until its batch is full; other events run alone."""
        settings = arrival.function.batch
        if settings is None or arrival.by not in (BY_EVENT, BY_INVOKE):
            return PASS
        if not _is_for_batches(now, arrival, settings):
            return PASS
        try:
            value = _value(now, arrival, settings)
        except EvaluationError as error:
            return Skip(f"its key has no value: {error}")
        if not self._is_new(now, arrival):
            return Skip("the event came into a batch of this function before")
        return self._append(now, arrival, settings, value)

    def release(self, now: int, key: str) -> Arrival | None:
        """Let a batch go whose time is up."""
        batch = self._held.get(key)
        return None if batch is None or now < batch.until else self._close(now, batch)

    def due_at(self, key: str) -> int | None:
        """Say when a batch is closed at the latest; None when it is closed already."""
        batch = self._held.get(key)
        return None if batch is None else batch.until

    def _append(self, now: int, arrival: Arrival, settings: Batch, value: str) -> Verdict:
        assert settings.timeout is not None, "registration refuses a batch without a timeout"
        place = arrival.function.id, value
        window = self._window(now, place)
        batch = self._filling.get(place)
        if batch is None:
            self._opened += 1
            until = window.until + settings.timeout
            batch = _Open(str(self._opened), place, arrival, window, until)
            self._filling[place] = self._held[batch.id] = batch
        batch.events.append(arrival.event)
        batch.size += byte_count(arrival.event.text())
        if window.count >= settings.max_size:
            del self._windows[place]
            if batch.window is window:
                batch.until = now + settings.timeout
        if len(batch.events) >= settings.max_size or batch.size >= BYTES_MAX:
            if not self._gathers or window.count == len(batch.events):
                return Pass(self._close(now, batch))
            del self._filling[place]
        key = f"{settings.key} = {value!r}" if settings.key is not None else "no key"
        return Hold(
            batch.id, batch.until, f"{len(batch.events)} of {settings.max_size} events ({key})"
        )

    def _window(self, now: int, place: tuple[str, str]) -> _Window:
        """Count an event in the window that is open, or in a new one."""
        if not self._gathers:
            return _Window(now)
        window = self._windows.get(place)
        if window is None or now >= window.until:
            window = self._windows[place] = _Window(now + WINDOW_MS)
        window.count += 1
        return window

    def _close(self, now: int, batch: _Open) -> Arrival:
        del self._held[batch.id]
        if self._filling.get(batch.place) is batch:
            del self._filling[batch.place]
        return attrs.evolve(
            batch.first,
            events=tuple(batch.events),
            key=f"{batch.first.function.id}-batch-{batch.id}",
            start_at=now,
            is_batch=True,
        )

    def _is_new(self, now: int, arrival: Arrival) -> bool:
        while self._ages and self._ages[0][0] + SEEN_MS <= now:
            del self._seen[self._ages.popleft()[1]]
        key = arrival.function.id, arrival.event.internal_id
        if key in self._seen:
            return False
        self._seen[key] = None
        self._ages.append((now, key))
        return True


def _is_for_batches(now: int, arrival: Arrival, settings: Batch) -> bool:
    if settings.if_exp is None:
        return True
    try:
        return compile_expression(settings.if_exp).truth(arrival.event.view, now_ms=now)
    except (EvaluationError, ExpressionError):  # Without a value the event runs alone (B108).
        return False


def _value(now: int, arrival: Arrival, settings: Batch) -> str:
    if settings.key is None:
        return ""
    return compile_expression(settings.key).key(arrival.event.view, now_ms=now)
