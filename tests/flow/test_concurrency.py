"""Concurrency: so many requests at a time, by function, by key, and by keys that are shared."""

from __future__ import annotations

from typing import Any

import pytest

from dwf_sim.flow.concurrency import ConcurrencyLimits, FunctionGate, SlotGate
from dwf_sim.model.flow_control import Concurrency
from dwf_sim.model.limits import Limits
from tests.flow.door import NOW, arrival

BY_USER = Concurrency(limit=1, key="event.data.user")


def gates_of(
    policy: ConcurrencyLimits, *limits: Concurrency, data: Any = None, function: str = "app-f"
) -> list[SlotGate]:
    """Get the gates of a run: the account's, its function's, and those of its keys."""
    given = arrival(data, function=function, concurrency=limits)
    (own,) = policy.stops(given.function)
    keyed = policy.gates(NOW, given)
    assert isinstance(own, FunctionGate)
    assert own.stops
    assert not any(gate.stops for gate in keyed)
    return [own.account, own.own, *[gate for gate in keyed if isinstance(gate, SlotGate)]]


def is_open(gate: SlotGate) -> bool:
    """Whether one more may pass."""
    return gate.opens_at(NOW, 0) == NOW


@pytest.mark.rule("B84", "B89")
def test_every_run_passes_the_account_and_its_function_which_take_a_thousand_each() -> None:
    policy = ConcurrencyLimits()

    first, second = gates_of(policy), gates_of(policy, function="app-g")

    assert [gate.limit for gate in (*first, *second)] == [1000] * 4
    assert first[0].slots is second[0].slots
    assert first[1].slots is not second[1].slots


@pytest.mark.rule("B80", "B85", "B89")
@pytest.mark.parametrize(
    ("limits", "limit"), [((3,), 3), ((0,), 1000), ((-1,), 1000), ((5, 2), 2), ((0, 7), 7)]
)
def test_a_limit_without_a_key_is_the_functions_and_nothing_is_no_limit(
    limits: tuple[int, ...], limit: int
) -> None:
    gates = gates_of(ConcurrencyLimits(), *[Concurrency(limit=given) for given in limits])

    assert [gate.limit for gate in gates] == [1000, limit]


@pytest.mark.rule("B85")
def test_a_limit_of_nothing_with_a_key_lets_nobody_pass() -> None:
    zero = Concurrency(limit=0, key="event.data.user")

    gate = gates_of(ConcurrencyLimits(), zero, data={"user": "a"})[2]

    assert gate.opens_at(NOW, 0) is None
    assert gate.describe(NOW) == "0 of 0 are in flight (concurrency of app-f: event.data.user = a)"


@pytest.mark.rule("B80")
def test_who_passes_takes_a_slot_and_gives_it_back() -> None:
    gate = gates_of(ConcurrencyLimits(), BY_USER)[2]

    seen = [is_open(gate)]
    gate.enter(NOW, 1)
    seen.append(is_open(gate))
    gate.leave()
    seen.append(is_open(gate))

    assert seen == [True, False, True]


@pytest.mark.rule("B86", "B87")
def test_runs_of_equal_value_share_their_slots_and_others_do_not() -> None:
    policy = ConcurrencyLimits()
    users = ("a", "a", "b")

    gates = [gates_of(policy, BY_USER, data={"user": user})[2] for user in users]
    gates[0].enter(NOW, 1)

    assert [is_open(gate) for gate in gates] == [False, False, True]


@pytest.mark.rule("B79", "B86")
@pytest.mark.parametrize(
    ("first", "second", "are_shared"),
    [
        (("env", '"openai"'), ("env", '"openai"'), True),
        (("account", '"openai"'), ("account", '"openai"'), True),
        (("env", '"openai"'), ("account", '"openai"'), False),
        (("env", '"openai"'), ("env", "'openai'"), False),
        (("fn", '"openai"'), ("fn", '"openai"'), False),
        ((None, '"openai"'), (None, '"openai"'), False),
    ],
)
def test_functions_share_slots_if_scope_and_text_of_the_key_are_the_same(
    first: tuple[Any, str], second: tuple[Any, str], are_shared: bool
) -> None:
    policy = ConcurrencyLimits()

    gates = [
        gates_of(policy, Concurrency(limit=1, scope=scope, key=key), function=name)[2]
        for name, (scope, key) in (("app-f", first), ("app-g", second))
    ]

    assert (gates[0].slots is gates[1].slots) is are_shared


@pytest.mark.rule("B86")
def test_each_function_holds_its_own_limit_against_the_shared_count() -> None:
    policy = ConcurrencyLimits()
    small, large = [
        gates_of(policy, Concurrency(limit=n, scope="env", key="'x'"), function=f"app-{n}")[2]
        for n in (1, 2)
    ]

    large.enter(NOW, 1)
    seen = [is_open(small), is_open(large)]
    large.enter(NOW, 2)

    assert (seen, is_open(large)) == ([False, True], False)


@pytest.mark.rule("B88", "B218", "B219")
@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"user": "a"}, "a"),
        ({}, "false"),
        ({"user": None}, "NULL_VALUE"),
        ({"user": 1_000_000}, "1e+06"),
        ({"user": True}, "true"),
    ],
)
def test_a_value_is_written_as_the_engine_writes_it(data: dict[str, object], value: str) -> None:
    gate = gates_of(ConcurrencyLimits(), BY_USER, data=data)[2]

    assert gate.key == f"concurrency of app-f: event.data.user = {value}"


@pytest.mark.rule("B88", "B207")
@pytest.mark.parametrize("key", ["event.data.user * 2", "((("])
def test_a_key_without_a_value_is_one_key_for_all(key: str) -> None:
    policy = ConcurrencyLimits()

    gates = [
        gates_of(policy, Concurrency(limit=1, key=key), data={"user": user})[2] for user in (1, 2)
    ]

    assert gates[0].slots is gates[1].slots


def test_two_limits_of_one_key_are_one_and_the_lower_one_counts() -> None:
    limits = [Concurrency(limit=n, key="event.data.user") for n in (5, 2)]

    gates = gates_of(ConcurrencyLimits(), *limits)

    assert [gate.limit for gate in gates[2:]] == [2]


def test_a_function_that_is_registered_anew_has_its_new_limit_and_its_old_count() -> None:
    policy = ConcurrencyLimits()
    old = gates_of(policy, Concurrency(limit=1))[1]
    old.enter(NOW, 1)

    new = gates_of(policy, Concurrency(limit=2))[1]

    assert (old.slots is new.slots, is_open(old), is_open(new)) == (True, False, True)


@pytest.mark.rule("B84")
def test_the_gate_of_a_function_is_closed_when_the_account_is_full_and_says_which_is() -> None:
    policy = ConcurrencyLimits(Limits(concurrency=1))
    busy, other = [policy.stops(arrival(function=name).function)[0] for name in ("app-f", "app-g")]

    busy.enter(NOW, 1)

    assert (busy.opens_at(NOW, 2), other.opens_at(NOW, 2)) == (None, None)
    assert busy.describe(NOW) == "1 of 1 are in flight (concurrency of app-f)"
    assert other.describe(NOW) == "1 of 1 are in flight (concurrency of the account)"
    busy.leave()
    assert other.opens_at(NOW, 2) == NOW
