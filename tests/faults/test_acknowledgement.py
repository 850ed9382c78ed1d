"""Acknowledgements that are lost: what is sent again, under which ids, and what it starts."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim import crash, events
from dwf_sim.model.records import FaultStruck
from tests.drivers.stage import every_driver, serve


def shop() -> dwf.App:
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="paid"))
    async def f(ctx: dwf.Context) -> object:
        return ctx.event.data["n"]

    @app.create_function(fn_id="sender", trigger=dwf.TriggerEvent(event="go"))
    async def sender(ctx: dwf.Context) -> list[str]:
        return await ctx.step.send_event("send", dwf.Event("paid", {"n": 1}, id=own_id(ctx)))

    def own_id(ctx: dwf.Context) -> str:
        return str(ctx.event.data.get("id", ""))

    return app


def play(driver: str, *faults: dwf.Fault) -> dwf.Simulation:
    return serve(shop(), driver, faults=faults)


def arrivals(sim: dwf.Simulation, name: str = "paid") -> list[str]:
    return [event.internal_id for event in sim.events if event.name == name]


@every_driver
@pytest.mark.rule("A146", "B14", "B16")
def test_what_is_sent_again_has_the_same_id_and_starts_one_run(driver: str) -> None:
    sim = play(driver, events.lose_ack("paid", times=2))

    sent = sim.send("paid", {"n": 1})
    sim.run_until_idle()

    assert arrivals(sim) == sent.ids * 3
    assert sent.run.output == 1
    record = sim.trace.of(FaultStruck)
    assert [each.site for each in record] == ["/paid/0/ack@1", "/paid/0/ack@2"]
    assert {each.event for each in record} == set(sent.ids)
    assert sim.unstruck == ()


@every_driver
@pytest.mark.rule("A146")
def test_the_times_between_two_sends_double(driver: str) -> None:
    sim = play(driver, events.lose_ack("paid", times=3))

    sim.send("paid", {"n": 1})
    seen = []
    for ms in (99, 1, 199, 1, 399, 1):
        sim.advance(ms)
        seen.append(len(arrivals(sim)))

    assert seen == [1, 2, 2, 3, 3, 4]


@every_driver
@pytest.mark.rule("A146")
def test_all_events_of_a_send_come_again(driver: str) -> None:
    sim = play(driver, events.lose_ack("other"))

    sent = sim.send([dwf.Event("paid", {"n": 1}), dwf.Event("other")])
    sim.run_until_idle()

    assert arrivals(sim) + arrivals(sim, "other") == [i for i in sent.ids for _ in range(2)]


@every_driver
@pytest.mark.rule("A147")
@pytest.mark.parametrize(("own_id", "started"), [("", 2), ("order-1", 1)])
def test_a_step_whose_five_sends_are_not_acknowledged_sends_anew(
    driver: str, own_id: str, started: int
) -> None:
    sim = play(driver, events.lose_ack("paid", times=5))

    run = sim.send("go", {"id": own_id}).run
    sim.run_until_idle()

    assert run.status == "completed"
    assert run.steps["send"].attempts == (0, 1)
    assert len(arrivals(sim)) == 6
    assert len({*arrivals(sim)}) == 2
    assert len([run for run in sim.runs if run.function_id == "shop-f"]) == started


@every_driver
@pytest.mark.rule("A147")
@pytest.mark.parametrize(("own_id", "started"), [("", 2), ("order-1", 1)])
def test_so_does_a_step_that_dies_after_it_has_sent(driver: str, own_id: str, started: int) -> None:
    sim = play(driver, crash.after_effect("send"))

    sim.send("go", {"id": own_id})
    sim.run_until_idle()

    assert len([run for run in sim.runs if run.function_id == "shop-f"]) == started


@every_driver
def test_a_producer_outside_is_told_of_five_losses(driver: str) -> None:
    sim = play(driver, events.lose_ack("paid", times=5))

    with pytest.raises(dwf.SendEventsError, match="never received response"):
        sim.send("paid", {"n": 1})
    sim.run_until_idle()

    assert [run.output for run in sim.runs] == [1]
    assert len(arrivals(sim)) == 5


def test_it_reads_as_a_sentence() -> None:
    assert str(events.lose_ack("paid")) == "lose the acknowledgement of `paid`"
    assert str(events.lose_ack(nth=2)) == "lose acknowledgement 2 of an event"
