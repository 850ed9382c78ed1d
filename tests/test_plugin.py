"""The fixture: a fresh simulation in sync and `async def` tests."""

from __future__ import annotations

import pytest

import dwf_sim as dwf


@pytest.fixture
def app() -> dwf.App:
    made = dwf.App("a")

    @made.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> int:
        await ctx.step.sleep("long", "30d")
        return await ctx.step.run("one", lambda: 1)

    return made


def test_the_fixture_gives_a_simulation(durable_engine: dwf.Simulation, app: dwf.App) -> None:
    run = durable_engine.serve(app).send("go").run
    durable_engine.run_until_idle()

    assert run.output == 1


def test_the_fixture_is_fresh_for_each_test(durable_engine: dwf.Simulation) -> None:
    assert durable_engine.runs == []
    assert durable_engine.now_ms == durable_engine.start_ms


@pytest.mark.asyncio
async def test_the_fixture_works_inside_a_running_loop(
    durable_engine: dwf.Simulation, app: dwf.App
) -> None:
    run = durable_engine.serve(app).send("go").run
    durable_engine.run_until_idle()

    assert run.output == 1


def test_the_plugin_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(durable_engine): pass")

    pytester.runpytest_subprocess("-p", "no:dwf_sim").assert_outcomes(errors=1)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_given_test_is_told_not_to_use_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given, strategies as st

        @given(st.integers())
        def test_a(durable_engine, number):
            pass
        """
    )

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["*function-scoped fixture*durable_engine*"])
