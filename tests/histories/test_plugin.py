"""Histories in pytest: each boundary is an item, or a try of a marked test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dwf_sim.histories import record
from dwf_sim.histories.code import code_at

SHOP = """
import dwf_sim as dwf

app = dwf.App("shop")


@app.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order/created"))
async def order(ctx):
    await ctx.step.run("charge", lambda: 1)
    await ctx.step.sleep("rest", "1d")
"""
RENAMED = SHOP.replace('"charge"', '"charge-card"')
DELETED = SHOP.replace('    await ctx.step.run("charge", lambda: 1)\n', "")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a history of its shop, and nothing of it imported."""
    pytester.makepyfile(shop=SHOP)
    monkeypatch.setattr(sys, "path", [str(pytester.path), *sys.path])
    monkeypatch.setitem(sys.modules, "shop", None)
    monkeypatch.delitem(sys.modules, "shop")
    record(code_at("shop:app"), "order/created", name="plain").save(pytester.path / "histories")
    monkeypatch.delitem(sys.modules, "shop")
    return pytester


# Plugins that have no part in this, and are imported anew by each run inside of this one.
_OTHERS = ("-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:xdist")


def run(project: pytest.Pytester, shop: str, *arguments: str) -> pytest.RunResult:
    """Run pytest in the project with other code."""
    sys.modules.pop("shop", None)
    for cached in Path(project.path).rglob("shop*.pyc"):
        cached.unlink()
    project.makepyfile(shop=shop)
    return project.runpytest(*_OTHERS, *arguments)


def test_each_boundary_of_the_option_is_an_item(project: pytest.Pytester) -> None:
    project.makepyfile(test_other="def test_a(): pass")

    result = run(project, SHOP, "-v", "--durable-histories", "histories")

    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "*histories/shop-order.plain.history.json::start PASSED*",
            "*::after charge PASSED*",
            "*::at rest PASSED*",
        ]
    )


def test_without_the_option_histories_are_no_tests(project: pytest.Pytester) -> None:
    run(project, SHOP).assert_outcomes()


def test_a_breaking_change_fails_those_it_harms(project: pytest.Pytester) -> None:
    result = run(project, RENAMED, "--durable-histories", "histories", "-k", "charge or start")

    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.fnmatch_lines(
        [
            "shop-order (plain)  after charge  step runs again",
            "    shop.py:8: 'charge-card' would run, and stands where 'charge' stood*",
        ]
    )


def test_a_folder_that_is_collected_anyway_is_not_collected_twice(project: pytest.Pytester) -> None:
    run(project, SHOP, "--durable-histories", "histories", ".").assert_outcomes(passed=4)


def test_a_class_can_be_allowed(project: pytest.Pytester) -> None:
    option = ("--durable-histories", "histories")

    run(project, DELETED, *option).assert_outcomes(passed=1, failed=3)
    run(project, DELETED, *option, "--durable-allow", "orphan").assert_outcomes(passed=4)


def test_the_code_may_be_elsewhere_now(project: pytest.Pytester) -> None:
    project.makepyfile(elsewhere=RENAMED)

    result = run(
        project, SHOP, "--durable-histories", "histories", "--durable-app", "elsewhere:app"
    )

    result.assert_outcomes(passed=1, failed=3)


def test_a_function_that_is_gone_is_told(project: pytest.Pytester) -> None:
    result = run(project, "", "--durable-histories", "histories")

    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*module 'shop' has no function 'shop-order'; say where it is*"])


def test_a_file_that_is_no_history_is_an_error(project: pytest.Pytester) -> None:
    (project.path / "histories" / "bad.history.json").write_text("{}", "utf-8")

    result = run(project, SHOP, "--durable-histories", "histories")

    result.stdout.fnmatch_lines(["*bad.history.json: format is None; it is the number of a*"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--durable-histories", "none"), "*--durable-histories is *none, and nothing is there"),
        (
            ("--durable-histories", "histories", "--durable-allow", "all"),
            "*--durable-allow: allow has 'all'; it is one of stuck, type, again, orphan",
        ),
    ],
)
def test_a_mistake_in_the_options_is_told(
    project: pytest.Pytester, arguments: tuple[str, ...], error: str
) -> None:
    run(project, SHOP, *arguments).stderr.fnmatch_lines([error])


MARKED = """
import pytest
from shop import app

@pytest.mark.durable(histories="histories")
def test_runs_of_before_go_on(durable_history):
    durable_history.replay(app).check()
"""


def test_a_marked_test_is_made_for_each_boundary(project: pytest.Pytester) -> None:
    project.makepyfile(test_marked=MARKED)

    run(project, SHOP).assert_outcomes(passed=4)
    result = run(project, RENAMED, "-v")

    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        ["*test_runs_of_before_go_on?shop-order.plain:after charge? FAILED*"]
    )


def test_a_test_without_a_folder_is_told(project: pytest.Pytester) -> None:
    project.makepyfile(test_marked=MARKED.replace('histories="histories"', "seed=1"))

    result = run(project, SHOP)

    result.stdout.fnmatch_lines(["*durable_history needs a folder of histories:*"])
