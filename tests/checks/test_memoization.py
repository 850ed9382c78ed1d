"""`checks.memoization`: a run that is interrupted comes to the same."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import checks
from tests.checks.shop import EXAMPLES, ORDERS, function, told

inngest = pytest.importorskip("inngest", reason="its functions are checked, too")


async def good(ctx: dwf.Context) -> list[Any]:
    one = await ctx.step.run("one", lambda: ctx.event.data.get("n", 0))
    await ctx.step.sleep("long", "30d")
    return [one, await ctx.step.run("two", lambda: one + 1)]


def test_a_handler_that_does_the_same_each_time_passes() -> None:
    checked = checks.memoization(function(good), ORDERS, examples=EXAMPLES)

    assert checked.trials == EXAMPLES
    assert checked.runs >= EXAMPLES
    assert checked.sites > 5


def test_the_same_trials_are_made_each_time() -> None:
    one, other = (checks.memoization(function(good), ORDERS, examples=5) for _ in range(2))

    assert one == other
    assert checks.memoization(function(good), ORDERS, examples=5, seed=1) != one


def test_a_step_id_from_chance_is_found_at_its_line() -> None:
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run(f"charge-{random.random():.1f}", lambda: 1)

    screen = told(checks.memoization, function(order), "order")

    assert "broken: shop-order#1 at tests/checks/test_memoization.py:" in screen
    assert "step 1 of this entry is 'charge-" in screen
    assert "\nplan: no faults\n" in screen


def test_an_output_that_depends_on_interruptions_is_found() -> None:
    async def order(ctx: dwf.Context) -> str:
        await ctx.step.run("a", lambda: 1)
        return str(ctx.attempt)

    screen = told(checks.memoization, function(order), "order")

    assert "broken: shop-order#1 returned '1', and without interruption '0'\n" in screen
    assert "kill the worker before the handler began" in screen
    checks.memoization(function(order), ORDERS, normalize=str.isdigit, examples=EXAMPLES)


def test_a_run_that_fails_before_its_attempts_are_used_up_is_found() -> None:
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)
        if ctx.attempt:
            raise dwf.NonRetriableError("no second try")

    screen = told(checks.memoization, function(order), "order")

    assert "is failed (no second try), and without interruption it completes" in screen


def test_attempts_may_be_used_up() -> None:
    async def order(ctx: dwf.Context) -> int:
        return await ctx.step.run("a", lambda: 1)

    checks.memoization(function(order, retries=0), ORDERS, examples=EXAMPLES)


def test_what_the_user_demands_is_demanded_under_faults_too() -> None:
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: dwf.always("first try", ctx.attempt == 0))

    screen = told(checks.memoization, function(order), "order")

    assert "broken: 'first try' must always hold: it is not true here" in screen
    assert "FAULT: kill the worker" in screen


seen: list[int] = []


async def counting(ctx: dwf.Context) -> int:
    await ctx.step.run("add", lambda: seen.append(1))
    return await ctx.step.run("count", lambda: min(len(seen), 7))


def test_a_world_outside_that_remembers_is_told() -> None:
    seen.clear()
    screen = told(checks.memoization, function(counting), "order")

    assert "without any faults: what remembers that outside of the simulation is reset" in screen


def test_setup_resets_what_is_outside() -> None:
    checks.memoization(
        function(counting),
        "order",
        setup=seen.clear,
        faults=[dwf.crash.before("add"), dwf.response.delay(by="1m")],
    )


def test_a_builder_makes_all_anew() -> None:
    made: list[int] = []

    def shop() -> tuple[dwf.Function[Any], dwf.Ledger]:
        orders: list[int] = []
        made.append(1)

        async def order(ctx: dwf.Context) -> int:
            await ctx.step.run("add", lambda: orders.append(1))
            return await ctx.step.run("count", lambda: len(orders))

        return function(order), dwf.Ledger("stripe")

    checked = checks.memoization(shop, "order", faults=[dwf.crash.before("add")])

    assert checked.runs == 1
    assert len(made) == 2  # Once without the fault.


def test_a_decorator_checks_what_its_function_makes() -> None:
    @checks.memoization(events=ORDERS, examples=5)
    def test_it(factor: int) -> object:
        """It is tested."""

        async def order(ctx: dwf.Context) -> float:
            await ctx.step.run("a", lambda: 1)
            return factor * random.random()

        return function(order)

    assert test_it.__doc__ == "It is tested."
    with pytest.raises(dwf.InvariantViolated) as caught:
        test_it(3)
    (line,) = re.findall(r"^repeat: (.*)\(\)$", str(caught.value), re.MULTILINE)
    with pytest.raises(dwf.InvariantViolated) as again:
        eval(line, {"checks": checks, "dwf_sim": dwf, "test_it": test_it})(3)
    assert str(again.value).splitlines()[:3] == str(caught.value).splitlines()[:3]
    test_it(0)


def test_a_decorator_without_parentheses_waits_for_its_test() -> None:
    made: list[int] = []

    def test_it() -> object:
        made.append(1)
        return function(good)

    decorated = checks.memoization(test_it, faults=[])

    assert made == []
    decorated()  # type: ignore[operator]  # To a type checker it has been checked.


def test_a_function_of_the_sdk_is_checked_unchanged() -> None:
    client = inngest.Inngest(app_id="shop")

    @client.create_function(fn_id="order", trigger=inngest.TriggerEvent(event="order"))
    async def order(ctx: Any) -> float:
        await ctx.step.run("a", _one)
        return random.random()

    screen = told(checks.memoization, (client, [order]), ORDERS, examples=EXAMPLES)

    assert "broken: shop-order#1 returned 0." in screen
    assert "repeat: checks.memoization(functions, " in screen


async def _one() -> int:
    return 1


def test_a_check_without_steps_or_runs_proves_nothing() -> None:
    async def order(ctx: dwf.Context) -> int:
        return 1

    assert "  no step was ever remembered" in told(
        checks.memoization, function(order), ORDERS, examples=5
    )
    assert "  no event has started a run" in told(
        checks.memoization, function(order), "odrer", examples=5
    )


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"examples": 0}, "examples of checks.memoization is 0"),
        ({"faults_max": -1}, "faults_max of checks.memoization is -1"),
        ({"seed": "x"}, "seed of checks.memoization is 'x'"),
        ({"ignore": ["input", "chance"]}, "ignore has 'chance'; mistakes are of the kinds order"),
        ({"kinds": ["crsh"]}, "kinds has 'crsh'; faults are of the kinds crash, "),
        ({"kinds": "crash"}, r"kinds is 'crash'; give a list of names, such as \['crash'\]"),
        ({"latncy": 1}, "memoization was given latncy=.*did you mean latency"),
        ({"setup": 1}, "setup is 1; give a function"),
        ({"events": [1]}, "events has 1; give an Event, a name"),
        ({"events": []}, "events is an empty list"),
        ({"fn": 7}, "serve was given 7"),
    ],
)
def test_what_cannot_be_checked_is_refused(options: dict[str, Any], error: str) -> None:
    with pytest.raises(dwf.ConfigError, match=error):
        checks.memoization(**{"fn": function(good), "events": ORDERS, **options})


def test_an_async_setup_is_refused() -> None:
    async def reset() -> None: ...

    with pytest.raises(dwf.UsageError, match="setup is an async function, which nobody awaits"):
        checks.memoization(function(good), ORDERS, setup=reset)
