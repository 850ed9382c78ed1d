"""What faults struck comes to the same as what none did, or it is said what differs first."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.faults import faults_at
from dwf_sim.outcomes.recovery import came_to
from tests.faults.shapes import play as play_shape

GO = dwf.TriggerEvent(event="go")
Play = Callable[[dwf.FaultPlan], dwf.Simulation]


def playing(handler: Callable[[Any, dwf.Ledger], Any], sends: int = 1, **settings: Any) -> Play:
    """Make what plays a function, which is given a ledger."""
    stripe = dwf.Ledger("stripe")
    app = dwf.App("shop")

    @app.create_function(fn_id="f", **{"trigger": GO, "retries": 3, **settings})
    async def f(ctx: dwf.Context) -> Any:
        return await handler(ctx, stripe)

    def play(plan: dwf.FaultPlan) -> dwf.Simulation:
        simulation = dwf.Simulation(seed=7, faults=plan).serve(app)
        for number in range(sends):
            simulation.send("go", {"n": number})
        simulation.run_until_idle()
        return simulation

    return play


def refused(play: Play, *faults: dwf.Fault, **rest: Any) -> str:
    """Give the line that says what differs."""
    with pytest.raises(dwf.InvariantViolated) as caught:
        dwf.check_recovery(play, faults, **rest)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("recovery: ")
    assert lines[-2] == f"plan: {dwf.FaultPlan(faults)}"
    assert caught.value.seq is not None
    return lines[1]


async def charge_with_key(ctx: dwf.Context, stripe: dwf.Ledger) -> object:
    return await ctx.step.run("charge", lambda: stripe.call("charge", key=ctx.run_id, value=42))


async def charge_without(ctx: dwf.Context, stripe: dwf.Ledger) -> object:
    return await ctx.step.run("charge", lambda: stripe.call("charge", value=42))


AFTER_CHARGE = dwf.crash.after_effect("charge")


@pytest.mark.rule("A220")
def test_a_step_with_a_key_recovers_from_a_crash_and_one_without_does_its_effect_again() -> None:
    dwf.check_recovery(playing(charge_with_key), AFTER_CHARGE, dwf.crash.before("charge"))

    assert refused(playing(charge_without), AFTER_CHARGE) == (
        "broken: stripe charge in step 'charge' of shop-f#1 was done 2 times, and once when "
        "nothing goes wrong; give it an idempotency key"
    )


def test_one_plan_after_the_other_is_tried() -> None:
    with pytest.raises(dwf.InvariantViolated, match="kill the worker after `charge` returned"):
        dwf.check_recovery(playing(charge_without), dwf.crash.before("charge"), AFTER_CHARGE)


@pytest.mark.rule("A80")
def test_a_run_whose_attempts_are_used_up_ends_otherwise() -> None:
    assert refused(playing(charge_with_key, retries=0), AFTER_CHARGE) == (
        "broken: shop-f#1 is failed (Error: Unable to reach SDK URL), and completed when nothing "
        "goes wrong"
    )


def test_an_output_that_depends_on_the_attempt_differs() -> None:
    async def tell(ctx: dwf.Context, _: dwf.Ledger) -> object:
        return await ctx.step.run("tell", lambda: ctx.attempt)

    assert refused(playing(tell), dwf.crash.before("tell")) == (
        "broken: shop-f#1 gives 1, and 0 when nothing goes wrong"
    )
    dwf.check_recovery(playing(tell), dwf.crash.before("tell"), compare=lambda run: run.status)


def test_an_error_that_depends_on_the_attempt_differs() -> None:
    async def refuse(ctx: dwf.Context, _: dwf.Ledger) -> object:
        await ctx.step.run("look", int)
        raise dwf.NonRetriableError(f"attempt {ctx.attempt}")

    struck = dwf.crash.before("", attempt=0, visit=2)
    assert refused(playing(refuse), struck) == (
        "broken: shop-f#1 failed with NonRetriableError: attempt 1, and with NonRetriableError: "
        "attempt 0 when nothing goes wrong"
    )


def test_an_effect_that_a_dead_worker_had_promised_itself_to_do_is_missed() -> None:
    done: set[str] = set()

    async def once(ctx: dwf.Context, stripe: dwf.Ledger) -> None:
        def body() -> None:
            if ctx.run_id not in done:  # It is said to be done before it is.
                done.add(ctx.run_id)
                lookup()
                stripe.call("charge", key="k", value=1)

        def lookup() -> None:
            stripe.call("look up", key="l", value=1)

        await ctx.step.run("charge", body)

    def play(plan: dwf.FaultPlan) -> dwf.Simulation:
        done.clear()
        return playing(once)(plan)

    assert refused(play, dwf.crash.inside("charge", at_effect=1)) == (
        "broken: stripe charge with key 'k' was done not at all, and once when nothing goes wrong"
    )


def test_a_run_too_many_and_a_run_too_few_are_told() -> None:
    play = playing(charge_with_key, sends=2)

    assert refused(play, dwf.events.duplicate("go")) == (
        "broken: shop-f#2 was started, and no such run when nothing goes wrong"
    )
    assert refused(play, dwf.events.drop("go", nth=2)) == (
        "broken: shop-f#2 was not started, and is when nothing goes wrong"
    )


def test_runs_are_known_by_their_events_whatever_their_order() -> None:
    async def echo(ctx: dwf.Context, stripe: dwf.Ledger) -> object:
        key = f"{ctx.run_id}"
        await ctx.step.run("charge", lambda: stripe.call("charge", key=key, value=1))
        return [ctx.event.data["n"], ctx.run_id]

    dwf.check_recovery(playing(echo, sends=3), dwf.events.delay("go", by="1h", nth=1))


def playing_shape(name: str, driver: str = "native") -> Play:
    return lambda plan: play_shape(name, driver, faults=plan)


@pytest.mark.parametrize("shape", ["sequence", "invoke"])
def test_steps_with_keys_recover_from_each_crash(shape: str) -> None:
    sites = play_shape(shape, "native", pilot=True).sites
    faults = [fault for site in sites for fault in faults_at(site)]
    crashes = [fault for fault in faults if fault.kind_name.startswith("crash.")]

    assert len(crashes) > 20
    dwf.check_recovery(playing_shape(shape), *crashes)


def test_functions_of_the_sdk_recover() -> None:
    crash = dwf.crash.after_effect("a", run="sequence-f#1")

    dwf.check_recovery(playing_shape("sequence", "sdk"), crash)


@pytest.mark.rule("A41", "A225")
def test_a_step_in_parallel_that_is_targeted_again_after_its_memo_fails_its_run() -> None:
    assert refused(playing_shape("parallel"), dwf.crash.after_memo("s2")) == (
        'broken: parallel-f#1 is failed (StepUnexpectedError: found step "last" when targeting a '
        "different step), and completed when nothing goes wrong"
    )


def test_a_fault_that_never_strikes_proves_nothing() -> None:
    with pytest.raises(dwf.InvariantViolated, match=r"fault never struck: .*`chrage`"):
        dwf.check_recovery(playing(charge_with_key), dwf.crash.before("chrage"))


def test_a_play_that_cannot_be_compared_is_refused() -> None:
    play = playing(charge_with_key)

    with pytest.raises(dwf.UsageError, match="no plan is given"):
        dwf.check_recovery(play)
    with pytest.raises(dwf.UsageError, match="play returned None"):
        dwf.check_recovery(lambda _: None, AFTER_CHARGE)  # type: ignore[arg-type, return-value]  # Meant.
    with pytest.raises(dwf.UsageError, match=r"give it on: Simulation\(faults=plan\)"):
        dwf.check_recovery(lambda _: play(dwf.FaultPlan()), AFTER_CHARGE)
    with pytest.raises(dwf.UsageError, match="'serve': that is a play for certify"):
        dwf.check_recovery(lambda sim: sim.serve(dwf.App("a")), AFTER_CHARGE)  # type: ignore[attr-defined]  # Meant.
    with pytest.raises(AttributeError, match="'int' object has no attribute 'serve'"):
        dwf.check_recovery(lambda _: (1).serve(), AFTER_CHARGE)  # type: ignore[attr-defined]  # Meant.
    with pytest.raises(
        dwf.UsageError, match=r"fault is a simulation: .* a play for check_recovery"
    ):
        dwf.FaultPlan(dwf.Simulation())  # type: ignore[arg-type]  # Meant.


def test_a_trace_that_has_forgotten_its_effects_is_refused() -> None:
    simulation = dwf.Simulation(trace_bound=3)
    for _ in range(3):
        simulation.send("go")

    with pytest.raises(dwf.UsageError, match="leave trace_bound out"):
        came_to(simulation)


def test_another_key_is_seen_and_an_instant_is_none() -> None:
    async def mail(ctx: dwf.Context, post: dwf.Ledger) -> object:
        whom = await ctx.step.run("whom", lambda: "nobody" if ctx.attempt else "x")
        await ctx.step.run("mail", lambda: post.call("mail", key=whom, value=1))
        return await ctx.step.run("now", lambda: datetime.datetime.now().isoformat())

    dwf.check_recovery(playing(mail), dwf.crash.before("now"))
    assert refused(playing(mail), dwf.crash.before("whom")) == (
        "broken: stripe mail with key 'x' was done not at all, and once when nothing goes wrong"
    )


def test_what_may_be_done_again_is_done_once() -> None:
    async def look(ctx: dwf.Context, shelf: dwf.Ledger) -> object:
        return await ctx.step.run("look", lambda: shelf.note("look", is_idempotent=True))

    dwf.check_recovery(playing(look), dwf.crash.after_effect("look"))
