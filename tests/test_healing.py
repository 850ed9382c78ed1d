"""Healing: faults stop, and then every run ends in the time it allows itself, or it is said why."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.engine import pauses, queue
from dwf_sim.engine.turn import Turn
from dwf_sim.model.run import Item
from tests.mutants.mutant import gives

GO = dwf.TriggerEvent(event="go")


def app_of(handler: Any, **settings: Any) -> dwf.App:
    """An app with one function."""
    app = dwf.App("shop")
    app.create_function(fn_id="f", **{"trigger": GO, **settings})(handler)
    return app


async def waits(ctx: dwf.Context) -> object:
    return await ctx.step.wait_for_event("paid", event="paid", timeout="30d")


async def naps(ctx: dwf.Context) -> None:
    await ctx.step.sleep("nap", "1h")


async def charges(ctx: dwf.Context) -> object:
    return await ctx.step.run("charge", lambda: 1)


def test_faults_stop_and_runs_that_wait_come_to_their_end() -> None:
    lost = dwf.response.lose("charge", times=1000)
    simulation = dwf.Simulation(faults=[lost]).serve(app_of(charges, retries=3))
    run = simulation.send("go").run
    simulation.advance("30s")
    assert run.status == "running"

    simulation.heal()

    assert (run.status, run.output) == ("completed", 1)


def test_a_fault_that_was_called_off_is_still_told_of_as_never_struck() -> None:
    simulation = dwf.Simulation(faults=[dwf.crash.before("other")]).serve(app_of(charges))
    simulation.heal()

    assert [str(fault) for fault in simulation.unstruck]
    with pytest.raises(dwf.InvariantViolated, match="never struck"):
        simulation.check()


def test_a_clock_that_was_set_is_set_right() -> None:
    shown: list[datetime.datetime] = []

    async def looks(ctx: dwf.Context) -> None:
        await ctx.step.run("look", lambda: shown.append(datetime.datetime.now(datetime.UTC)))

    faults = [dwf.clock.skew(by="1h"), dwf.clock.jump(by="-5m", at="1s")]
    simulation = dwf.Simulation(faults=faults).serve(app_of(looks))
    simulation.advance("1m")
    simulation.heal()
    simulation.send("go")
    simulation.run_until_idle()

    assert shown == [simulation.now]


def test_a_fault_that_holds_is_undone() -> None:
    paused = dwf.functions.pause("shop-f", at="1s", for_="30d")
    simulation = dwf.Simulation(faults=[paused]).serve(app_of(naps))
    run = simulation.send("go").run
    simulation.advance("2h")
    assert run.status == "running"

    simulation.heal()

    assert (run.status, simulation.now_ms - simulation.start_ms) == ("completed", 2 * 3_600_000)


def test_a_fault_that_is_for_later_never_strikes() -> None:
    paused = dwf.functions.pause("shop-f", at="1m")
    simulation = dwf.Simulation(faults=[paused]).serve(app_of(naps))
    run = simulation.send("go").run

    simulation.heal()

    assert run.status == "completed"
    assert simulation.unstruck == (paused,)


def test_a_fault_that_is_injected_after_healing_strikes() -> None:
    simulation = dwf.Simulation().serve(app_of(naps))
    simulation.heal()
    simulation.inject(dwf.functions.pause("shop-f", at="1m"))
    run = simulation.send("go").run

    simulation.run_until_idle()

    assert run.status == "running"


def test_a_timer_that_a_fault_has_set_late_is_waited_for() -> None:
    simulation = dwf.Simulation(faults=[dwf.timers.late(by="9d")]).serve(app_of(naps))
    run = simulation.send("go").run
    simulation.advance("1m")

    simulation.heal()

    assert run.status == "completed"
    assert run.ended_at == simulation.start_ms + 9 * 86_400_000 + 3_600_000


def test_healing_lasts_as_long_as_waits_and_retries_do() -> None:
    async def fails(ctx: dwf.Context) -> None:
        await ctx.step.wait_for_event("paid", event="paid", timeout="30d")
        raise ValueError("always")

    simulation = dwf.Simulation().serve(app_of(fails, retries=20))
    run = simulation.send("go").run
    simulation.advance("1s")

    simulation.heal()

    assert run.status == "failed"


def test_crons_do_not_keep_it_from_its_end() -> None:
    app = app_of(waits)
    app.create_function(fn_id="cron", trigger=dwf.TriggerCron(cron="0 * * * *"))(charges)
    simulation = dwf.Simulation().serve(app)
    run = simulation.send("go").run
    simulation.advance("1s")

    simulation.heal()

    assert run.status == "completed"


def test_nothing_to_heal_takes_no_time() -> None:
    simulation = dwf.Simulation().serve(app_of(charges))
    simulation.heal()

    assert simulation.now_ms == simulation.start_ms


def stuck(simulation: dwf.Simulation) -> list[str]:
    """What is said of a run that does not end."""
    simulation.send("go")
    simulation.advance("1s")
    with pytest.raises(dwf.LivenessViolated) as caught:
        simulation.heal()
    headline, *story = str(caught.value).splitlines()
    assert headline == "liveness: without faults, not every run comes to its end"
    assert story[-2].startswith("plan: ")
    assert story[-1].startswith("repeat: ")
    return story[:-2]


def test_a_run_of_a_paused_function_stands_in_the_queue() -> None:
    simulation = dwf.Simulation().serve(app_of(waits))
    simulation.send("go")
    simulation.advance("1s")
    simulation.pause("shop-f")
    simulation.send("paid")

    with pytest.raises(dwf.LivenessViolated, match="stands in the queue: pause") as caught:
        simulation.heal()

    assert "shop-f#1 is running:" in str(caught.value)


def test_a_wait_whose_timeout_never_comes_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "time_out", gives(None))

    story = stuck(dwf.Simulation(invariants=False).serve(app_of(waits)))

    assert story == [
        "shop-f#1 is running:",
        "  step 'paid' waits for event 'paid', until 2030-01-31T00:00:00.000Z at the latest",
    ]


def test_an_invoke_shows_whom_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app = dwf.App("shop")

    @app.create_function(fn_id="child", trigger=[])
    async def child(ctx: dwf.Context) -> None:
        """Return at once."""

    @app.create_function(fn_id="parent", trigger=GO)
    async def parent(ctx: dwf.Context) -> None:
        await ctx.step.invoke("call", function=child, timeout="1h")

    monkeypatch.setattr(pauses, "resume_invoke", gives(False))
    monkeypatch.setattr(pauses, "time_out", gives(None))

    story = stuck(dwf.Simulation(invariants=False).serve(app))

    assert story == [
        "shop-parent#1 is running:",
        "  step 'call' waits for run shop-child#1, until 2030-01-01T01:00:00.000Z at the latest",
    ]


def test_a_run_that_the_engine_forgot_has_nothing_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    place = queue.place

    def forgetful(turn: Turn, item: Item, **rest: Any) -> None:
        if item.kind == "start":
            place(turn, item, **rest)

    monkeypatch.setattr(queue, "place", forgetful)

    story = stuck(dwf.Simulation(invariants=False).serve(app_of(charges)))

    assert story == [
        "shop-f#1 is running:",
        "  nothing is queued for it, and nobody has it",
    ]


def test_a_handler_that_never_answers_is_given_up_and_healed_from() -> None:
    async def hangs(ctx: dwf.Context) -> None:
        await asyncio.Event().wait()

    simulation = dwf.Simulation().serve(app_of(hangs, retries=1))
    run = simulation.send("go").run

    simulation.heal()

    assert run.status == "failed"
