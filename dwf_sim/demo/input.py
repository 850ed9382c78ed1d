"""The demo's input: events and when they are sent, from a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError, DurationError

SHAPE = 'allowed is {"events": [{"at": "26h", "name": "order/paid", "data": {…}}, …]}'


@attrs.frozen
class TimedEvent:
    """An event and how long after the beginning it is sent, in milliseconds."""

    at: int
    name: str
    data: dict[str, Any]


SAMPLE = (
    TimedEvent(0, "order/created", {"orderId": "A-17", "total": 42.5}),
    TimedEvent(to_ms("26h"), "order/paid", {"orderId": "A-17"}),
)


def read_events(path: Path) -> tuple[TimedEvent, ...]:
    """Read the events of a file, in order of time; raises `ConfigError` saying what is wrong."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: {error.msg}; {SHAPE}") from None
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list) or not events:
        raise ConfigError(f"{path}: no list of events is there; {SHAPE}")
    timed = [_timed(path, nth, event) for nth, event in enumerate(events)]
    return tuple(sorted(timed, key=lambda event: event.at))


def _timed(path: Path, nth: int, event: Any) -> TimedEvent:
    place = f"{path}: events[{nth}]"
    if not isinstance(event, dict) or not isinstance(event.get("data", {}), dict):
        raise ConfigError(f"{place} is {event!r}; {SHAPE}")
    try:
        at = to_ms(event.get("at", 0))
    except DurationError as error:
        raise ConfigError(f"{place}.at: {error}") from None
    if not isinstance(event.get("name"), str):
        raise ConfigError(f"{place}.name is {event.get('name')!r}; {SHAPE}")
    return TimedEvent(at, event["name"], event.get("data", {}))
