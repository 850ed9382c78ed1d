"""Keys of flow control that read a field which events do not have: mostly it is misspelt."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import attrs

from dwf_sim.expressions.paths import Path
from dwf_sim.expressions.reads import has_path, paths_read
from dwf_sim.model import records as r
from dwf_sim.model.payload import decode
from dwf_sim.model.served import FunctionServed
from dwf_sim.sim.trace import Entry, Trace

_Reasoned = r.RunSkipped | r.EventHeld | r.ItemDelayed | r.RunCancelling

_EFFECTS = {
    "throttle": "all runs share one throttle",
    "concurrency": "all runs share one limit",
    "singleton": "no run is a singleton",
    "rate limit": "no run is limited",
    "debounce": "all events are held under one key",
    "batch": "all events come into one batch",
    "priority": "no run has a priority",
}


@attrs.frozen
class Reading:
    """A key of a function and one path that it reads, from `event` on."""

    function: str
    setting: str
    key: str
    path: Path

    @property
    def field(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)

    @property
    def is_all(self) -> bool:
        """Whether the key is this field and nothing else."""
        return self.key.strip() == self.field


@attrs.define
class Tally:
    """How many events came to a key, how many of them had its field, and what fields they had."""

    events: int = 0
    found: int = 0
    had: dict[Path, None] = attrs.field(factory=dict)

    @property
    def is_never_found(self) -> bool:
        """Whether events came, and not one had the field."""
        return bool(self.events) and not self.found

    def near(self, path: Path) -> str | None:
        """Name the field of the events that may be meant; None if none resembles it."""
        beside = {had[-1]: had for had in self.had if had[:-1] == path[:-1]}
        close = difflib.get_close_matches(path[-1], beside, n=1)
        if close:
            return ".".join(beside[close[0]])
        elsewhere = {had[-1]: had for had in self.had if had[:2] == ("event", "data")}
        close = difflib.get_close_matches(path[-1], elsewhere, n=1)
        return ".".join(elsewhere[close[0]]) if close else None


class KeysRead:
    """What the keys of functions have read in one trace, or in several."""

    def __init__(self) -> None:
        self._tallies: dict[Reading, Tally] = {}

    def note(self, trace: Trace) -> None:
        """Add what is in a trace. Costs little where no function has a key."""
        if not any(readings(served) for served in trace.of(FunctionServed)):
            return
        views: dict[str, Mapping[str, object]] = {}
        current: dict[str, list[Reading]] = {}
        seen: dict[tuple[Reading, str], None] = {}
        for _, _, record in trace.tuples_since(0):
            match record:
                case FunctionServed():
                    current[record.function] = readings(record)
                case r.EventReceived(about=None):
                    views[record.event] = view_of(record)
                case r.RunScheduled() | r.RunSkipped() | r.EventHeld():
                    for reading in current.get(record.function, ()):
                        for event in _events_of(record):
                            if event in views and (reading, event) not in seen:
                                seen[reading, event] = None
                                self._count(reading, views[event])

    def never_found(self) -> Iterator[tuple[Reading, Tally]]:
        """Yield the fields that events should have and of which no event had one."""
        for reading, tally in self._tallies.items():
            if tally.is_never_found:
                yield reading, tally

    def _count(self, reading: Reading, view: Mapping[str, object]) -> None:
        tally = self._tallies.setdefault(reading, Tally())
        tally.events += 1
        if has_path(view, reading.path):
            tally.found += 1
        elif not tally.found:
            tally.had.update(dict.fromkeys(_paths_in(view, ("event",))))


def doubts_about_keys(trace: Trace, is_idempotency: Callable[[str], bool]) -> list[str]:
    """Warn of each key with a field that no event had, while they had one of a near name.

    `is_idempotency` says of a function whether its rate limit was given as an idempotency key.
    """
    keys = KeysRead()
    keys.note(trace)
    told = []
    for reading, tally in keys.never_found():
        near = tally.near(reading.path)
        if near is not None:
            is_own = reading.setting == "rate limit" and is_idempotency(reading.function)
            setting = "idempotency" if is_own else reading.setting
            of = f"{tally.events} event{'s' if tally.events > 1 else ''}"
            told.append(f"{reading.function}: {lack(reading, of, near, setting)}")
    return told


def lack(reading: Reading, of: str, near: str | None, setting: str) -> str:
    """Say that a key has no value, `of` how many events, and what they have instead."""
    has = f"; the events have {near}" if near is not None else ""
    if reading.is_all:
        effect = _EFFECTS[reading.setting]
        return f"key {reading.key!r} of {setting} had a value for none of {of}, so {effect}{has}"
    return f"key {reading.key!r} of {setting} reads {reading.field}, which none of {of} has{has}"


def honest(reason: str, served: FunctionServed, view: Mapping[str, object]) -> str:
    """Write a reason for readers: a key whose field the event lacks is not shown as false.

    The engine counts by such a key as if its value were false (B72, B88).
    """
    for reading in readings(served):
        if not has_path(view, reading.path):
            told = f"{reading.key}, and the event has no {reading.field}"
            for shown in ("false", "'false'"):
                reason = reason.replace(f"{reading.key} = {shown}", told)
    return reason


def honest_entries(trace: Trace, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries of a trace with such reasons; the others, as most are, unchanged."""
    if not any(readings(served) for served in trace.of(FunctionServed)):
        yield from entries
        return
    served: dict[str, FunctionServed] = {}
    runs: dict[str, r.RunScheduled] = {}
    events = {record.event: record for record in trace.of(r.EventReceived) if not record.about}
    places = iter(trace)
    for entry in entries:
        for place in places:
            if isinstance(place.record, FunctionServed):
                served[place.record.function] = place.record
            elif isinstance(place.record, r.RunScheduled):
                runs[place.record.run] = place.record
            if place.seq == entry.seq:
                break
        yield _with_honest_reason(entry, served, runs, events)


def _with_honest_reason(
    entry: Entry,
    served: Mapping[str, FunctionServed],
    runs: Mapping[str, r.RunScheduled],
    events: Mapping[str, r.EventReceived],
) -> Entry:
    match entry.record:
        case (
            r.RunSkipped(function=function, event=event)
            | r.EventHeld(function=function, event=event)
        ):
            pass
        case r.ItemDelayed(run=run) | r.RunCancelling(run=run) if run in runs:
            function, event = runs[run].function, runs[run].events[0]
        case _:
            return entry
    record = entry.record
    if function not in served or event not in events:
        return entry
    reason = honest(record.reason, served[function], view_of(events[event]))
    return entry if reason == record.reason else attrs.evolve(entry, record=_told(record, reason))


def _told(record: _Reasoned, reason: str) -> _Reasoned:
    """Copy a record with another reason."""
    told: Any = copy.copy(record)
    told.reason = reason
    return cast("_Reasoned", told)


def readings(served: FunctionServed) -> list[Reading]:
    """List what the keys of a function read."""
    return [
        Reading(served.function, setting, key, path)
        for setting, key in _keys(served)
        if key is not None
        for path in paths_read(key)
    ]


def view_of(event: r.EventReceived) -> Mapping[str, object]:
    """Give an event as expressions see it."""
    view = {
        "name": event.name,
        "data": decode(event.data),
        "user": decode(event.user),
        "id": event.id,
        "ts": event.ts,
    }
    return {**view, "v": event.v} if event.v else view


def _events_of(record: r.RunScheduled | r.RunSkipped | r.EventHeld) -> tuple[str, ...]:
    return record.events if isinstance(record, r.RunScheduled) else (record.event,)


def _keys(served: FunctionServed) -> Iterator[tuple[str, str | None]]:
    for _, key, _ in served.concurrency:
        yield "concurrency", key
    if served.throttle is not None:
        yield "throttle", served.throttle[3]
    if served.rate_limit is not None:
        yield "rate limit", served.rate_limit[2]
    if served.debounce is not None:
        yield "debounce", served.debounce[1]
    if served.batch is not None:
        yield "batch", served.batch[2]
    if served.singleton is not None:
        yield "singleton", served.singleton[1]
    yield "priority", served.priority


def _paths_in(value: Mapping[str, object], before: Path) -> Iterator[Path]:
    for name, inner in value.items():
        path = (*before, name)
        yield path
        if isinstance(inner, dict):
            yield from _paths_in(inner, path)
