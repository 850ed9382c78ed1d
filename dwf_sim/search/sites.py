"""Sites: where something can go wrong in a run, and what is tried there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

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
    late, and around the end of each wait that took one.

    Of the engine's own events, only what befalls those that somebody took."""
    waits = _waits(stage)
    numbers: dict[str, int] = {}
    taken = _taken(stage)
    for event in stage.events:
        nth = numbers[event.name] = numbers.get(event.name, 0) + 1
        if event.name.startswith("inngest/") and event.internal_id not in taken:
            continue
        yield "twice", events.duplicate(event.name, nth=nth)
        yield "twice", events.duplicate(event.name, nth=nth, after=_LATE_MS)
        delays = {_LATE_MS: None}
        for until in waits.get(event.internal_id, ()):
            delays |= {until - event.received_at - 1: None, until - event.received_at + 1: None}
        for by in sorted(delays):
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


def _waits(stage: Stage) -> dict[str, list[int]]:
    """Find for each event the ends of the waits that took it."""
    ends: dict[tuple[str, str], int] = {}
    found: dict[str, list[int]] = {}
    for record in stage.trace.of(StepReported, StepMemoized):
        if isinstance(record, StepReported) and record.until is not None:
            ends[record.run, record.step] = record.until
        elif isinstance(record, StepMemoized) and record.kind == "event" and record.event:
            until = ends.get((record.run, record.step))
            if until is not None:
                found.setdefault(record.event, []).append(until)
    return found
