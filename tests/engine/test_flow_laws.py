"""Histories of random settings, events and answers obey the laws; wrong policies are caught."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwf_sim.flow.base import Admission, Dispatch
from dwf_sim.flow.batch import Batching
from dwf_sim.flow.concurrency import ConcurrencyLimits
from dwf_sim.flow.debounce import Debouncing
from dwf_sim.flow.priority import Priorities
from dwf_sim.flow.rate_limit import RateLimiting
from dwf_sim.flow.singleton import Singletons
from dwf_sim.flow.throttle import Throttles
from dwf_sim.invariants import INVARIANTS, Checker, Violation
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
)
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate
from dwf_sim.model.records import RequestSent
from dwf_sim.model.verdicts import PASS, Hold, Pass, Verdict
from tests.engine import flow_laws as laws
from tests.engine.bench import SECOND, START, Bench, function
from tests.engine.flow_laws import LAWS, Act, History

USER = "event.data.user"
EXAMPLES = int(os.environ.get("DWF_HISTORIES", "150"))
Settings = dict[str, Any]

_small = st.integers(1, 3)
_seconds = st.integers(1, 12).map(lambda seconds: seconds * SECOND)
_limits = st.builds(Concurrency, limit=_small, key=st.sampled_from((None, USER)))
_anywhere: Settings = {
    "concurrency": st.lists(_limits, max_size=2).map(tuple),
    "throttle": st.builds(
        Throttle, limit=_small, period=st.just(6 * SECOND), burst=st.integers(0, 2)
    ),
    "rate_limit": st.builds(RateLimit, limit=_small, period=st.just(6 * SECOND)),
}
_singly: Settings = {
    "debounce": st.builds(
        Debounce, period=_seconds, key=st.just(USER), timeout=st.none() | _seconds
    ),
    "singleton": st.builds(
        Singleton, mode=st.sampled_from(("skip", "cancel")), key=st.just("string(event.data.user)")
    ),
    "priority": st.just(Priority(run="int(event.data.p)")),
}
_batched: Settings = {
    "batch": st.builds(Batch, max_size=st.integers(2, 3), timeout=_seconds, key=st.just(USER))
}
_settings = st.one_of(
    st.fixed_dictionaries({}, optional={**_anywhere, **_singly}),
    st.fixed_dictionaries(_batched, optional=_anywhere),
)
_kinds = ("send", "send", "send", "wait", "wait", "answer", "answer", "cancel", "pause", "resume")
_acts = st.lists(
    st.tuples(st.sampled_from(_kinds), st.integers(0, 5), st.integers(0, 9)),
    min_size=10,
    max_size=50,
)


def broken_in(history: History) -> list[Violation]:
    """List the invariants that a history does not keep to."""
    checker = Checker(INVARIANTS)
    checker.feed((at, None, record) for at, record in history.records)
    return checker.violations(history.bench.now + 1)


def live(given: Settings, acts: list[Act], wrong: Admission | Dispatch | None = None) -> History:
    """Live through a history, with one policy put in the place of the class it is made from."""
    config = function(**given)
    bench = Bench(config)
    state, right = bench.engine.state, type(wrong).__mro__[1]
    if isinstance(wrong, Admission):
        state.admission = tuple(wrong if type(p) is right else p for p in state.admission)
    if isinstance(wrong, Dispatch):
        state.dispatch = tuple(wrong if type(p) is right else p for p in state.dispatch)
    history = History(bench, config)
    history.live(acts)
    return history


@pytest.mark.rule("B60", "B68", "B80", "B89", "B96", "B106", "B117", "B124", "B131")
@settings(max_examples=EXAMPLES, deadline=None)
@given(_settings, _acts)
def test_every_history_obeys_every_law(given: Settings, acts: list[Act]) -> None:
    history = live(given, acts)

    for law in LAWS:
        law(history)
    assert broken_in(history) == []


class Roomy(ConcurrencyLimits):
    """Has twice as many slots for each key."""

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        limits = [attrs.evolve(each, limit=2 * each.limit) for each in arrival.function.concurrency]
        wider = attrs.evolve(arrival.function, concurrency=tuple(limits))
        return super().gates(now, attrs.evolve(arrival, function=wider))


class Closed(ConcurrencyLimits):
    """Has no slots for any key."""

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        limits = [attrs.evolve(each, limit=0) for each in arrival.function.concurrency]
        none = attrs.evolve(arrival.function, concurrency=tuple(limits))
        return super().gates(now, attrs.evolve(arrival, function=none))


class Bursting(Throttles):
    """Lets one more start at once."""

    def gates(self, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        throttle = arrival.function.throttle
        assert throttle is not None
        more = attrs.evolve(throttle, burst=throttle.burst + 1)
        wider = attrs.evolve(arrival.function, throttle=more)
        return super().gates(now, attrs.evolve(arrival, function=wider))


class Lenient(RateLimiting):
    """Does not remember whom it has let in."""

    def admit(self, now: int, arrival: Arrival) -> Verdict:  # noqa: ARG002  # The contract.
        return PASS


class Stubborn(Debouncing):
    """Keeps the first event."""

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        event = attrs.evolve(arrival.event, ts=2 * START - now)
        return super().admit(now, attrs.evolve(arrival, events=(event,)))


class Repeating(Batching):
    """Lets the first event of a full batch go twice."""

    def admit(self, now: int, arrival: Arrival) -> Verdict:
        verdict = super().admit(now, arrival)
        if isinstance(verdict, Pass) and verdict.arrival is not None:
            events = verdict.arrival.events
            return Pass(attrs.evolve(verdict.arrival, events=(*events[:-1], events[0])))
        return verdict


class Careless(Singletons):
    """Forgets the lock at once."""

    def scheduled(self, now: int, arrival: Arrival) -> None:
        super().scheduled(now, arrival)
        self.ended(arrival.run_id)


class Zealous(Priorities):
    """Counts each second for an hour."""

    def head_start_ms(self, now: int, arrival: Arrival) -> int:
        return 3600 * super().head_start_ms(now, arrival)


class Arbitrary(Priorities):
    """Puts each run before those that came earlier."""

    def concerns(self, function: FunctionConfig) -> bool:  # noqa: ARG002  # The contract.
        return True

    def head_start_ms(self, now: int, arrival: Arrival) -> int:  # noqa: ARG002  # The contract.
        return 2 * (now % 1_000_000)


class Swallowing(Debouncing):
    """Holds what comes and never lets it go."""

    def admit(self, now: int, arrival: Arrival) -> Verdict:  # noqa: ARG002  # The contract.
        return Hold("for ever", now + SECOND, "lost")


SENDS: list[Act] = [("send", 0, 5), ("send", 0, 5), ("send", 0, 5)]
SLOWLY: list[Act] = [("send", 0, 5), ("wait", 0, 0), ("send", 0, 6), ("wait", 0, 0), ("send", 0, 7)]


@pytest.mark.parametrize(
    ("wrong", "law", "given", "acts"),
    [
        (
            Roomy,
            laws.no_more_in_flight_than_allowed,
            {"concurrency": (Concurrency(limit=1, key=USER),)},
            SENDS,
        ),
        (
            Closed,
            laws.every_run_comes_to_its_end,
            {"concurrency": (Concurrency(limit=1, key=USER),)},
            SENDS,
        ),
        (
            Bursting,
            laws.no_more_starts_than_the_throttle_allows,
            {"throttle": Throttle(limit=1, period=6 * SECOND)},
            SENDS,
        ),
        (
            Lenient,
            laws.no_more_runs_than_the_rate_allows,
            {"rate_limit": RateLimit(limit=1, period=6 * SECOND)},
            SENDS,
        ),
        (
            Stubborn,
            laws.the_newest_event_is_the_one_that_runs,
            {"debounce": Debounce(period=6 * SECOND)},
            SLOWLY,
        ),
        (
            Repeating,
            laws.every_event_is_in_one_batch,
            {"batch": Batch(max_size=3, timeout=6 * SECOND)},
            SENDS,
        ),
        (
            Careless,
            laws.never_two_singletons,
            {"singleton": Singleton(mode="skip")},
            SENDS,
        ),
        (
            Zealous,
            laws.priority_moves_no_further_than_its_factor,
            {"priority": Priority(run="int(event.data.p)"), "concurrency": (Concurrency(limit=1),)},
            [*SLOWLY[:3], ("wait", 3, 0), *SLOWLY],
        ),
        (
            Arbitrary,
            laws.each_key_is_served_first_come_first_served,
            {"concurrency": (Concurrency(limit=1, key=USER),)},
            SLOWLY,
        ),
        (
            Swallowing,
            laws.every_event_has_a_run_or_a_reason,
            {"debounce": Debounce(period=6 * SECOND)},
            SENDS,
        ),
    ],
)
def test_a_wrong_policy_breaks_its_law(
    wrong: type[Admission] | type[Dispatch],
    law: Callable[[History], None],
    given: Settings,
    acts: list[Act],
) -> None:
    law(live(given, acts))

    history = live(given, acts, wrong())

    with pytest.raises(AssertionError):
        law(history)


def test_a_request_of_a_cancelled_run_breaks_its_law() -> None:
    history = live({}, [("send", 0, 5), ("cancel", 0, 0)])
    law = laws.nothing_is_asked_of_runs_that_were_cancelled
    law(history)

    (run,) = history.bench.runs
    history.records.append((history.bench.now, RequestSent(run.id, 2, "edge", 0, None)))

    with pytest.raises(AssertionError):
        law(history)
