"""Strategies: events, plans over sites, and scenarios of both, for Hypothesis."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import strategies
from dwf_sim.faults import Site
from dwf_sim.strategies.scenarios import Pilots, fixed_sends
from dwf_sim.strategies.subject import Subject
from tests.checks.shop import function

few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


async def order(ctx: dwf.Context) -> str:
    await ctx.step.run("charge", lambda: 1)
    return "shipped"


ORDER = function(order)
SITES = [Site("r#1", "charge", 0, "before"), Site("r#1", "charge", 0, "after_effect")]


@few
@given(
    strategies.events(
        "order", {"n": st.integers(1, 3), "lines": [{"sku": st.just("x")}, 7]}, id=st.just("e")
    )
)
def test_of_an_event_any_part_is_drawn(event: dwf.Event) -> None:
    assert event.name == "order"
    assert event.id == "e"
    assert event.data["n"] in (1, 2, 3)
    assert event.data["lines"] == [{"sku": "x"}, 7]


@few
@given(strategies.fault_plans(SITES, faults_max=2, kinds=["crash", "worker.zombie"]))
def test_a_plan_strikes_each_site_once_in_their_order(plan: dwf.FaultPlan) -> None:
    kinds = [fault.kind_name for fault in plan]
    phases = [fault.phases[0] for fault in plan]

    assert all(kind.startswith("crash.") or kind == "worker.zombie" for kind in kinds)
    assert phases in ([], ["before"], ["after_effect"], ["before", "after_effect"])


@few
@given(strategies.fault_plans([Site("", "inngest/function.invoked", 0, "event", 1)]))
def test_nothing_befalls_what_the_engine_sends(plan: dwf.FaultPlan) -> None:
    assert not plan


@few
@given(
    strategies.scenarios(
        ORDER, strategies.events("order"), sends_max=2, gaps=["0s", "5s"], faults_max=1
    )
)
def test_a_scenario_strikes_where_its_events_lead(trial: strategies.Trial) -> None:
    simulation = trial.play(ORDER)

    assert [send.at for send in trial.sends] in (
        [0],
        [5000],
        [0, 0],
        [0, 5000],
        [5000, 5000],
        [5000, 10000],
    )
    assert not simulation.unstruck
    assert str(trial).startswith("send order")


@few
@given(strategies.scenarios(ORDER, st.lists(st.just("order"), min_size=3, max_size=3)))
def test_a_strategy_of_lists_gives_all_that_is_sent(trial: strategies.Trial) -> None:
    assert [send.event.name for send in trial.sends] == ["order"] * 3


@few
@given(strategies.scenarios(ORDER, faults_max=0))
def test_without_events_the_triggers_are_sent(trial: strategies.Trial) -> None:
    (run,) = trial.play(ORDER, setup=None, seed=3).runs

    assert run.output == "shipped"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: strategies.events(7), "name of events is 7"),  # type: ignore[arg-type]
        (lambda: strategies.events("a", [1]), r"data of events is \[1\]; give a table"),  # type: ignore[arg-type]
        (lambda: strategies.fault_plans([], faults_max=-1), "faults_max of fault_plans is -1"),
        (lambda: strategies.fault_plans([], kinds=["x.y"]), "kinds has 'x.y'"),
        (lambda: strategies.fault_plans([], kinds=[]), "kinds is empty"),
        (lambda: strategies.fault_plans([], kinds=["crash", "clock"]), "kinds has 'clock', .* no"),
        (lambda: strategies.fault_plans([], kinds=["worker.storm"]), "'worker.storm', .* no site"),
        (lambda: strategies.scenarios(ORDER, "order", gaps=[]), "gaps is empty"),
        (lambda: strategies.scenarios(ORDER, sends_max=0), "sends_max is 0"),
        (lambda: strategies.scenarios(ORDER, ("-5s", "order")), "is sent -5000 ms after"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, error: str) -> None:
    with pytest.raises(dwf.ConfigError, match=error):
        make()


def test_a_pattern_names_no_event_to_send() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="app/*"))
    async def any_of(ctx: dwf.Context) -> None: ...

    with pytest.raises(dwf.UsageError, match="triggers name no event that could be sent"):
        strategies.scenarios(any_of)


def test_of_pilots_only_the_last_ones_are_kept() -> None:
    pilots = Pilots(Subject(ORDER))
    several = [fixed_sends(dwf.Event("order", {"n": n})) for n in range(50)]

    worlds = [weakref.ref(pilots.played(sends).simulation) for sends in several]
    plans = [weakref.ref(pilots.plans(sends, 1, None)) for sends in several]
    gc.collect()

    assert pilots.played(several[-1]) is pilots.played(several[-1])
    assert pilots.plans(several[-1], 1, None) is plans[-1]()
    assert sum(world() is not None for world in worlds) <= 32
    assert sum(plan() is not None for plan in plans) <= 32
