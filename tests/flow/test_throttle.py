"""The throttle: runs start at a rate, and whoever is too early waits."""

from __future__ import annotations

import gc

import pytest

import dwf_sim as dwf
from dwf_sim.flow.base import Dispatch
from dwf_sim.flow.concurrency import ConcurrencyLimits
from dwf_sim.flow.throttle import RateGate, Throttles
from dwf_sim.model.flow_control import Concurrency, Throttle
from dwf_sim.model.gate import Gate
from tests.flow.door import HOUR, MINUTE, NOW, SECOND, arrival


def gate_of(policy: Throttles, settings: Throttle, *, number: int = 1, at: int = 0) -> RateGate:
    """Get the gate of a run whose key is its number."""
    given = arrival({"n": number}, at=at, number=number, throttle=settings)
    (gate,) = policy.gates(NOW + at, given)
    assert isinstance(gate, RateGate)
    return gate


def starts(settings: Throttle, count: int) -> list[float]:
    """Say, in seconds, when items start that have all been queued at once."""
    gate, now, seconds = gate_of(Throttles(), settings), NOW, []
    for item in range(count):
        opens_at = gate.opens_at(now, item)
        assert opens_at is not None
        gate.enter(opens_at, item)
        now = opens_at
        seconds.append((now - NOW) / SECOND)
    return seconds


@pytest.mark.rule("B68", "B69", "B70", "B402", "B403")
@pytest.mark.parametrize(
    ("limit", "period", "burst", "expected"),
    [
        (1, "5s", 0, [0, 5, 10, 15]),
        (2, "5s", 0, [0, 0, 2.5, 5, 7.5]),
        (1, "5s", 1, [0, 0, 5, 10]),
        (2, "5s", 1, [0, 0, 0, 2.5, 5]),
        (10, "60s", 5, [*[0] * 15, 6, 12, 18]),
        (1, "10s", 1, [0, 0, 10, 20]),
        (1, "10s", 0, [0, 10, 20]),
    ],
)
def test_from_idle_limit_and_burst_start_at_once_and_then_one_at_a_time(
    limit: int, period: str, burst: int, expected: list[float]
) -> None:
    settings = Throttle(limit=limit, period=period, burst=burst)  # type: ignore[arg-type]  # Texts.

    assert starts(settings, len(expected)) == expected


@pytest.mark.rule("B70")
def test_the_burst_is_one_if_not_given_as_in_the_vendors_sdk() -> None:
    assert starts(Throttle(limit=1, period=10 * SECOND), 4) == [0, 0, 10, 20]


@pytest.mark.rule("B71")
def test_nothing_counts_as_one_and_periods_are_cut_to_seconds() -> None:
    assert starts(Throttle(limit=0, period=5999, burst=0), 3) == [0, 5, 10]


@pytest.mark.rule("B71")
def test_a_period_below_a_second_lets_nothing_start_and_says_so() -> None:
    app = dwf.App("app")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        throttle=Throttle(limit=1, period=999),
    )
    async def handler(ctx: dwf.Context) -> None:
        """Do nothing."""

    simulation = dwf.Simulation().serve(app)
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.status == "scheduled"
    assert "a period of 999 ms lets nothing start" in simulation.explain(run)


@pytest.mark.rule("B72")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("event.data.n", "1"),
        ("event.data.missing", "false"),
        ("event.data.nothing", "NULL_VALUE"),
        ("event.data.n * 2", "false"),
        ("(((", "false"),
        ("'all'", "all"),
    ],
)
def test_a_key_that_has_no_value_is_one_key_for_all(key: str, value: str) -> None:
    settings = Throttle(limit=1, period=SECOND, key=key)

    (gate,) = Throttles().gates(NOW, arrival({"n": 1, "nothing": None}, throttle=settings))

    assert gate.key == f"throttle of app-f: {key} = {value}"


@pytest.mark.rule("B67", "B73")
def test_each_function_and_key_has_a_gate_that_only_starts_pass_and_that_stops_nobody() -> None:
    policy = Throttles()
    keyed = Throttle(limit=1, period=SECOND, key="event.data.n")
    plain = Throttle(limit=1, period=SECOND)

    gates: list[Gate] = [gate_of(policy, keyed, number=n) for n in (1, 2, 1)]
    gates += [*policy.gates(NOW, arrival(function="app-g", throttle=plain))]

    assert gates[0] is gates[2]
    assert len({gate.key for gate in gates}) == 3
    assert all(gate.is_for_starts and not gate.stops for gate in gates)
    assert policy.gates(NOW, arrival()) == ()


def test_a_throttle_and_a_limit_of_one_key_are_two_gates() -> None:
    key = "event.data.n"
    given = arrival(
        {"n": 1},
        throttle=Throttle(limit=1, period=SECOND, key=key),
        concurrency=(Concurrency(limit=1, key=key),),
    )
    policies: list[Dispatch] = [Throttles(), ConcurrencyLimits()]

    gates = [gate.key for policy in policies for gate in policy.gates(NOW, given)]

    assert len(set(gates)) == len(gates)


@pytest.mark.rule("B76")
@pytest.mark.parametrize(
    ("later", "opens_after"), [(0, 0), (5 * MINUTE - 1, 0), (5 * MINUTE, 55 * MINUTE)]
)
def test_an_item_that_was_counted_passes_again_for_five_minutes(
    later: int, opens_after: int
) -> None:
    gate = gate_of(Throttles(), Throttle(limit=1, period=HOUR, burst=0))
    gate.enter(NOW, 1)

    assert gate.opens_at(NOW + later, 1) == NOW + later + opens_after
    assert gate.opens_at(NOW + later, 2) == NOW + HOUR
    assert (gate.knows(1), gate.knows(2)) == (True, False)


@pytest.mark.rule("B76")
def test_an_item_that_passes_for_free_is_not_counted_and_later_it_is() -> None:
    gate = gate_of(Throttles(), Throttle(limit=1, period=6 * MINUTE, burst=0))
    gate.enter(NOW, 1)

    gate.enter(NOW + MINUTE, 1)
    free = gate.opens_at(NOW + MINUTE, 2)
    gate.enter(NOW + 6 * MINUTE, 1)

    assert free == NOW + 6 * MINUTE
    assert gate.opens_at(NOW + 6 * MINUTE, 2) == NOW + 12 * MINUTE
    assert gate.opens_at(NOW + 7 * MINUTE, 1) == NOW + 7 * MINUTE


def test_other_settings_take_over_what_is_due() -> None:
    policy = Throttles()
    gate_of(policy, Throttle(limit=1, period=HOUR, burst=0)).enter(NOW, 1)

    gate = gate_of(policy, Throttle(limit=2, period=MINUTE, burst=0))

    assert gate.opens_at(NOW, 2) == NOW + HOUR - 30 * SECOND


def test_gates_that_are_as_good_as_new_are_forgotten_unless_somebody_is_to_pass_them() -> None:
    policy = Throttles()
    settings = Throttle(limit=1, period=10 * MINUTE, burst=0, key="event.data.n")
    waited_for = gate_of(policy, settings, number=1)
    for n in range(2, 5000):
        gate_of(policy, settings, number=n, at=n * SECOND).enter(NOW + n * SECOND, n)
    gc.collect()

    waited_for.enter(NOW + 5000 * SECOND, 1)

    assert len(policy._gates) < 3000
    for n in (1, 4999):
        gate = gate_of(policy, settings, number=n, at=5000 * SECOND)
        assert gate.opens_at(NOW + 5000 * SECOND, 7777) > NOW + 5000 * SECOND


def test_it_says_when_the_next_start_is() -> None:
    gate = gate_of(Throttles(), Throttle(limit=1, period=10 * SECOND, burst=0))
    gate.enter(NOW, 1)

    assert gate.describe(NOW + 4000) == (
        "1 in 10s with a burst of 0 (throttle of app-f); "
        "the next start is at 2030-01-01T00:00:10.000Z"
    )
