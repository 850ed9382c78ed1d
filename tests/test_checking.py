"""Whether all is well: when invariants are checked, which, and what is said when one is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim.engine import replies
from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep, Invariant
from dwf_sim.invariants.base import Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import RunFinished
from dwf_sim.report.times import clock
from tests.mutants.mutant import gives

GO = dwf.TriggerEvent(event="go")


class NoRunFails(Invariant):
    """An invariant of a user's own."""

    name = "no run fails"
    says = "every run completes"
    rules = ()

    def watches(self) -> Watches:
        return {RunFinished: self._finished}

    def _finished(self, record: RunFinished, _at: int, seq: int) -> None:
        if record.status == "failed":
            self.broken("the run failed", seq, record.run)


def shop(**settings: object) -> dwf.App:
    """An app whose only function fails always."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=GO, retries=1)
    async def f(ctx: dwf.Context) -> None:
        raise ValueError("always")

    return app


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that retries nothing."""
    monkeypatch.setattr(replies, "has_attempts", gives(False))


def idle(simulation: dwf.Simulation) -> None:
    simulation.run_until_idle()


def check(simulation: dwf.Simulation) -> None:
    simulation.advance("1h")
    simulation.check()


def leave(simulation: dwf.Simulation) -> None:
    with simulation:
        simulation.advance("1h")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", [idle, check, leave])
def test_invariants_are_checked_when_idle_when_asked_and_at_the_end(
    end: Callable[[dwf.Simulation], None],
) -> None:
    simulation = dwf.Simulation().serve(shop())
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated, match="attempts in budget"):
        end(simulation)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", [idle, check, leave])
@pytest.mark.parametrize("chosen", [False, (), (EffectsOncePerStep,)])
def test_only_those_that_were_chosen_are_checked(
    chosen: bool, end: Callable[[dwf.Simulation], None]
) -> None:
    simulation = dwf.Simulation(invariants=chosen).serve(shop())
    simulation.send("go")

    end(simulation)

    assert simulation.runs[0].status == "failed"


@pytest.mark.usefixtures("impatient")
def test_an_error_of_the_test_is_not_hidden_by_a_check() -> None:
    def fails() -> None:
        with dwf.Simulation().serve(shop()) as simulation:
            simulation.send("go")
            simulation.advance("1h")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()


def test_a_class_of_ones_own_is_checked_beside_the_others() -> None:
    simulation = dwf.Simulation(invariants=(*INVARIANTS, NoRunFails)).serve(shop())
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated, match="no run fails: every run completes") as caught:
        simulation.run_until_idle()

    assert caught.value.seq is not None
    found = simulation.trace.since(caught.value.seq)[0].record
    assert isinstance(found, RunFinished)


def test_a_violation_says_what_where_when_and_how_to_repeat_it() -> None:
    faults = [dwf.crash.before("charge"), dwf.response.lose("charge", times=2)]
    simulation = dwf.Simulation(7, faults=faults, invariants=[NoRunFails]).serve(shop())
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated) as caught:
        simulation.run_until_idle()

    headline, broken, place, *_ = text = str(caught.value).splitlines()
    (record,) = (line for line in text if line.startswith(">"))
    when, seq = simulation.trace.since(caught.value.seq or 0)[0].at, caught.value.seq
    assert headline == "no run fails: every run completes"
    assert broken == "broken: shop-f#1: the run failed"
    assert place == f"at {clock(when)}, in record #{seq}:"
    assert record.startswith(f"> {clock(when)} #{seq} RunFinished(run='")
    assert text[-2] == (
        "plan: kill the worker before `charge` began; "
        "lose the response that reports `charge`, 2 times"
    )
    assert text[-1] == (
        "repeat: import tests.test_checking; dwf_sim.Simulation(seed=7, faults="
        "[dwf_sim.crash.before(step='charge'), dwf_sim.response.lose(step='charge', times=2)], "
        "invariants=(tests.test_checking.NoRunFails,))"
    )


def test_what_was_injected_later_is_told_of_as_that() -> None:
    simulation = dwf.Simulation(invariants=[NoRunFails]).serve(shop())
    simulation.inject(dwf.crash.before("charge"))
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated) as caught:
        simulation.run_until_idle()

    plan, _, injected = str(caught.value).splitlines()[-3:]
    assert plan == "plan: kill the worker before `charge` began"
    assert injected == (
        "then, at the start: simulation.inject(dwf_sim.crash.before(step='charge'))"
    )


def test_more_of_them_are_counted() -> None:
    simulation = dwf.Simulation(invariants=[NoRunFails]).serve(shop())
    for _ in range(3):
        simulation.send("go")

    with pytest.raises(dwf.InvariantViolated, match="and 2 more after it"):
        simulation.run_until_idle()


def test_a_check_goes_on_where_the_last_one_stopped() -> None:
    simulation = dwf.Simulation(invariants=(*INVARIANTS, NoRunFails)).serve(shop())
    simulation.check()
    simulation.send("go")
    simulation.check()

    with pytest.raises(dwf.InvariantViolated):
        simulation.run_until_idle()


@pytest.mark.parametrize("chosen", [None, 1, "all", ["memos stand"], [int], NoRunFails(Facts())])
def test_what_is_no_invariant_is_refused(chosen: object) -> None:
    with pytest.raises(dwf.ConfigError, match="invariants is"):
        dwf.Simulation(invariants=chosen)  # type: ignore[arg-type]


def test_a_bounded_trace_that_has_dropped_records_cannot_be_checked() -> None:
    simulation = dwf.Simulation(trace_bound=5).serve(shop())
    simulation.send("go")

    simulation.run_until_idle()

    with pytest.raises(dwf.UsageError, match="the trace keeps 5 records"):
        simulation.check()


def test_a_bounded_trace_is_checked_while_it_holds_all() -> None:
    simulation = dwf.Simulation(trace_bound=100, invariants=[NoRunFails]).serve(shop())
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated):
        simulation.run_until_idle()


def test_a_fault_that_never_struck_makes_a_check_vacuous() -> None:
    simulation = dwf.Simulation(faults=[dwf.crash.before("chrage")]).serve(shop())
    simulation.send("go")
    simulation.run_until_idle()

    with pytest.raises(dwf.InvariantViolated, match=r"fault never struck: .*chrage") as caught:
        simulation.check()

    assert str(caught.value).startswith("the check proves nothing")


def test_what_a_step_does_twice_is_found_when_asked_for() -> None:
    stripe, app = dwf.Ledger("stripe"), dwf.App("shop")

    @app.create_function(fn_id="f", trigger=GO, retries=1)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", value=1))

    def play(invariants: object) -> None:
        with dwf.Simulation(
            faults=[dwf.crash.after_effect("charge")],
            invariants=invariants,  # type: ignore[arg-type]
        ).serve(app) as simulation:
            simulation.send("go")
            simulation.run_until_idle()

    play(True)

    with pytest.raises(dwf.InvariantViolated, match="give it an idempotency key"):
        play([EffectsOncePerStep])


def test_two_executions_at_once_are_told_apart_by_their_effects() -> None:
    app, stripe = dwf.App("shop"), dwf.Ledger("stripe")

    async def charge() -> None:
        await asyncio.sleep(40)  # By then the zombie's step is executed once more.
        stripe.call("charge", value=1)

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", charge)

    simulation = dwf.Simulation(
        faults=[dwf.worker.zombie("charge")], invariants=[EffectsOncePerStep]
    ).serve(app)
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated, match="and again in one beside it; give it an idem"):
        simulation.run_until_idle()


def test_a_defect_of_the_users_own_is_found_too() -> None:
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", lambda: 1)
        await ctx.step.run("a:1", lambda: 2)
        await ctx.step.run("a", lambda: 3)  # It goes by a:1, which is taken.

    simulation = dwf.Simulation().serve(app)
    simulation.send("go")

    with pytest.raises(dwf.InvariantViolated, match=r"memos stand: .*\n.*step 'a:1' ran again"):
        simulation.run_until_idle()


def test_what_is_broken_is_listed_whether_it_was_checked_or_not() -> None:
    stripe = dwf.Ledger("stripe")
    app = dwf.App("shop")

    @app.create_function(fn_id="order", trigger=dwf.TriggerEvent(event="order"))
    async def order(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", value=1))

    simulation = dwf.Simulation(faults=dwf.crash.after_effect("charge"), invariants=False)
    run = simulation.serve(app).send("order").run
    simulation.run_until_idle()

    (broken,) = simulation.broken(EffectsOncePerStep)

    assert (broken.invariant, broken.run) == ("effects once per step", run.id)
    assert simulation.broken(*INVARIANTS) == []
    with pytest.raises(dwf.ConfigError, match="invariants is "):
        simulation.broken(7)  # type: ignore[arg-type]
    bounded = dwf.Simulation(trace_bound=1).serve(app)
    with pytest.raises(dwf.UsageError, match="it cannot be said what they broke"):
        bounded.broken(EffectsOncePerStep)
