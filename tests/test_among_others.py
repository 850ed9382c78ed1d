"""The plugin among others: anyio, `unittest.TestCase`, plugins left out, and how they agree."""

from __future__ import annotations

import re

import pytest

from tests.test_durable_tests import SHOP


@pytest.fixture(autouse=True)
def settings(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")


def test_anyio_and_asyncio_run_tests_side_by_side(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_both=SHOP
        + """
import anyio, asyncio

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.fixture
async def played(anyio_backend, durable_engine):
    await anyio.sleep(0)
    yield play(durable_engine)
    await anyio.sleep(0)

@pytest.mark.anyio
async def test_anyio(durable_engine):
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
        assert play(durable_engine).output == "sent"

@pytest.mark.anyio
async def test_fixture(played):
    with anyio.fail_after(5):
        await anyio.sleep(0.001)
    assert played.output == "sent"

@pytest.mark.asyncio
async def test_asyncio(durable_engine):
    await asyncio.sleep(0.001)
    assert play(durable_engine).output == "sent"
"""
    )

    result = pytester.runpytest("-p", "no:cacheprovider")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["durable functions: 3 runs, 0 faults struck at 0 sites"])


CASE = (
    SHOP
    + """
import unittest

class TestShop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _engine(self, durable_engine):
        self.engine = durable_engine

    @pytest.mark.durable(seed=3, faults=[crash.after_effect("charge")])
    def test_one_charge(self):
        assert self.engine.seed == 3
        play(self.engine)
        self.assertEqual(stripe.count("charge"), 1)

    def test_it_ships(self):
        self.assertEqual(play(self.engine).output, "sent")

class TestAsync(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def _engine(self, durable_engine):
        self.engine = durable_engine

    async def test_it_ships(self):
        self.assertEqual(play(self.engine).output, "sent")

@pytest.mark.usefixtures("durable_engine")
class TestUsing(unittest.TestCase):
    def test_it_has_a_simulation(self):
        self.assertEqual(stripe.calls, [])
"""
)


def test_a_test_case_has_the_fixture_and_its_failure_is_repeated(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_case=CASE)

    first = pytester.runpytest("-p", "no:cacheprovider", "--durable-report", "found")

    first.assert_outcomes(failed=1, passed=3)
    first.stdout.fnmatch_lines(
        [
            "seed 3, faults: kill the worker after `charge` returned and before it was recorded",
            "  struck after 0s: shop-buy#1/charge/0/after_effect",
            "Repeat it: pytest 'test_case.py::TestShop::test_one_charge' --durable-replay *",
            "durable functions: 3 runs, 1 faults struck at 1 sites",
        ]
    )
    found = re.search(r"--durable-replay (\S+)", first.stdout.str())
    assert found is not None
    pytester.makepyfile(test_case=CASE.replace(', faults=[crash.after_effect("charge")]', ""))

    again = pytester.runpytest("-p", "no:cacheprovider", "--durable-replay", found[1])

    again.assert_outcomes(failed=1, skipped=3)
    again.stdout.fnmatch_lines(["  struck after 0s: shop-buy#1/charge/0/after_effect"])


def test_a_test_case_is_told_that_it_runs_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_case=CASE.replace("seed=3, faults", "seed=3, runs=4, faults"))

    result = pytester.runpytest("-p", "no:cacheprovider", "-k", "one_charge")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*durable has runs=4, and pytest makes this test only once*"])


@pytest.mark.parametrize(
    "without", [["terminal"], ["hypothesispytest", "anyio", "xdist", "logging", "unittest"]]
)
def test_it_works_without_other_plugins(pytester: pytest.Pytester, without: list[str]) -> None:
    pytester.makepyfile(
        test_shop=SHOP + "def test_it(durable_engine): assert play(durable_engine).output"
    )

    result = pytester.runpytest(*(part for name in without for part in ("-p", f"no:{name}")))

    assert result.ret == 0
    if without != ["terminal"]:
        result.stdout.fnmatch_lines(["durable functions: 1 runs, 0 faults struck at 0 sites"])
