"""Faults of events: repeated, late, swapped and lost, as a function meets them."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim import events
from tests.drivers.stage import every_driver, serve


def shop(driver: str, *faults: dwf.Fault) -> dwf.Simulation:
    """Serve a function that notes which order it was started for, under these faults."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="order"))
    async def f(ctx: dwf.Context) -> object:
        return ctx.event.data["n"]

    return serve(app, driver, faults=faults)


def outputs(sim: dwf.Simulation) -> list[object]:
    """What the runs gave, in the order of their creation."""
    return [run.output for run in sim.runs]


@every_driver
def test_an_event_without_an_id_that_comes_twice_starts_two_runs(driver: str) -> None:
    sim = shop(driver, events.duplicate("order", after="5s"))

    sent = sim.send("order", {"n": 1})
    sim.run_until_idle()

    assert outputs(sim) == [1, 1]
    assert next(event.internal_id for event in sim.events if event.name == "order") == sent.ids[0]
    first, second = sim.runs
    assert second.scheduled_at - first.scheduled_at == 5000


@every_driver
@pytest.mark.rule("B16", "B17")
def test_an_event_with_an_id_that_comes_twice_starts_one_run(driver: str) -> None:
    sim = shop(driver, events.duplicate("order", after="5s"))

    sim.send(dwf.Event("order", {"n": 1}, id="order-1"))
    sim.run_until_idle()

    assert outputs(sim) == [1]
    assert [event.id for event in sim.events if event.name == "order"] == ["order-1"] * 2


@every_driver
def test_an_event_can_be_late(driver: str) -> None:
    sim = shop(driver, events.delay("order", by="1h"))

    sent = sim.send("order", {"n": 1})
    at_once = sent.runs
    sim.run_until_idle()

    assert at_once == []
    assert sent.run.scheduled_at == sim.start_ms + 3_600_000


@every_driver
def test_an_event_can_be_overtaken_by_the_next_one(driver: str) -> None:
    sim = shop(driver, events.reorder("order", nth=2))

    for n in (1, 2, 3):
        sim.send("order", {"n": n})
    sim.run_until_idle()

    assert outputs(sim) == [1, 3, 2]


@every_driver
def test_an_event_that_nothing_follows_arrives_in_the_end(driver: str) -> None:
    sim = shop(driver, events.reorder("order"))

    sim.send("order", {"n": 1})
    sim.run_until_idle()

    assert outputs(sim) == [1]


@every_driver
def test_an_event_can_be_lost_and_its_sender_is_not_told(driver: str) -> None:
    sim = shop(driver, events.drop("order", nth=1))

    lost, kept = sim.send("order", {"n": 1}), sim.send("order", {"n": 2})
    sim.run_until_idle()

    assert (len(lost.ids), lost.runs, kept.run.output) == (1, [], 2)
    assert sim.explain(lost) == "A fault struck it: lose number 1 of `order`."
    assert sim.unstruck == ()


@every_driver
def test_events_of_the_engine_are_meant_by_name_only(driver: str) -> None:
    any_event = shop(driver, events.drop(times=9))
    by_name = shop(driver, events.drop("inngest/function.finished"))

    any_event.send("order", {"n": 1})
    by_name.send("order", {"n": 1})
    for sim in (any_event, by_name):
        sim.run_until_idle()

    assert [event.name for event in any_event.events] == []
    assert [event.name for event in by_name.events] == ["order"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (events.duplicate("paid", after="5s"), "deliver `paid` twice, the second time 5s later"),
        (events.duplicate(nth=2), "deliver event number 2 of its name twice"),
        (events.delay("paid", by="1h", times=3), "deliver `paid` 1h late, 3 times"),
        (events.reorder("paid"), "deliver `paid` after the event that follows it"),
        (events.drop("paid"), "lose `paid`"),
    ],
)
def test_a_fault_of_an_event_reads_as_a_sentence(fault: dwf.Fault, sentence: str) -> None:
    assert str(fault) == sentence


def test_a_fault_that_cannot_be_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="by is -1000 ms; no event arrives before"):
        events.delay("paid", by=-1000)
    with pytest.raises(dwf.ConfigError, match="nth of a fault is 0"):
        events.drop("paid", nth=0)


@every_driver
def test_the_same_faults_give_the_same_trace(driver: str) -> None:
    def digest() -> str:
        sim = shop(driver, events.duplicate("order", after="5s"), events.reorder("order", nth=3))
        for n in range(4):
            sim.send("order", {"n": n})
        sim.run_until_idle()
        return sim.trace.digest()

    assert digest() == digest()
