"""Sites: where something can go wrong in a run, and what is tried there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import FAULTS, Fault, Site, events, faults_at
from dwf_sim.faults.stored import kinds_of
from dwf_sim.given import meant, shown
from dwf_sim.model.records import RunCancelling, RunScheduled, StepMemoized, StepReported
from dwf_sim.search.stage import Stage

# Where a worker or the engine can die: one fault for each phase of a step.
CRASHES = (
    "crash.before",
    "crash.inside",
    "crash.after_effect",
    "response.lose",
    "crash.after_memo",
    "crash.after_ack",
)
_LATE_MS = 60_000


def kinds_given(given: object) -> tuple[str, ...]:
    """Take names of kinds of faults. Raises `ConfigError` for one that there is not."""
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, Collection) or not names:
        raise ConfigError(f"kinds is {shown(given)}; it is a list such as ['crash.before']")
    known = kinds_of(FAULTS)
    for name in names:
        if name not in known:
            raise ConfigError(f"kinds has {shown(name)}; {meant(str(name), known)}")
    return tuple(names)


def faults_of(site: Site, kinds: Collection[str]) -> Iterator[Fault]:
    """Yield the faults of these kinds that can strike at a site, for that site alone."""
    return (fault for fault in faults_at(site) if fault.kind_name in kinds)


def faults_of_events(stage: Stage) -> Iterator[tuple[str, Fault]]:
    """Yield what can befall the events of a pilot, with a word for each: that they come twice, or
    late, and on the other side of where a wait for one of their name began or ended.

    Of the engine's own events, only what befalls those that somebody took."""
    around = _around_waits(stage)
    numbers: dict[str, int] = {}
    taken = _taken(stage)
    for event in stage.events:
        nth = numbers[event.name] = numbers.get(event.name, 0) + 1
        if event.name.startswith("inngest/") and event.internal_id not in taken:
            continue
        yield "twice", events.duplicate(event.name, nth=nth)
        yield "twice", events.duplicate(event.name, nth=nth, after=_LATE_MS)
        for by in sorted({_LATE_MS: None, **around.get(event.internal_id, {})}):
            if by > 0:
                yield "late", events.delay(event.name, nth=nth, by=by)


def later(sites: Sequence[Site], struck: Site) -> Sequence[Site]:
    """List the sites that were come to after one where a fault has struck; all after an instant."""
    return sites[sites.index(struck) + 1 :] if struck in sites else sites


def _taken(stage: Stage) -> set[str]:
    """Find the events that started a run, ended a wait or cancelled a run."""
    found: set[str] = set()
    for record in stage.trace.of(RunScheduled, StepMemoized, RunCancelling):
        if isinstance(record, RunScheduled):
            found.update(record.events)
        elif isinstance(record, StepMemoized | RunCancelling) and record.event is not None:
            found.add(record.event)
    return found


@attrs.frozen
class _Wait:
    """A wait of a run for events of a name, from when until when."""

    run: str
    name: str
    began: int
    until: int


def _around_waits(stage: Stage) -> dict[str, dict[int, None]]:
    """Find for each event how late it has to be for a wait to go another way.

    The event that a wait took comes just before and just after the end of it, and the events that
    started its run come just after that event. For a wait that nothing ended, an event of its name
    that came too early comes when it has begun, and the run of one that came too late begins so
    late that its wait is not over.
    """
    events = {event.internal_id: event for event in stage.events}
    starts = {record.run: record.events for record in stage.trace.of(RunScheduled)}
    found: dict[str, dict[int, None]] = {}

    def note(event: str, *delays: int) -> None:
        found.setdefault(event, {}).update(dict.fromkeys(delays))

    for wait, taken in _waits(stage):
        first = [each for each in starts[wait.run] if each in events]
        if taken in events:
            at = events[taken].received_at
            note(taken, wait.until - at - 1, wait.until - at + 1)
            for each in first:
                note(each, at - events[each].received_at + 1)
        elif taken is None:
            for event in (each for each in events.values() if each.name == wait.name):
                if event.received_at <= wait.began:
                    note(event.internal_id, wait.began - event.received_at + 1)
                for each in first if event.received_at >= wait.until else ():
                    note(each, event.received_at - wait.until + 1)
    return found


def _waits(stage: Stage) -> list[tuple[_Wait, str | None]]:
    """List the waits for events that have ended, with the event that each took."""
    begun: dict[tuple[str, str], _Wait] = {}
    found: list[tuple[_Wait, str | None]] = []
    for at, _, record in stage.trace.tuples_since(0):
        if isinstance(record, StepReported) and record.kind == "wait":
            if record.awaits is not None and record.until is not None:
                wait = _Wait(record.run, record.awaits, at, record.until)
                begun[record.run, record.step] = wait
        elif isinstance(record, StepMemoized) and record.kind in ("event", "timeout"):
            ended = begun.get((record.run, record.step))
            if ended is not None:
                found.append((ended, record.event))
    return found
