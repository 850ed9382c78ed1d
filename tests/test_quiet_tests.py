"""What a test that passes has not shown: faults of its marker that never struck, and warnings."""

from __future__ import annotations

import pytest

from tests.commands.calls import call, call_json, scenario_in
from tests.source import ROOT
from tests.test_durable_tests import SHOP

TESTS = (
    SHOP
    + """
@pytest.mark.durable(faults=[crash.after_effect("chrge")])
def test_fault_typo(durable_engine):
    play(durable_engine)

@pytest.mark.durable(faults=[crash.after_effect("chrge")], all_faults_strike=False)
def test_may_stay_out(durable_engine):
    play(durable_engine)

@pytest.mark.durable(faults=[crash.before("charge", chance=0)])
def test_chance(durable_engine):
    play(durable_engine)

@pytest.mark.durable(faults=[crash.before("chrge", chance=0.5)])
def test_chance_typo(durable_engine):
    play(durable_engine)

@pytest.mark.durable(faults=[crash.after_effect("chrge")])
@pytest.mark.xfail(raises=ZeroDivisionError, strict=True)
def test_fails_by_itself(durable_engine):
    1 / 0

@pytest.mark.durable(certify=True, all_faults_strike=False)
def test_play(durable_engine):
    play(durable_engine)

def test_event_typo(durable_engine):
    durable_engine.serve(app).send("ordr")
    durable_engine.run_until_idle()

def test_stub_typo(durable_engine):
    durable_engine.stub_step("chrge", {})
    play(durable_engine)

def test_nothing_served(durable_engine):
    durable_engine.send("order")
    durable_engine.run_until_idle()
"""
)


@pytest.fixture
def summary(pytester: pytest.Pytester) -> pytest.LineMatcher:
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = default"
    )
    pytester.makepyfile(test_shop=TESTS)
    result = pytester.runpytest()
    result.assert_outcomes(failed=3, passed=5, xfailed=1, warnings=3)
    return result.stdout


def test_mistakes_that_nothing_else_shows_are_told(summary: pytest.LineMatcher) -> None:
    summary.fnmatch_lines(
        [
            "a fault of the marker never struck: kill the worker after `chrge`*: no run has had a "
            "step 'chrge'; the steps were charge, ship*",
            "*durable(all_faults_strike=False)*",
            "*never struck: kill the worker before `chrge`*",
            "*durable has all_faults_strike beside certify*",
            "*warnings summary*",
            "test_shop.py::test_event_typo",
            "*test_shop.py:*SimulationWarning: nobody took event 'ordr'*",
            "test_shop.py::test_stub_typo",
            "*SimulationWarning: stub_step('chrge'*never used*",
            "test_shop.py::test_nothing_served",
            "*SimulationWarning: nobody took event 'order'*",
            "FAILED test_shop.py::test_fault_typo - Failed: a fault of the marker never *",
        ]
    )


def test_a_warning_can_be_an_error(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error::dwf_sim.errors.SimulationWarning"
    )
    pytester.makepyfile(test_shop=TESTS)

    result = pytester.runpytest("-k", "event_typo or may_stay_out")

    result.assert_outcomes(passed=1, failed=1)


def test_a_kept_failure_is_not_held_to_strike(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = default"
    )
    body = """
@pytest.mark.durable(faults=[crash.after_effect("charge")])
def test_one_charge(durable_engine):
    play(durable_engine)
    assert stripe.count("charge") == 1
"""
    pytester.makepyfile(test_shop=SHOP + body)
    pytester.runpytest("--durable-report", "durable_corpus").assert_outcomes(failed=1)
    mended = SHOP.replace('step.run("charge"', 'step.run("pay"').replace(
        "value=1", 'value=1, key="k"'
    )
    pytester.makepyfile(test_shop=mended + body.replace('effect("charge")', 'effect("pay")'))

    pytester.runpytest().assert_outcomes(passed=2)


def test_the_command_line_tells_warnings(
    monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester
) -> None:
    monkeypatch.chdir(ROOT)
    text = (
        "format: 1\nfunctions: [scenarios.functions.shop:mended]\n"
        "moments: [{send: order/craeted}]\nexpect: {run_count: 0}\n"
    )
    file = scenario_in(pytester.path, text)

    assert "warning: nobody took event 'order/craeted'" in call("run", file)
    (told,) = call_json("run", file)["scenarios"][0]["warnings"]
    assert told.startswith("nobody took event 'order/craeted'")
