"""Singleton: one run at a time; either the new one is skipped or the old one displaced."""

from __future__ import annotations

import pytest

from dwf_sim.flow.singleton import Singletons
from dwf_sim.model.flow_control import Singleton
from dwf_sim.model.verdicts import PASS, Displace, Skip, Verdict
from tests.flow.door import NOW, arrival

SKIP = Singleton(mode="skip")
CANCEL = Singleton(mode="cancel")
SKIP_BY_USER = Singleton(mode="skip", key="event.data.user")


def arrive(
    policy: Singletons,
    number: int,
    settings: Singleton = SKIP,
    data: dict[str, object] | None = None,
    function: str = "app-f",
) -> Verdict:
    """Let run `r<number>` arrive, and schedule it if nothing speaks against it."""
    given = arrival(data, number=number, function=function, singleton=settings)
    verdict = policy.admit(NOW, given)
    if not isinstance(verdict, Skip):
        policy.scheduled(NOW, given)
    return verdict


@pytest.mark.rule("B124", "B125")
def test_a_run_is_skipped_from_the_scheduling_of_the_first_until_its_end() -> None:
    policy = Singletons()

    verdicts = [arrive(policy, 1), arrive(policy, 2)]
    policy.ended("r1")
    verdicts.append(arrive(policy, 3))

    assert verdicts == [PASS, Skip("run r1 has not ended"), PASS]


@pytest.mark.rule("B125")
def test_the_invoker_of_a_skipped_run_is_not_told() -> None:
    policy = Singletons()
    arrive(policy, 1)

    verdict = arrive(policy, 2)

    assert isinstance(verdict, Skip)
    assert verdict.told is None


@pytest.mark.rule("B126")
def test_the_old_run_is_displaced_and_the_new_one_has_the_lock() -> None:
    policy = Singletons()

    verdicts = [arrive(policy, number, CANCEL) for number in (1, 2)]
    policy.ended("r1")  # Its end gives nothing back that is the new one's.
    verdicts.append(arrive(policy, 3, CANCEL))

    reason = "singleton: displaced by a newer run"
    assert verdicts == [PASS, Displace("r1", reason), Displace("r2", reason)]


@pytest.mark.rule("B126")
def test_the_old_run_has_no_lock_any_more_even_if_the_new_one_is_refused_elsewhere() -> None:
    policy = Singletons()
    arrive(policy, 1, CANCEL)

    verdict = policy.admit(NOW, arrival(number=2, singleton=CANCEL))

    assert isinstance(verdict, Displace)
    assert arrive(policy, 3, CANCEL) == PASS


@pytest.mark.rule("B127")
def test_an_end_that_is_told_twice_or_of_no_holder_changes_nothing() -> None:
    policy = Singletons()
    arrive(policy, 1)

    for run in ("r1", "r1", "another"):
        policy.ended(run)

    assert arrive(policy, 2) == PASS


@pytest.mark.rule("B123")
def test_functions_and_values_of_the_key_have_locks_of_their_own() -> None:
    policy = Singletons()

    verdicts = [
        arrive(policy, 1, SKIP_BY_USER, {"user": "a"}),
        arrive(policy, 2, SKIP_BY_USER, {"user": "b"}),
        arrive(policy, 3, SKIP_BY_USER, {"user": "a"}, function="app-g"),
        arrive(policy, 4, SKIP_BY_USER, {"user": "a"}),
    ]

    reason = "run r1 with event.data.user = 'a' has not ended"
    assert verdicts == [PASS, PASS, PASS, Skip(reason)]


@pytest.mark.rule("B123", "B207", "B219", "B407")
@pytest.mark.parametrize(
    ("key", "data", "is_alone"),
    [
        ("event.data.user", {}, False),
        ("event.data.user", {"user": False}, False),
        ("event.data.user * 2", {"user": 1}, False),
        ("(((", {}, False),
        ("event.data.user", {"user": "false"}, True),
        ("event.data.user", {"user": None}, True),
        ("event.data.user", {"user": 0}, True),
    ],
)
def test_a_key_that_is_false_missing_or_without_a_value_makes_no_singleton(
    key: str, data: dict[str, object], is_alone: bool
) -> None:
    policy = Singletons()
    settings = Singleton(mode="skip", key=key)
    arrive(policy, 1, settings, data)

    verdict = arrive(policy, 2, settings, data)

    assert isinstance(verdict, Skip) is is_alone
