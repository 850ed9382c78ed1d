"""Debounce: of events that follow each other closely, only the newest starts a run (B93-B103)."""

from __future__ import annotations

import attrs

from dwf_sim.errors import EvaluationError
from dwf_sim.expressions import compile_expression
from dwf_sim.flow.base import Admission
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import Debounce
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Hold, Skip, Verdict

_SECOND = 1000
_LATE_MS = 1050  # A second, and 50 ms of buffer: `pkg/execution/debounce/debounce.go`.


@attrs.define
class _Window:
    """What is held for one key: the newest event so far, and when it is let go."""

    id: str
    place: tuple[str, str]
    arrival: Arrival
    until: int
    until_max: int | None


class Debouncing(Admission):
    """Holds one arrival per function and key.

    With the quirk `debounce_fires_late` it lets go 1.05 s after the period is over, as the real
    server does (B95); an event that comes in between is held by itself (B99).
    """

    name = "debounce"

    def __init__(self, quirks: Quirks | None = None) -> None:
        self._late_ms = _LATE_MS if quirks is not None and quirks.debounce_fires_late else 0
        self._newest: dict[tuple[str, str], _Window] = {}  # By function and value of the key.
        self._held: dict[str, _Window] = {}
        self._opened = 0

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function has this setting."""
        return function.debounce is not None

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        """Hold the event, or the newer one that is held already."""
        settings = arrival.function.debounce
        if settings is None:
            return PASS
        place = arrival.function.id, _value(now, arrival, settings)
        instead_of, window = None, self._newest.get(place)
        if window is None or window.until <= now:  # At its very end it takes no more (B99).
            window = self._newest[place] = self._open(now, arrival, settings, place)
        elif window.arrival.event.ts > arrival.event.ts:
            return Skip(f"event {window.arrival.event.internal_id} is held, with a later ts")
        else:
            instead_of = window.arrival.event.internal_id
            window.arrival = arrival
            window.until = now + _rest(now, settings.period, window.until_max)
        key = f"{settings.key} = {place[1]!r}" if settings.key is not None else "no key"
        return Hold(
            window.id, self._fires_at(window), f"the newest event so far ({key})", instead_of
        )

    def release(self, now: int, key: str) -> Arrival | None:
        """Let the newest event go; its run is known by the event's internal id (B20)."""
        window = self._held.get(key)
        if window is None or now < self._fires_at(window):
            return None
        del self._held[key]
        if self._newest.get(window.place) is window:
            del self._newest[window.place]
        event = window.arrival.event
        return attrs.evolve(window.arrival, key=event.internal_id, start_at=max(now, event.ts))

    def due_at(self, key: str) -> int | None:
        """Say when the newest event is let go, as things stand; None when it was."""
        window = self._held.get(key)
        return None if window is None else self._fires_at(window)

    def _fires_at(self, window: _Window) -> int:
        return window.until + self._late_ms

    def _open(
        self, now: int, arrival: Arrival, settings: Debounce, place: tuple[str, str]
    ) -> _Window:
        self._opened += 1
        until_max, wait = None, settings.period
        if settings.timeout is not None:
            until_max = now + settings.timeout
            rounded = (settings.timeout + _SECOND // 2) // _SECOND * _SECOND
            wait = max(_SECOND, min(wait, rounded))
        window = _Window(str(self._opened), place, arrival, now + wait, until_max)
        self._held[window.id] = window
        return window


def _value(now: int, arrival: Arrival, settings: Debounce) -> str:
    if settings.key is None:
        return ""
    try:
        return compile_expression(settings.key).key(arrival.event.view, now_ms=now)
    except EvaluationError:
        return "<invalid>"  # The engine's word (B94).


def _rest(now: int, period: int, until_max: int | None) -> int:
    """The period, or whole seconds to the maximum if that comes earlier (B96)."""
    if until_max is None or now + period <= until_max:
        return period
    return max(_SECOND, (until_max - now) // _SECOND * _SECOND)
