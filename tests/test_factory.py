"""The factory: the screen of a test that made its simulations, and what Hypothesis is told."""

from __future__ import annotations

import pytest

from tests.test_durable_tests import SHOP

GIVEN = (
    SHOP
    + """
from hypothesis import Phase, given, settings, strategies as st
from dwf_sim import strategies

with dwf.Simulation(pilot=True).serve(app) as pilot:
    pilot.send("order")
    pilot.run_until_idle()

orders = strategies.events("order", {"n": st.integers(0, 3)})
few = settings(
    max_examples=10, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate, Phase.shrink],
)

@few
@given(plan=strategies.fault_plans(pilot.sites, kinds=["events.duplicate"]), event=orders)
def test_charge(durable_engine_factory, plan, event):
    with durable_engine_factory() as calm:
        calm.serve(app).send(event)
    with durable_engine_factory(faults=plan) as simulation:
        simulation.serve(app).send(event)
        simulation.run_until_idle()
        assert stripe.count("charge") == 1

@few
@given(strategies.scenarios(app, orders, faults_max=0))
def test_ships(trial):
    with trial.play(app) as simulation:
        assert simulation.runs

def test_plain(durable_engine_factory):
    durable_engine_factory(4).serve(app).send("order")
    assert False

def test_none(durable_engine_factory):
    assert False
"""
)


def test_a_failure_has_the_screen_of_the_example_that_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(test_shop=GIVEN)

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--hypothesis-show-statistics")

    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*event=dwf_sim.Event('order', {'n': 0})*",
            "*- durable functions -*",
            "seed 0, faults: deliver number 1 of `order` twice",
            "*scheduled: shop-buy#1",
            "*scheduled: shop-buy#2",
            "Repeat it: pytest 'test_shop.py::test_charge', with the example that Hypothesis shows;"
            " the simulation is dwf_sim.Simulation(seed=0, "
            "faults=[[]dwf_sim.events.duplicate(event='order', nth=1)])",
            "*test_plain*",
            "Repeat it: pytest 'test_shop.py::test_plain'; the simulation is "
            "dwf_sim.Simulation(seed=4)",
            "test_shop.py::test_charge:",
            "*(label='requests in flight')",
            "*(label='requests in flight (simulation 2)')",
            "test_shop.py::test_ships:",
            "*(label='longest queue')",
            "*(label='requests in flight')",
            "*(label='states reached')",
        ]
    )
    assert result.stdout.str().count("- durable functions -") == 2
