"""Durable tests: their marker and options, the screen of a failure, and how it is seen again."""

from __future__ import annotations

import json
import re

import pytest

SHOP = """
import pytest
import dwf_sim as dwf
from dwf_sim import crash

stripe = dwf.Ledger("stripe")
app = dwf.App("shop")

@app.create_function(fn_id="buy", trigger=dwf.TriggerEvent(event="order"))
async def buy(ctx):
    await ctx.step.run("charge", lambda: stripe.call("charge", value=1))
    return await ctx.step.run("ship", lambda: "sent")

def play(engine):
    run = engine.serve(app).send("order").run
    engine.run_until_idle()
    return run
"""
FAILS = (
    SHOP
    + """
@pytest.mark.durable(seed=3, faults=[crash.after_effect("charge")])
def test_one_charge(durable_engine):
    play(durable_engine)
    assert stripe.count("charge") == 1
"""
)


@pytest.fixture(autouse=True)
def settings(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")


def test_a_failure_is_one_screen(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_shop=FAILS)

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*durable functions*",
            "seed 3, faults: kill the worker after `charge` returned and before it was recorded",
            "  struck after 0s: shop-buy#1/charge/0/after_effect",
            "without faults it passes; the runs differ first in:",
            "  without: *charge is remembered (data)",
            "  with: *FAULT: kill the worker after `charge` returned*",
            "*scheduled: shop-buy#1",
            "What to do: step 'charge' of shop-buy#1 made the effect stripe charge 2 times*",
            "Repeat it: pytest 'test_shop.py::test_one_charge'*",
            "durable functions: 1 runs, 1 faults struck at 1 sites",
        ]
    )


def test_a_test_that_fails_without_faults_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_shop=FAILS.replace("== 1\n", "== 7\n"))

    pytester.runpytest().stdout.fnmatch_lines(["without faults it fails, too: AssertionError:*"])


def test_a_fault_that_never_strikes_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_shop=FAILS.replace('"charge")])', '"chagre")])').replace("== 1", "== 7")
    )

    pytester.runpytest().stdout.fnmatch_lines(["  never struck: kill the worker after `chagre`*"])


def test_the_marker_makes_a_test_for_each_seed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_seeds=SHOP
        + """
@pytest.mark.durable(seed=5, runs=3, interleave="random")
def test_seeds(durable_engine, request):
    assert request.node.name == f"test_seeds[seed={durable_engine.seed}]"
    play(durable_engine)
"""
    )

    pytester.runpytest().assert_outcomes(passed=3)
    pytester.runpytest("--durable-runs", "7").assert_outcomes(passed=7)
    result = pytester.runpytest("--durable-seed", "40", "-v")
    result.stdout.fnmatch_lines(["*test_seeds?seed=40? PASSED*", "*test_seeds?seed=42? PASSED*"])


@pytest.mark.parametrize(
    "options", [("--durable-runs", "2"), ("--durable-seed", "40"), ("--durable-runs=2",)]
)
def test_the_command_that_repeats_a_failure_finds_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    inner = pytester.mkdir("inner")
    marker = "" if "runs" in options[0] else "@pytest.mark.durable(runs=2)"
    body = f"{marker}\ndef test_it(durable_engine): assert durable_engine.seed in (0, 40)\n"
    (inner / "test_shop.py").write_text(SHOP + body)
    monkeypatch.chdir(inner)
    first = pytester.runpytest(*options)
    first.assert_outcomes(passed=1, failed=1)
    command = re.search(r"Repeat it: pytest '(.*)'(.*)", first.stdout.str())
    assert command is not None

    again = pytester.runpytest(command[1], *command[2].split())

    again.assert_outcomes(failed=1)


def test_a_failure_is_stored_and_repeated(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_shop=FAILS, test_other=SHOP + "def test_o(durable_engine): pass")
    first = pytester.runpytest("--durable-report", "found")
    command = re.search(r"--durable-replay (\S+)", first.stdout.str())
    assert command is not None
    stored = json.loads((pytester.path / command[1]).read_text("utf-8"))
    assert stored["faults"]["faults"] == [{"kind": "crash.after_effect", "step": "charge"}]
    pytester.makepyfile(
        test_shop=FAILS.replace('faults=[crash.after_effect("charge")]', "faults=()")
    )
    pytester.runpytest().assert_outcomes(passed=2)
    stored["made_with"] |= {"dwf_sim": "0.0.1", "functions": {"shop-buy": "x"}}
    (pytester.path / "a.json").write_text(json.dumps({**stored, "format": 9}), "utf-8")

    again = pytester.runpytest("--durable-replay", "a.json")

    again.assert_outcomes(failed=1, skipped=1)
    again.stdout.fnmatch_lines(
        [
            "  struck after 0s: shop-buy#1/charge/0/after_effect",
            "Repeat it: pytest 'test_shop.py::test_one_charge' --durable-replay a.json",
            "since it was stored: *::test_one_charge*: the file's format is 9, and *",
            "since it was stored: *::test_one_charge*: dwf_sim was 0.0.1, and is *",
            "since it was stored: *::test_one_charge*: function shop-buy has another source",
        ]
    )


def test_each_failure_has_a_file_of_its_own(pytester: pytest.Pytester) -> None:
    cases = """
class TestOne:
    def test_it(self, durable_engine): assert not play(durable_engine)
class TestTwo:
    def test_it(self, durable_engine): assert not play(durable_engine)
"""
    pytester.makepyfile(test_shop=SHOP + cases, test_store=SHOP + cases)

    pytester.runpytest("--durable-report", "found").assert_outcomes(failed=4)

    found = sorted((pytester.path / "found").glob("*.json"))
    assert [json.loads(file.read_text("utf-8"))["test"] for file in found] == [
        "test_shop.py::TestOne::test_it",
        "test_shop.py::TestTwo::test_it",
        "test_store.py::TestOne::test_it",
        "test_store.py::TestTwo::test_it",
    ]


def test_failures_that_were_kept_are_tried_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_shop=FAILS)
    pytester.runpytest("--durable-report", "durable_corpus")
    pytester.makepyfile(
        test_shop=FAILS.replace('faults=[crash.after_effect("charge")]', "faults=()")
    )

    result = pytester.runpytest("-v")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*one_charge?test-shop-test-one-charge-3? FAILED*", "*?fresh? PASSED*"]
    )


@pytest.mark.parametrize(
    ("marker", "error"),
    [
        ("durable(7)", "*durable takes keywords only*"),
        ("durable(seed='x')", "*durable has seed='x'*whole numbers*"),
        ("durable(runs=0)", "*runs=0*"),
        ("durable(faults=['x'])", "*durable: fault is 'x'*"),
        ("durable(fautls=[])", "*durable has fautls; did you mean faults?*"),
        ("durable(all_faults_strike='no')", "*all_faults_strike is 'no'; it is True or False*"),
        (
            "durable(fault=[])",
            "*one of all_faults_strike, allow, budget, certify, explore, faults, histories, inter*",
        ),
    ],
)
def test_a_bad_marker_is_told(pytester: pytest.Pytester, marker: str, error: str) -> None:
    pytester.makepyfile(
        test_a=f"import pytest\n@pytest.mark.{marker}\ndef test_a(durable_engine): pass"
    )

    result = pytester.runpytest()

    assert result.ret != 0
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert "pluggy" not in result.stdout.str().partition("= ERRORS =")[2]
    assert re.search(
        error.strip("*").replace("*", ".*").replace("[", r"\["),
        result.stdout.str() + result.stderr.str(),
    )


@pytest.mark.parametrize(
    "content", ["", "{}", '{"format": 2, "test": "", "seed": 1, "faults": {}}']
)
def test_what_is_no_stored_failure_is_told(pytester: pytest.Pytester, content: str) -> None:
    pytester.makepyfile(test_shop=FAILS)
    (pytester.path / "a.json").write_text(content, "utf-8")

    result = pytester.runpytest("--durable-replay", "a.json")

    assert "a.json: this is no stored failure" in result.stdout.str() + result.stderr.str()


def test_the_factory_makes_worlds_for_hypothesis(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_h=SHOP
        + """
from hypothesis import given, settings, strategies as st

@settings(deadline=None)
@given(seed=st.integers(0, 9))
def test_h(durable_engine_factory, seed):
    with durable_engine_factory(seed) as engine:
        assert play(engine).output == "sent"
"""
    )

    pytester.runpytest().assert_outcomes(passed=1)


def test_workers_of_xdist_come_to_the_same(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist", reason="the plugin has to work beside it")
    pytester.makepyfile(
        test_many=SHOP
        + """
@pytest.mark.durable(runs=8, faults=[crash.after_effect(chance=0.5, times=None)])
def test_many(durable_engine, record_property):
    play(durable_engine)
    with open(f"digest-{durable_engine.seed}", "a") as file:
        file.write(durable_engine.trace.digest() + " ")
"""
    )

    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=8)
    result = pytester.runpytest_subprocess("-p", "no:xdist")

    result.assert_outcomes(passed=8)
    for file in pytester.path.glob("digest-*"):
        one, other = file.read_text().split()
        assert one == other
    result.stdout.fnmatch_lines(["durable functions: 8 runs, * faults struck at * sites"])


def test_a_project_without_durable_tests_loads_the_plugin_only(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_plain="""
import sys

def test_plain():
    ours = {name for name in sys.modules if name.startswith(("dwf_sim", "pytest_dwf_sim"))}
    assert ours == {"pytest_dwf_sim", "pytest_dwf_sim.plugin"}
"""
    )

    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)
