"""Scenarios as a strategy: events at instants, and faults at the sites that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing, suppress
from typing import Any, TypeVar

from hypothesis import strategies as st

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError, InvariantViolated, UsageError
from dwf_sim.faults import FaultPlan
from dwf_sim.given import check_count, check_keywords, keywords_of, shown
from dwf_sim.model.event import Event
from dwf_sim.model.served import FunctionServed
from dwf_sim.strategies.plans import fault_plans
from dwf_sim.strategies.subject import SETTINGS, Subject
from dwf_sim.strategies.trial import Played, Send, Trial
from dwf_sim.world.serving import as_event
from dwf_sim.world.views import Sent

__all__ = [
    "Pilots",
    "fixed_sends",
    "in_time",
    "scenarios",
    "sends_of",
    "trials",
    "triggering_events",
    "triggering_sends",
]

AT_ONCE = (0,)
_KEPT_MAX = 32
_Kept = TypeVar("_Kept")


def scenarios(
    fn: Any,
    events: Any = None,
    *,
    setup: Callable[[], object] | None = None,
    seed: int = 0,
    sends_max: int = 3,
    gaps: Sequence[int | str] = AT_ONCE,
    faults_max: int = 3,
    kinds: Collection[str] | None = None,
    **settings: Any,
) -> st.SearchStrategy[Trial]:
    """Draw trials of functions: what is sent, and then faults at sites that it really leads to.

    `fn` is what `Simulation.serve` takes, or a function that makes it anew; `setup` is called
    before each simulation. `events` is an event, a name, or a list of these, each perhaps as a
    pair `("5s", event)` with its time after the start: those are sent each time. Or it is a
    strategy: of one event, of which up to `sends_max` are drawn, with one of the `gaps` before
    each, or of such lists. Without it, the functions' own triggers are sent with no data.
    Other keywords are those of `fault_plans` and of `Simulation`. Raises `UsageError` for what
    cannot be sent or played.
    """
    check_keywords("strategies.scenarios", settings, (*keywords_of(scenarios), *SETTINGS))
    subject = Subject(fn, setup, seed, settings)
    pilots = Pilots(subject)
    return trials(pilots, sends_of(subject, events, sends_max, gaps), faults_max, kinds)


class Pilots:
    """Plays what is sent without faults, once for all plans that soon go with it.

    A world is large, and Hypothesis sends something else in most examples: those that were asked
    for last are kept.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._played: dict[str, Played] = {}
        self._plans: dict[str, st.SearchStrategy[FaultPlan]] = {}

    def played(self, sends: Sequence[Send]) -> Played:
        """Give the world without faults, with its sites.

        If an invariant is broken there, it is also in a trial with an empty plan, which tells.
        """
        key = _text(sends)
        played = self._played.pop(key, None)
        if played is None:
            world = self.subject.world(pilot=True)
            sent: tuple[Sent, ...] = ()
            with suppress(InvariantViolated), closing(world):
                sent = Trial(tuple(sends)).play_in(world)
            played = Played(world, sent)
        _keep(self._played, key, played)
        return played

    def plans(
        self, sends: Sequence[Send], faults_max: int, kinds: Collection[str] | None
    ) -> st.SearchStrategy[FaultPlan]:
        """Give a strategy of plans over the sites that what is sent leads to."""
        key = _text(sends)
        plans = self._plans.pop(key, None)
        if plans is None:
            sites = self.played(sends).simulation.sites
            plans = fault_plans(sites, faults_max=faults_max, kinds=kinds)
        _keep(self._plans, key, plans)
        return plans


def _keep(kept: dict[str, _Kept], key: str, value: _Kept) -> None:
    """Put something last, and let go of what nobody has asked for since so many others."""
    kept[key] = value
    if len(kept) > _KEPT_MAX:
        del kept[next(iter(kept))]


def _text(sends: Sequence[Send]) -> str:
    return ", ".join(map(str, sends))


def trials(
    pilots: Pilots,
    sends: st.SearchStrategy[tuple[Send, ...]],
    faults_max: int,
    kinds: Collection[str] | None,
) -> st.SearchStrategy[Trial]:
    """Draw what is sent, have a pilot play it, and draw a plan over the sites that it comes to."""

    @st.composite
    def made(draw: st.DrawFn) -> Trial:
        drawn = draw(sends)
        return Trial(drawn, draw(pilots.plans(drawn, faults_max, kinds)))

    return made()


def sends_of(
    subject: Subject, events: Any, sends_max: int, gaps: Sequence[int | str] = AT_ONCE
) -> st.SearchStrategy[tuple[Send, ...]]:
    """Take what a user gives for events, and make a strategy of what is sent when."""
    check_count("sends_max", sends_max, 1)
    spans = [to_ms(gap) for gap in gaps]
    if not spans:
        raise ConfigError("gaps is empty; give durations, such as [0, '5s']")
    if events is None:
        return st.just(triggering_sends(subject))
    if not isinstance(events, st.SearchStrategy):
        return st.just(fixed_sends(events))
    pair = st.tuples(st.sampled_from(spans), events)
    several = st.lists(pair, min_size=1, max_size=sends_max)
    return several.map(in_time)


def in_time(pairs: Iterable[tuple[int, Any]]) -> tuple[Send, ...]:
    """Put events after one another, each so long after the one before.

    Of a strategy that gives lists, the first list is all that is sent.
    """
    sends: list[Send] = []
    now = 0
    for gap, drawn in pairs:
        if isinstance(drawn, list | tuple):
            return fixed_sends(drawn)
        now += gap
        sends.append(Send(now, _as_event(drawn)))
    return tuple(sends)


def fixed_sends(given: Any) -> tuple[Send, ...]:
    """Take an event, a name, or a list of these, with or without their times."""
    each = list(given) if isinstance(given, list) else [given]
    sends = [_as_send(one) for one in each]
    if not sends:
        raise ConfigError("events is an empty list; give at least one event")
    return tuple(sorted(sends, key=lambda send: send.at))


def _as_send(given: Any) -> Send:
    if isinstance(given, tuple) and len(given) == 2:
        at = to_ms(given[0])
        if at < 0:
            raise ConfigError(f"an event is sent {at} ms after the start; give 0 or more")
        return Send(at, _as_event(given[1]))
    return Send(0, _as_event(given))


def _as_event(given: Any) -> Event:
    event = Event(given) if isinstance(given, str) else as_event(given)
    if not isinstance(event, Event):
        raise ConfigError(
            f"events has {shown(given)}; give an Event, a name, a pair ('5s', event), a list of "
            "these, or a strategy such as strategies.events('order/created')"
        )
    return event


def triggering_sends(subject: Subject) -> tuple[Send, ...]:
    """Give the events that start the functions, without data; a pattern names none."""
    world = subject.world()
    world.close()
    return tuple(Send(0, event) for event in triggering_events(world.trace.of(FunctionServed)))


def triggering_events(served: Iterable[FunctionServed]) -> list[Event]:
    """Give the events that start functions, without data. Raises `UsageError` if none is named."""
    names = [name for record in served for name, _ in record.triggers]
    found = [name for name in dict.fromkeys(names) if not name.startswith("inngest/")]
    if not found or any("*" in name for name in found):
        raise UsageError(
            "events is not given, and the functions' triggers name no event that could be sent: "
            "give events, such as strategies.events('order/created')"
        )
    return [Event(name) for name in found]
