"""Ledgers: what an outside service was made to do."""

from __future__ import annotations

import dwf_sim as dwf


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
