"""What users demand themselves: always, sometimes, eventually, outside and inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import dwf_sim as dwf
from dwf_sim.model.claims import Claimed

GO = dwf.TriggerEvent(event="go")


class Shop:
    """Sells what it has; `held` is what customers were promised."""

    def __init__(self) -> None:
        self.stock = 1
        self.app = dwf.App("shop")
        self.app.create_function(fn_id="sell", trigger=GO, retries=0)(self._sell)

    async def _sell(self, ctx: dwf.Context) -> None:
        async def body() -> None:
            left = self.stock
            await asyncio.sleep(1)
            self.stock = left - 1

        await ctx.step.sleep("think", "1h")
        await ctx.step.run("sell", body)


def handler_that(body: Callable[[dwf.Context], None]) -> dwf.App:
    """An app whose handler does this in a step."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=GO, retries=0)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", body, ctx)

    return app


@contextmanager
def violated(text: str) -> Iterator[None]:
    with pytest.raises(dwf.InvariantViolated, match=text):
        yield


# A simulation that watches.


def test_always_ends_the_simulation_at_the_instant_it_is_broken() -> None:
    shop = Shop()
    simulation = dwf.Simulation().serve(shop.app)
    simulation.always("stock is never negative", lambda: shop.stock >= 0)
    simulation.send("go")
    simulation.run_until_idle()
    simulation.send("go")

    with violated("'stock is never negative' must always hold: it is not true here"):
        simulation.run_until_idle()

    assert (simulation.now_ms - simulation.start_ms) == 2 * 3_601_000


def test_always_is_looked_at_where_it_is_said() -> None:
    with violated("'no' must always hold"):
        dwf.Simulation().always("no", lambda: False)


def test_always_is_silent_while_it_holds() -> None:
    shop = Shop()
    with dwf.Simulation().serve(shop.app) as simulation:
        simulation.always("stock is never negative", lambda: shop.stock >= 0)
        simulation.send("go")
        simulation.run_until_idle()
        simulation.check()

    assert simulation.trace.of(Claimed) == []


def test_sometimes_that_never_happens_makes_the_check_vacuous() -> None:
    shop = Shop()
    simulation = dwf.Simulation().serve(shop.app)
    simulation.sometimes("sold out", lambda: shop.stock == 0)

    with violated("sometimes 'sold out' never happened"):
        simulation.check()

    simulation.send("go")
    simulation.run_until_idle()
    simulation.check()
    (claim,) = simulation.trace.of(Claimed)
    assert (claim.kind, claim.name, claim.holds) == ("sometimes", "sold out", True)


def test_sometimes_may_be_over_by_the_time_of_the_check() -> None:
    shop = Shop()
    with dwf.Simulation().serve(shop.app) as simulation:
        simulation.sometimes("one left", lambda: shop.stock == 1)
        simulation.send("go")
        simulation.run_until_idle()
        simulation.check()


def test_eventually_within_a_time_breaks_when_that_is_over() -> None:
    shop = Shop()
    simulation = dwf.Simulation().serve(shop.app)
    simulation.eventually("sold out", lambda: shop.stock == 0, within="30m")
    simulation.send("go")

    with violated("'sold out' must happen: it did not happen in time"):
        simulation.run_until_idle()


def test_eventually_holds_for_ever_once_it_has_happened() -> None:
    shop = Shop()
    with dwf.Simulation().serve(shop.app) as simulation:
        simulation.eventually("sold out", lambda: shop.stock == 0, within="2h")
        simulation.send("go")
        simulation.run_until_idle()
        shop.stock = 7
        simulation.advance("9h")
        simulation.check()


def test_eventually_without_a_time_is_asked_for_by_the_check() -> None:
    shop = Shop()
    simulation = dwf.Simulation().serve(shop.app)
    simulation.eventually("sold out", lambda: shop.stock == 0)
    simulation.advance("9d")

    with violated("eventually 'sold out' never happened"):
        simulation.check()


# Code that claims.


def test_a_claim_in_a_step_ends_the_simulation_whatever_catches_it() -> None:
    def body(ctx: dwf.Context) -> None:
        try:
            dwf.always("stock is never negative", False, stock=-1)
        except BaseException as error:
            raise AssertionError("nothing is raised in user code") from error

    simulation = dwf.Simulation().serve(handler_that(body))
    simulation.send("go")

    with violated("'stock is never negative' must always hold: it is not true here: stock=-1"):
        simulation.run_until_idle()

    (claim,) = simulation.trace.of(Claimed)
    assert (claim.run, claim.step) == (simulation.runs[0].id, "a")


def test_a_claim_may_be_a_function_and_may_hold() -> None:
    with dwf.Simulation().serve(
        handler_that(lambda _: dwf.always("fine", lambda: True))
    ) as simulation:
        simulation.send("go")
        simulation.run_until_idle()


def test_a_place_that_is_reached_is_what_sometimes_asks_for() -> None:
    simulation = dwf.Simulation().serve(handler_that(lambda _: dwf.sometimes("was there")))
    simulation.sometimes("was there")
    with violated("sometimes 'was there' never happened"):
        simulation.check()

    simulation.send("go")
    simulation.run_until_idle()

    simulation.check()


def test_it_does_not_matter_whether_it_is_asked_for_before_or_after() -> None:
    simulation = dwf.Simulation().serve(handler_that(lambda _: dwf.sometimes("was there")))
    simulation.send("go")
    simulation.run_until_idle()

    simulation.sometimes("was there")

    simulation.check()


def test_a_handler_may_promise_what_will_happen() -> None:
    done: list[int] = []
    app = handler_that(lambda _: dwf.eventually("done", lambda: bool(done), within="1h"))
    simulation = dwf.Simulation().serve(app)
    simulation.send("go")
    simulation.advance("30m")

    with violated("'done' must happen"):
        simulation.advance("31m")


def test_a_claim_in_a_test_is_an_error_at_its_line() -> None:
    with dwf.Simulation(), violated("'one is two' must always hold"):
        dwf.always("one is two", 1 == 2)


@pytest.mark.parametrize("method", ["always", "sometimes", "eventually"])
def test_a_predicate_must_be_a_function_and_a_name_a_text(method: str) -> None:
    simulation = dwf.Simulation()

    with pytest.raises(dwf.UsageError, match="it is a function that says"):
        getattr(simulation, method)("x", 5)
    with pytest.raises((dwf.UsageError, dwf.ConfigError), match="name of"):
        getattr(simulation, method)(5, lambda: True)


def test_a_simulation_with_oracles_leaves_the_same_trace_as_one_without() -> None:
    def digest(*, watched: bool) -> str:
        shop = Shop()
        simulation = dwf.Simulation(interleave="random", seed=3).serve(shop.app)
        if watched:
            simulation.always("fine", lambda: True)
        simulation.send("go")
        simulation.send("go")
        simulation.run_until_idle()
        return simulation.trace.digest()

    assert digest(watched=True) == digest(watched=False)


def test_eventually_that_comes_true_too_late_is_broken() -> None:
    sim = dwf.Simulation(faults=[dwf.response.delay("", by="90m")])
    run = sim.serve(handler_that(lambda _: None)).send("go").run
    sim.eventually("done in time", lambda: run.status == "completed", within="1h")

    with pytest.raises(dwf.InvariantViolated, match="it did not happen in time"):
        sim.run_until_idle()


@pytest.mark.parametrize("method", ["always", "sometimes", "eventually"])
def test_a_predicate_that_has_to_be_awaited_says_nothing(method: str) -> None:
    async def holds() -> bool:
        return False

    sim = dwf.Simulation()

    with pytest.raises(dwf.UsageError, match="what 'stock' says has to be awaited"):
        getattr(sim, method)("stock", holds)
