"""The event-id policy: the same event id starts each function once in 24 hours."""

from __future__ import annotations

import pytest

from dwf_sim.flow import ADMISSION
from dwf_sim.flow.event_id import WINDOW_MS, EventId
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.event import Event, store_event
from dwf_sim.model.function import FunctionConfig, TriggerEvent
from dwf_sim.model.verdicts import PASS, Skip, Verdict

NOW = 1_893_456_000_000
HOUR = 3_600_000


def arrive(
    policy: EventId,
    run: str,
    *,
    event_id: str = "order-1",
    function: str = "app-f",
    name: str = "go",
    at: int = NOW,
) -> Verdict:
    """Let an event arrive at a function's door."""
    config = FunctionConfig(function, "app", function, (TriggerEvent("go"), TriggerEvent("stop")))
    event = store_event(Event(name, id=event_id), internal_id=f"internal-{run}", now=at)
    arrival = Arrival(config, (event,), run, event.id, at)
    verdict = policy.admit(at, arrival)
    if verdict is PASS:
        policy.scheduled(at, arrival)
    return verdict


@pytest.mark.rule("A4", "B17")
def test_an_id_that_was_seen_is_skipped_and_the_reason_names_the_first_run() -> None:
    policy = EventId()

    verdicts = [arrive(policy, "run-1"), arrive(policy, "run-2"), arrive(policy, "run-3")]

    reason = "event id 'order-1' already started run run-1"
    assert verdicts == [PASS, Skip(reason), Skip(reason)]


@pytest.mark.rule("B17")
def test_each_function_sees_an_id_for_itself() -> None:
    policy = EventId()

    functions = ("app-f", "app-g", "app-f")
    verdicts = [arrive(policy, f"run-{n}", function=f) for n, f in enumerate(functions)]

    assert [verdict == PASS for verdict in verdicts] == [True, True, False]


@pytest.mark.rule("B17")
def test_the_name_of_the_event_does_not_matter() -> None:
    policy = EventId()
    arrive(policy, "run-1", name="go")

    verdict = arrive(policy, "run-2", name="stop")

    assert isinstance(verdict, Skip)


def test_other_ids_are_no_concern_of_it() -> None:
    policy = EventId()

    verdicts = [arrive(policy, event_id, event_id=event_id) for event_id in ("a", "b", "")]

    assert verdicts == [PASS, PASS, PASS]


@pytest.mark.rule("B15")
def test_events_without_an_id_of_their_own_are_never_the_same() -> None:
    policy = EventId()

    verdicts = [arrive(policy, run, event_id="") for run in ("run-1", "run-2")]

    assert verdicts == [PASS, PASS]


@pytest.mark.rule("B18")
@pytest.mark.parametrize(
    ("later_ms", "passes"),
    [(0, False), (23 * HOUR, False), (WINDOW_MS - 1, False), (WINDOW_MS, True), (48 * HOUR, True)],
)
def test_an_id_is_taken_for_24_hours(later_ms: int, passes: bool) -> None:
    policy = EventId()
    arrive(policy, "run-1")

    verdict = arrive(policy, "run-2", at=NOW + later_ms)

    assert (verdict == PASS) is passes


@pytest.mark.rule("B18")
def test_a_skipped_event_does_not_renew_the_24_hours() -> None:
    policy = EventId()
    arrive(policy, "run-1")
    arrive(policy, "run-2", at=NOW + 23 * HOUR)

    verdict = arrive(policy, "run-3", at=NOW + 24 * HOUR)

    assert verdict == PASS


def test_an_id_that_was_forgotten_is_taken_for_24_hours_again() -> None:
    policy = EventId()
    arrive(policy, "run-1")
    arrive(policy, "run-2", at=NOW + 24 * HOUR)

    verdict = arrive(policy, "run-3", at=NOW + 25 * HOUR)

    assert verdict == Skip("event id 'order-1' already started run run-2")


def test_ids_are_forgotten_one_by_one_as_they_age() -> None:
    policy = EventId()
    for hour in (0, 1, 2):
        arrive(policy, f"run-{hour}", event_id=str(hour), at=NOW + hour * HOUR)

    verdicts = [
        arrive(policy, f"again-{hour}", event_id=str(hour), at=NOW + 25 * HOUR)
        for hour in (0, 1, 2)
    ]

    assert [verdict == PASS for verdict in verdicts] == [True, True, False]


def test_an_id_counts_only_once_a_run_was_scheduled_for_it() -> None:
    policy = EventId()
    config = FunctionConfig("app-f", "app", "f", ())
    event = store_event(Event("go", id="order-1"), internal_id="i", now=NOW)
    refused = Arrival(config, (event,), "run-1", event.id, NOW)

    verdicts = [policy.admit(NOW, refused), arrive(policy, "run-2"), arrive(policy, "run-3")]

    reason = "event id 'order-1' already started run run-2"
    assert verdicts == [PASS, PASS, Skip(reason)]


def test_two_policies_know_nothing_of_each_other() -> None:
    first, second = EventId(), EventId()

    verdicts = [arrive(first, "run-1"), arrive(second, "run-2")]

    assert verdicts == [PASS, PASS]


def test_it_is_one_of_the_policies_that_are_asked() -> None:
    assert EventId in ADMISSION
    assert EventId.name == "event id"
