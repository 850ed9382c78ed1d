"""The plugin takes scenario files for tests, and shows at which place one is wrong."""

from __future__ import annotations

import pytest

FUNCTIONS = """
import dwf_sim as dwf

app = dwf.App("a")

@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    return await ctx.step.run("one", lambda: ctx.event.data["n"])
"""
SCENARIO = """\
format: 1
functions: [mine:app]
parameters: [{n: 1}, {n: 2}]
moments:
  - {send: go, data: {n: "${n}"}}
expect:
  runs:
    - {run: a-f#1, status: completed, output: 1}
"""


@pytest.fixture(autouse=True)
def settings(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = default"
    )


def test_each_row_is_a_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(mine=FUNCTIONS)
    pytester.makefile(".scenario.yaml", numbers=SCENARIO)

    result = pytester.runpytest("-v", "--durable-report", "found")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "numbers.scenario.yaml::numbers[[]n=1] PASSED*",
            "numbers.scenario.yaml::numbers[[]n=2] FAILED*",
            "a-f#1 has output 2, not 1",
            "Repeat it: dwf-sim replay found?numbers-n-2.json",
            "durable functions: 2 runs, 0 faults struck at 0 sites",
        ]
    )
    assert (pytester.path / "found" / "numbers-n-2.json").exists()


def test_a_row_that_fails_is_repeated_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(mine=FUNCTIONS)
    pytester.makefile(".scenario.yaml", numbers=SCENARIO)

    result = pytester.runpytest()

    result.stdout.fnmatch_lines(["Repeat it: dwf-sim report 'numbers.scenario.yaml::n=2'"])


def test_a_mistake_is_shown_at_its_place(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", numbers=SCENARIO.replace("moments", "momnts"))

    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["numbers.scenario.yaml:4:1: momnts is no field; did you mean*"])


def test_an_app_that_is_not_there_is_shown_at_its_place(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", numbers=SCENARIO.replace("mine:app", "theirs:app"))

    result = pytester.runpytest()

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["numbers.scenario.yaml:2:13: functions*theirs:app cannot be*"])


def test_what_a_scenario_warns_of_is_in_the_summary(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(mine=FUNCTIONS)
    text = SCENARIO.replace("moments:", "moments:\n  - {send: gone}")
    pytester.makefile(".scenario.yaml", numbers=text.replace("{n: 2}", "{n: 3}"))

    result = pytester.runpytest("-k", "1")

    result.assert_outcomes(passed=1, warnings=1, deselected=1)
    result.stdout.fnmatch_lines(["*numbers.scenario.yaml:*: SimulationWarning: nobody took*gone*"])
