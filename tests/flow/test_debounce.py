"""Debounce: the newest event of a flurry is let go when it has been quiet for a period."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.flow.debounce import Debouncing
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.flow_control import Debounce
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Hold, Skip
from tests.flow.door import HOUR, NOW, SECOND, arrival, ask

FIVE = Debounce(period=5 * SECOND)


def held_until(settings: Debounce, instants: list[int]) -> list[int]:
    """Let an event arrive at each instant; say until when, after NOW, something is held then."""
    policy, ends = Debouncing(), []
    for number, at in enumerate(instants):
        verdict = ask(policy, at, number=number, debounce=settings)
        assert isinstance(verdict, Hold)
        ends.append(verdict.until - NOW)
    return ends


def let_go(policy: Debouncing, at: int, key: str = "1") -> Arrival | None:
    """Let what is held go."""
    return policy.release(NOW + at, key)


@pytest.mark.rule("B95", "B96")
@pytest.mark.parametrize(
    ("period", "timeout", "instants", "ends"),
    [
        (5000, None, [0], [5000]),
        (5000, None, [0, 4999, 9998], [5000, 9999, 14_998]),
        (5000, 10_000, [0], [5000]),
        # The first is held for the timeout at most, rounded to seconds, and a second at least.
        (5000, 3000, [0], [3000]),
        (5000, 3499, [0], [3000]),
        (5000, 3500, [0], [4000]),
        (5000, 100, [0], [1000]),
        # The others are held to the maximum, cut to seconds, and a second at least.
        (5000, 8000, [0, 2999, 4500, 7000], [5000, 7999, 7500, 8000]),
        (5000, 8000, [0, 4600, 7500], [5000, 7600, 8500]),
        (5000, 5400, [0, 4900], [5000, 5900]),
    ],
)
def test_each_event_puts_off_the_end_as_far_as_the_timeout_allows(
    period: int, timeout: int | None, instants: list[int], ends: list[int]
) -> None:
    assert held_until(Debounce(period=period, timeout=timeout), instants) == ends


@pytest.mark.rule("B95", "B99")
def test_with_the_quirk_it_is_let_go_late_and_an_event_in_between_is_held_by_itself() -> None:
    policy = Debouncing(Quirks(debounce_fires_late=True))

    first = ask(policy, 0, number=1, debounce=FIVE)
    second = ask(policy, 5 * SECOND, number=2, debounce=FIVE)

    assert isinstance(first, Hold)
    assert isinstance(second, Hold)
    assert (first.until - NOW, second.until - NOW) == (6050, 11_050)
    assert let_go(policy, 6049, first.key) is None
    assert let_go(policy, 6050, first.key) is not None


@pytest.mark.rule("B98", "B20", "B19")
def test_the_newest_event_is_let_go_alone_and_under_its_internal_id() -> None:
    policy = Debouncing()
    for number, at in enumerate((0, 1000, 2000)):
        ask(policy, at, number=number, data={"n": number}, event_id="same", debounce=FIVE)

    early, going = let_go(policy, 6999), let_go(policy, 7000)

    assert early is None
    assert going is not None
    assert [event.internal_id for event in going.events] == ["e2"]
    assert (going.key, going.start_at) == ("e2", NOW + 7000)
    assert let_go(policy, 7000) is None


@pytest.mark.rule("B96", "B97")
@pytest.mark.parametrize(
    ("first_ts", "second_ts", "kept", "end"),
    [(0, 1000, "e2", 6000), (700, 700, "e2", 6000), (1, 0, "e1", 5000)],
)
def test_an_event_of_an_earlier_ts_changes_nothing(
    first_ts: int, second_ts: int, kept: str, end: int
) -> None:
    policy = Debouncing()
    ask(policy, 0, number=1, ts=first_ts, debounce=FIVE)

    verdict = ask(policy, 1000, number=2, ts=second_ts, debounce=FIVE)
    going = let_go(policy, end)

    assert isinstance(verdict, Hold if kept == "e2" else Skip)
    assert going is not None
    assert going.event.internal_id == kept


def test_the_reasons_name_the_event_that_is_held_or_was() -> None:
    policy = Debouncing()
    settings = Debounce(period=5 * SECOND, key="event.data.user")
    given: dict[str, Any] = {"data": {"user": "a"}, "debounce": settings}

    verdicts = [
        ask(policy, 0, number=1, **given),
        ask(policy, 1000, number=2, **given),
        ask(policy, 2000, number=3, ts=0, **given),
    ]

    reason = "the newest event so far (event.data.user = 'a')"
    assert verdicts == [
        Hold("1", NOW + 5000, reason),
        Hold("1", NOW + 6000, reason, instead_of="e1"),
        Skip("event e2 is held, with a later ts"),
    ]


@pytest.mark.rule("B99", "B100")
def test_at_its_end_a_window_takes_no_more_and_a_new_one_opens() -> None:
    policy = Debouncing()
    ask(policy, 0, number=1, debounce=FIVE)

    late = ask(policy, 5000, number=2, debounce=FIVE)
    gone = [let_go(policy, 5000, "1"), let_go(policy, 10_000, "2")]

    assert isinstance(late, Hold)
    assert (late.key, late.until, late.instead_of) == ("2", NOW + 10_000, None)
    assert [going.event.internal_id for going in gone if going is not None] == ["e1", "e2"]


def test_what_the_old_window_lets_go_late_leaves_the_new_one_alone() -> None:
    policy = Debouncing()
    ask(policy, 0, number=1, debounce=FIVE)
    ask(policy, 5000, number=2, debounce=FIVE)

    let_go(policy, 5000, "1")
    third = ask(policy, 6000, number=3, debounce=FIVE)

    assert isinstance(third, Hold)
    assert (third.key, third.instead_of) == ("2", "e2")
    assert (policy.due_at("1") is None, policy.due_at("2") is None) == (True, False)


@pytest.mark.rule("B24", "B100")
def test_a_future_ts_still_delays_the_start() -> None:
    policy = Debouncing()
    ask(policy, 0, ts=HOUR, debounce=FIVE)

    going = let_go(policy, 5000)

    assert going is not None
    assert going.start_at == NOW + HOUR


@pytest.mark.rule("B94", "B207", "B219")
@pytest.mark.parametrize(
    ("key", "first", "second", "are_one"),
    [
        ("event.data.k", {"k": "a"}, {"k": "b"}, False),
        ("event.data.k", {"k": 1}, {"k": "1"}, True),
        ("event.data.k", {}, {"k": "false"}, True),
        ("event.data.k * 2", {"k": 1}, {"k": 2}, True),
        (None, {"k": "a"}, {"k": "b"}, True),
    ],
)
def test_events_of_equal_value_are_held_together(
    key: str | None, first: dict[str, object], second: dict[str, object], are_one: bool
) -> None:
    policy = Debouncing()
    settings = Debounce(period=5 * SECOND, key=key)
    ask(policy, 0, number=1, data=first, debounce=settings)

    verdict = ask(policy, 0, number=2, data=second, debounce=settings)

    assert isinstance(verdict, Hold)
    assert (verdict.instead_of == "e1") is are_one


@pytest.mark.rule("B94")
def test_functions_hold_their_events_apart() -> None:
    policy = Debouncing()
    ask(policy, 0, number=1, debounce=FIVE)

    verdict = ask(policy, 0, number=2, function="app-g", debounce=FIVE)

    assert isinstance(verdict, Hold)
    assert verdict.instead_of is None


def test_a_function_that_is_not_debounced_is_let_in() -> None:
    assert Debouncing().admit(NOW, arrival()) == PASS
