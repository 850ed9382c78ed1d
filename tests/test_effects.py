"""Ledgers: what an outside service was made to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.effects import Verdict
from dwf_sim.sim.activity import ACTIVITY


def test_a_call_without_a_key_is_an_effect_each_time() -> None:
    stripe = dwf.Ledger("stripe")

    values = [stripe.call("charge", value=n) for n in (1, 2)]

    assert values == [1, 2]
    assert stripe.count("charge") == stripe.count() == 2


def test_a_known_key_changes_nothing_and_gives_the_first_value() -> None:
    stripe = dwf.Ledger("stripe")

    values = [stripe.call("charge", key="k", value=n) for n in (1, 2)]
    stripe.call("refund", key="k", value=3)

    assert values == [1, 1]
    assert stripe.count("charge") == 1
    assert [call.is_repeat for call in stripe.calls] == [False, True, False]


def charging_app(stripe: dwf.Ledger) -> dwf.App:
    """An app that charges with one key for all."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", key="k", value=1))

    return app


def test_every_simulation_finds_a_ledger_empty() -> None:
    stripe = dwf.Ledger("stripe")
    app, digests = charging_app(stripe), []
    stripe.call("charge", value=0)

    for _ in range(2):
        simulation = dwf.Simulation().serve(app)
        assert stripe.count() == 0
        simulation.send("go")
        simulation.run_until_idle()
        digests.append(simulation.trace.digest())
        assert stripe.count("charge") == 1

    assert digests[0] == digests[1]


def test_of_two_simulations_side_by_side_the_one_that_was_moved_last_is_meant() -> None:
    stripe = dwf.Ledger("stripe")
    app = charging_app(stripe)
    one, other = dwf.Simulation().serve(app), dwf.Simulation().serve(app)
    one.send("go")

    one.run_until_idle()
    first = stripe.count()
    other.run_until_idle()

    assert (first, stripe.count()) == (1, 0)


def charged(plan: object, charge: Callable[[dwf.Ledger], object]) -> list[Verdict]:
    """Run a function of one step that charges, under a plan of faults; judge its effects."""
    stripe, app = dwf.Ledger("stripe"), dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", charge, stripe)

    sim = dwf.Simulation(faults=plan).serve(app)  # type: ignore[arg-type]  # Any plan.
    sim.send("go")
    sim.run_until_idle()
    return stripe.verdicts()


def test_an_effect_of_an_undisturbed_step_happens_once() -> None:
    (verdict,) = charged([], lambda stripe: stripe.call("charge", value=1))

    assert verdict == Verdict("shop-f#1", "charge", "charge", None, 1, "once")
    assert verdict.is_safe
    assert str(verdict) == "step charge of shop-f#1: charge: once, in one call"


def test_a_repeated_effect_is_safe_with_a_key_and_a_duplicate_without() -> None:
    plan = crash.after_effect("charge")

    keyed = charged(plan, lambda stripe: stripe.call("charge", key="order-1", value=1))
    bare = charged(plan, lambda stripe: stripe.call("charge", value=1))

    assert [str(verdict) for verdict in keyed] == [
        "step charge of shop-f#1: charge with key order-1: at least once, in 2 calls"
    ]
    assert [str(verdict) for verdict in bare] == [
        "step charge of shop-f#1: charge: duplicated, in 2 calls"
    ]
    assert [v.is_safe for v in (*keyed, *bare)] == [True, False]


def test_two_effects_of_one_execution_are_two_and_no_duplicates() -> None:
    def charge_twice(stripe: dwf.Ledger) -> None:
        for _ in range(2):
            stripe.call("charge", value=1)

    verdicts = charged([], charge_twice)

    assert [verdict.verdict for verdict in verdicts] == ["once", "once"]


def test_an_effect_whose_key_another_run_has_used_up_is_lost() -> None:
    stripe = dwf.Ledger("stripe")
    sim = dwf.Simulation().serve(charging_app(stripe))

    sim.send([dwf.Event("go"), dwf.Event("go")])
    sim.run_until_idle()

    assert [(v.run, v.verdict, v.is_safe) for v in stripe.verdicts()] == [
        ("shop-f#1", "once", True),
        ("shop-f#2", "lost", False),
    ]


def test_calls_outside_of_runs_are_effects_of_their_own() -> None:
    stripe = dwf.Ledger("stripe")
    for _ in range(2):
        stripe.call("charge", value=1)

    assert [str(verdict) for verdict in stripe.verdicts()] == [
        "outside of runs: charge: once, in one call"
    ] * 2


def test_whoever_wants_to_know_is_told_the_number_of_each_effect_of_a_step() -> None:
    seen: list[int] = []

    def charge(stripe: dwf.Ledger) -> None:
        activity = ACTIVITY.get()
        assert activity is not None
        activity.on_effect = seen.append
        stripe.call("charge", key="k", value=1)
        stripe.call("refund", value=1)

    charged([], charge)

    assert seen == [1, 2]


def test_a_worker_that_dies_of_an_effect_runs_nothing_more_of_the_body() -> None:
    reached: list[str] = []

    def charge(stripe: dwf.Ledger) -> None:
        activity = ACTIVITY.get()
        assert activity is not None
        if not reached:
            activity.on_effect = lambda _: activity.bury()
        reached.append("begin")
        stripe.call("charge", key="k", value=1)
        reached.append("end")

    verdicts = charged([], charge)

    assert reached == ["begin", "begin", "end"]
    assert [v.verdict for v in verdicts] == ["at least once"]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: dwf.Ledger(5), "name of a Ledger is 5; it must be a text that is not empty"),
        (lambda: dwf.Ledger("x").call("a", key=5, value=1), "key of x a is 5; it must be a text"),
        (lambda: dwf.Ledger("x").call("a", key=["k"], value=1), r"key of x a is \['k'\]; it must"),
        (lambda: dwf.Ledger("x").note(""), "operation of x is ''; it must be a text"),
    ],
)
def test_what_a_ledger_cannot_take_is_refused(make: Callable[[], object], error: str) -> None:
    with pytest.raises(dwf.UsageError, match=error):
        make()
