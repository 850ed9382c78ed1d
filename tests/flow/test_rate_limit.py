"""The rate limit: what is above it never runs; idempotency is one a day."""

from __future__ import annotations

import pytest

from dwf_sim.flow.rate_limit import INVOKE_ERROR, RateLimiting
from dwf_sim.model.arrival import BY_CRON, BY_INVOKE
from dwf_sim.model.flow_control import RateLimit
from dwf_sim.model.verdicts import PASS, Skip
from tests.flow.door import HOUR, MINUTE, NOW, SECOND, arrival, ask

DAY = 24 * HOUR
ONCE = RateLimit(limit=1, period=10 * SECOND)


def let_in(settings: RateLimit, instants: range | list[int]) -> list[int]:
    """Say which of these instants let one in, each with an event of its own."""
    policy = RateLimiting()
    return [
        at
        for number, at in enumerate(instants)
        if ask(policy, at, number=number, rate_limit=settings) == PASS
    ]


@pytest.mark.rule("B60", "B61", "B401")
@pytest.mark.parametrize(
    ("limit", "at_once"), [(1, 1), (2, 1), (5, 1), (9, 1), (10, 2), (19, 2), (20, 3), (100, 11)]
)
def test_a_tenth_of_the_limit_and_one_more_come_in_at_once(limit: int, at_once: int) -> None:
    settings = RateLimit(limit=limit, period=MINUTE)

    assert let_in(settings, [0] * 200) == [0] * at_once


@pytest.mark.rule("B61")
@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        (1, [0, 60, 120]),
        (5, [0, 12, 24, 36, 48, 60, 72, 84, 96, 108, 120]),
        (10, [0, 0, *range(6, 121, 6)]),
        (20, [0, 0, 0, *range(3, 121, 3)]),
    ],
)
def test_the_others_come_in_one_after_another(limit: int, seconds: list[int]) -> None:
    settings = RateLimit(limit=limit, period=MINUTE)
    each_second_twenty_times = [second * SECOND for second in range(121) for _ in range(20)]

    assert let_in(settings, each_second_twenty_times) == [second * SECOND for second in seconds]


@pytest.mark.rule("B61")
@pytest.mark.parametrize(("limit", "count"), [(10, 11), (100, 110)])
def test_a_first_period_that_is_crowded_lets_in_a_tenth_more(limit: int, count: int) -> None:
    settings = RateLimit(limit=limit, period=MINUTE)
    crowd = sorted([*range(0, MINUTE, 100)] * 11)

    assert len(let_in(settings, crowd)) == count


@pytest.mark.rule("B60", "B66")
def test_whoever_is_refused_costs_nothing() -> None:
    assert let_in(ONCE, [0, 1, 5000, 9999, 10_000, 10_001]) == [0, 10_000]


@pytest.mark.rule("B65")
def test_a_bucket_is_kept_for_whole_seconds_only() -> None:
    # 60 s / 7 is 8.57 s, so the server forgets after 8 s what it should know for longer.
    settings = RateLimit(limit=7, period=MINUTE)

    assert let_in(settings, [0, 7999, 8000]) == [0, 8000]


@pytest.mark.rule("B65")
def test_a_bucket_is_kept_for_a_second_at_least() -> None:
    settings = RateLimit(limit=9, period=3 * SECOND)

    assert let_in(settings, [0, 333, 334, 999]) == [0, 334, 999]


@pytest.mark.rule("B65")
def test_the_reason_says_when_the_next_one_is_let_in() -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=7, period=MINUTE)
    ask(policy, 0, rate_limit=settings)

    verdict = ask(policy, 1000, number=2, rate_limit=settings)

    reason = (
        "7 in 1m, of which 1 may come at once and the others evenly (no key); "
        "the next is let in at 2030-01-01T00:00:08.000Z"
    )
    assert verdict == Skip(reason, INVOKE_ERROR)


@pytest.mark.rule("B65")
def test_a_new_period_counts_from_what_the_old_one_left() -> None:
    policy = RateLimiting()
    ask(policy, 0, rate_limit=RateLimit(limit=1, period=MINUTE))
    shorter = RateLimit(limit=1, period=SECOND)

    verdicts = [ask(policy, at, number=at, rate_limit=shorter) for at in (30_000, 60_000, 61_000)]

    assert [verdict == PASS for verdict in verdicts] == [False, True, True]


@pytest.mark.rule("B62")
def test_a_period_of_less_than_a_second_limits_nothing() -> None:
    assert let_in(RateLimit(limit=1, period=999), [0] * 5) == [0] * 5


@pytest.mark.rule("B60")
def test_a_limit_of_nothing_counts_as_one() -> None:
    assert let_in(RateLimit(limit=0, period=10 * SECOND), [0, 0, 10_000]) == [0, 10_000]


@pytest.mark.rule("B64")
def test_functions_values_and_key_texts_are_counted_apart() -> None:
    policy = RateLimiting()
    by_user = RateLimit(limit=1, period=HOUR, key="event.data.user")
    differently = RateLimit(limit=1, period=HOUR, key="event.data['user']")

    verdicts = [
        ask(policy, 0, number=1, data={"user": "a"}, rate_limit=by_user),
        ask(policy, 0, number=2, data={"user": "b"}, rate_limit=by_user),
        ask(policy, 0, number=3, data={"user": "a"}, rate_limit=differently),
        ask(policy, 0, number=4, data={"user": "a"}, rate_limit=by_user, function="app-g"),
        ask(policy, 0, number=5, data={"user": "a"}, rate_limit=by_user),
    ]

    assert [verdict == PASS for verdict in verdicts] == [True, True, True, True, False]


@pytest.mark.rule("B55", "B64", "B219")
@pytest.mark.parametrize(
    ("first", "second", "is_limited"),
    [
        ({}, {}, False),
        ({"k": False}, {"k": False}, False),
        ({"k": "false"}, {"k": "false"}, True),
        ({"k": None}, {"k": None}, True),
        ({"k": 0}, {"k": 0}, True),
        ({"k": ""}, {"k": ""}, True),
        ({"k": 1}, {"k": "1"}, True),
        ({"k": 1}, {"k": 2}, False),
    ],
)
def test_only_a_key_that_is_false_or_missing_is_not_limited(
    first: dict[str, object], second: dict[str, object], is_limited: bool
) -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=1, period=HOUR, key="event.data.k")
    ask(policy, 0, number=1, data=first, rate_limit=settings)

    verdict = ask(policy, 0, number=2, data=second, rate_limit=settings)

    assert isinstance(verdict, Skip) is is_limited


@pytest.mark.rule("B56", "B133", "B207")
def test_an_event_whose_key_has_no_value_is_lost_and_no_invoker_is_told() -> None:
    settings = RateLimit(limit=1, period=HOUR, key="event.data.a * 2")

    verdict = ask(RateLimiting(), 0, data={"a": 1}, rate_limit=settings)

    assert isinstance(verdict, Skip)
    assert verdict.reason.startswith("its key has no value: ")
    assert verdict.told is None


@pytest.mark.rule("B22", "B66")
@pytest.mark.parametrize(
    ("later", "is_free"), [(0, True), (5 * MINUTE - 1, True), (5 * MINUTE, False)]
)
def test_the_same_event_costs_nothing_for_five_minutes(later: int, is_free: bool) -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=1, period=HOUR)
    ask(policy, 0, event_id="same", rate_limit=settings)

    verdict = ask(policy, later, number=2, event_id="same", rate_limit=settings)

    assert (verdict == PASS) is is_free


@pytest.mark.rule("B22", "B130")
def test_after_five_minutes_the_same_event_takes_a_place_again() -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=1, period=6 * MINUTE)
    ask(policy, 0, event_id="same", rate_limit=settings)

    verdicts = [
        ask(policy, 6 * MINUTE, number=2, event_id="same", rate_limit=settings),
        ask(policy, 6 * MINUTE, number=3, event_id="other", rate_limit=settings),
        ask(policy, 7 * MINUTE, number=4, event_id="same", rate_limit=settings),
    ]

    assert [verdict == PASS for verdict in verdicts] == [True, False, True]


@pytest.mark.rule("B53", "B54")
@pytest.mark.parametrize(
    ("later", "passes"), [(5 * MINUTE, False), (DAY - 1, False), (DAY, True), (2 * DAY, True)]
)
def test_idempotency_is_one_a_day_from_the_first_on(later: int, passes: bool) -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=1, period=DAY, key="event.data.cart")
    for at in (0, HOUR):  # Whoever is skipped does not make it longer.
        ask(policy, at, number=at, data={"cart": 7}, rate_limit=settings, idempotency=settings.key)

    verdict = ask(
        policy, later, number=2, data={"cart": 7}, rate_limit=settings, idempotency=settings.key
    )

    reason = "idempotency: a run with event.data.cart = '7' was let in less than 24 hours ago"
    assert verdict == (PASS if passes else Skip(reason, INVOKE_ERROR))


@pytest.mark.rule("B59")
@pytest.mark.parametrize("by", [BY_INVOKE, BY_CRON])
def test_invokes_and_crons_are_limited_too(by: str) -> None:
    policy = RateLimiting()
    ask(policy, 0, number=1, rate_limit=ONCE)

    assert isinstance(ask(policy, 0, number=2, by=by, rate_limit=ONCE), Skip)


@pytest.mark.rule("B58", "B105")
def test_a_batch_is_never_limited() -> None:
    policy = RateLimiting()

    verdicts = [ask(policy, 0, number=n, is_batch=True, rate_limit=ONCE) for n in (1, 2)]

    assert verdicts == [PASS, PASS]


def test_a_function_without_a_limit_is_let_in() -> None:
    assert RateLimiting().admit(NOW, arrival()) == PASS


def test_buckets_that_are_as_good_as_new_are_forgotten_and_the_others_not() -> None:
    policy = RateLimiting()
    settings = RateLimit(limit=1, period=10 * MINUTE, key="event.data.n")

    for n in range(2500):
        at = n * 2 * SECOND
        ask(policy, at, number=n, data={"n": n}, rate_limit=settings)
    last = [ask(policy, at, number=5000, data={"n": n}, rate_limit=settings) for n in (0, 2400)]

    assert len(policy._buckets) < 2500
    assert [verdict == PASS for verdict in last] == [True, False]
