"""The guide's topics of events and failures, by both drivers, with the scenarios' functions."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from scenarios.functions import news, reports, trips
from tests.drivers.stage import every_driver, serve


@every_driver
@pytest.mark.rule("B17", "A147")
def test_a_send_that_is_done_again_starts_no_further_runs(driver: str) -> None:
    sim = serve(news.app, driver, faults=[dwf.crash.after_effect("tell")])

    orders = [{"id": 1, "total": 42}, {"id": 2, "total": 7}]
    run = sim.send("cart/checked-out", {"orders": orders}).run
    sim.run_until_idle()

    assert run.steps["tell"].executions == 2
    packed = [run.output for run in sim.runs if run.function_id == "news-pack"]
    assert packed == ["packed 1", "packed 2"]


@every_driver
@pytest.mark.rule("A130", "A136")
def test_parts_that_are_invoked_take_the_time_of_one(driver: str) -> None:
    sim = serve(reports.app, driver)

    run = sim.send("report").run
    sim.run_until_idle()

    assert (run.output, len(sim.runs)) == (5, 4)
    assert run.ended_at == sim.start_ms + 60_000


@every_driver
@pytest.mark.rule("A19")
def test_pages_that_were_read_are_not_read_again(driver: str) -> None:
    sim = serve(reports.app, driver)
    sim.fail_step("page 1", ConnectionError("busy"), times=2)

    run = sim.send("pages").run
    sim.run_until_idle()

    assert run.output == 6
    assert [step.executions for step in run.steps.values()] == [1, 3, 1]


@every_driver
@pytest.mark.rule("A26", "A30")
def test_a_step_beside_one_that_fails_is_done_once(driver: str) -> None:
    sim = serve(trips.app, driver)
    sim.fail_step("room", ConnectionError("no answer"), times=2)

    run = sim.send("trip/booked").run
    sim.run_until_idle()

    assert run.output == ["flight", "room"]
    assert (run.steps["flight"].executions, run.steps["room"].executions) == (1, 3)


@every_driver
@pytest.mark.rule("A73")
def test_what_was_done_is_undone_in_reverse_order(driver: str) -> None:
    sim = serve(trips.app, driver)

    run = sim.send("trip/planned", {"lacks": "room"}).run
    sim.run_until_idle()

    assert run.output == "nothing is booked: there is no room"
    assert [*run.steps] == ["flight", "car", "room", "undo car", "undo flight"]


@every_driver
@pytest.mark.rule("B109")
def test_a_batch_is_in_the_order_of_arrival_and_not_of_times(driver: str) -> None:
    sim = serve(news.app, driver, faults=[dwf.events.reorder("price/changed", nth=1)])

    for n, price in enumerate((10, 20, 30)):
        sim.send(dwf.Event("price/changed", {"price": price}, ts=sim.start_ms + n))
    sim.run_until_idle()

    assert sim.runs[0].output == {"came": [20, 10, 30], "is": 30}


@every_driver
@pytest.mark.rule("B33", "B34")
def test_each_version_of_an_event_has_its_function(driver: str) -> None:
    sim = serve(news.app, driver)

    total = {"amount": 42, "currency": "USD"}
    sim.send("order/created", {"id": 1, "total": 42})
    sim.send("order/created", {"id": 2, "version": 2, "total": total})
    sim.run_until_idle()

    outputs = [run.output for run in sim.runs if run.function_id != "news-pack"]
    assert outputs == ["42 EUR", "42 USD"]


@every_driver
@pytest.mark.rule("A168", "A174")
def test_a_function_hears_of_the_failure_of_others(driver: str) -> None:
    sim = serve(news.app, driver)

    sim.send("order/packed", {"id": 1, "total": 0})
    sim.send("order/packed", {"id": 2, "total": 1})
    sim.run_until_idle()

    (heard,) = (run.output for run in sim.runs if run.function_id == "news-operator")
    assert heard == "news-pack: an order of nothing"
