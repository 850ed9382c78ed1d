"""Topics of the guide that no other test shows as one story, played by both drivers."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from scenarios.functions import bookings, failures, replays, starts
from tests.drivers.stage import every_driver, serve


@every_driver
@pytest.mark.rule("B53", "B54", "B55")
def test_an_idempotency_key_starts_one_run_a_day_for_each_value_it_has(driver: str) -> None:
    sim = serve(starts.thank, driver)

    for event_id, cart in [("1", "a"), ("2", "a"), ("3", "b")]:
        sim.send(dwf.Event("cart/paid", {"cart": cart}, id=event_id))
    sim.send([dwf.Event("cart/paid"), dwf.Event("cart/paid")])
    sim.run_until_idle()
    sim.advance("24h")
    sim.send("cart/paid", {"cart": "a"})
    sim.run_until_idle()

    assert [run.output for run in sim.runs if run.status == "completed"] == ["a", "b", "a"]
    assert len([run for run in sim.runs if run.status == "failed"]) == 2, "those without a cart"


@every_driver
@pytest.mark.rule("A168", "A174")
def test_the_event_about_a_cancelled_run_starts_what_cleans_up_after_it(driver: str) -> None:
    sim = serve(bookings.app, driver)
    declined, forgotten = (sim.send("room/asked", {"room": room}).run for room in ("red", "blue"))
    sim.advance("1h")

    sim.cancel(declined)
    sim.run_until_idle()

    assert [declined.status, forgotten.status] == ["cancelled", "cancelled"]
    assert [run.output for run in sim.runs if run.function_id == "bookings-free"] == ["red", "blue"]


@every_driver
@pytest.mark.rule("A65", "A66")
def test_a_schedule_of_ones_own_follows_from_the_attempt(driver: str) -> None:
    sim = serve(failures.app, driver)
    run = sim.send("poll").run

    sim.run_until_idle()

    assert run.output == "here it is"
    assert run.steps["ask"].attempts == (0, 1, 2, 3, 4)
    assert run.ended_at == run.scheduled_at + (10 + 30 + 90 + 270) * 1000


@every_driver
@pytest.mark.rule("A16")
@pytest.mark.parametrize(("kg", "way"), [(1, "air"), (5, "sea")])
def test_what_a_step_returned_decides_which_one_is_next_at_each_entry(
    driver: str, kg: int, way: str
) -> None:
    sim = serve(replays.app, driver)
    run = sim.send("ship", {"kg": kg}).run
    sim.fail_step(way, ConnectionError)

    sim.run_until_idle()

    assert run.output == f"by {way}"
    assert [*run.steps] == ["weigh", way]
    assert run.steps["weigh"].executions == 1
    assert run.steps[way].executions == 2


@every_driver
@pytest.mark.rule("A132")
def test_a_function_of_another_app_is_invoked_by_a_reference(driver: str) -> None:
    sim = serve(starts.app, driver)
    serve(starts.stock, driver, sim)
    run = sim.send("asked", {"item": "socks"}).run

    sim.run_until_idle()

    assert run.output == "5 left"
