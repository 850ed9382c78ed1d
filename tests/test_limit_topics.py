"""The guide's topics of limits, by both drivers, with the functions that the scenarios play."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from scenarios.functions import banks, limits
from tests.drivers.stage import every_driver, serve


def starts(sim: dwf.Simulation) -> list[tuple[float, object]]:
    """List when each run has started, in seconds, and what it has returned."""
    started = [run for run in sim.runs if run.started_at is not None]
    return [((run.started_at - sim.start_ms) / 1000, run.output) for run in started]


def begun(sim: dwf.Simulation) -> list[str]:
    """List the steps in the order in which they have begun."""
    order = []
    for run in sim.runs:
        assert run.started_at is not None
        order += [(run.started_at, step) for step in run.steps]
    return [step for _, step in sorted(order)]


def send_all(sim: dwf.Simulation, name: str, *events: dict[str, object]) -> None:
    """Send events of a name, a second apart, and wait for what they bring about."""
    for data in events:
        sim.send(name, data)
        sim.advance("1s")
    sim.run_until_idle()


@every_driver
@pytest.mark.rule("B59", "B64")
def test_a_rate_limit_drops_what_comes_too_often_for_each_key(driver: str) -> None:
    sim = serve(limits.app, driver)

    rooms = ("red", "red", "blue")
    send_all(sim, "search", *({"room": room, "n": n} for n, room in enumerate(rooms)))

    assert starts(sim) == [(0, 0), (2, 2)]


@every_driver
@pytest.mark.rule("B69", "B70")
def test_a_throttle_starts_one_more_than_its_limit_and_the_others_in_turn(driver: str) -> None:
    sim = serve(limits.app, driver)

    for n in range(4):
        sim.send("call", {"n": n})
    sim.run_until_idle()

    assert starts(sim) == [(0, 0), (0, 1), (60, 2), (120, 3)]


@every_driver
@pytest.mark.rule("B96", "B98")
def test_a_debounce_starts_one_run_with_the_last_event(driver: str) -> None:
    sim = serve(limits.app, driver)

    send_all(sim, "typed", *({"n": n} for n in range(3)))

    assert starts(sim) == [(12, 2)]


@every_driver
@pytest.mark.rule("B118")
def test_a_priority_decides_who_of_those_that_wait_is_next(driver: str) -> None:
    sim = serve(limits.app, driver)

    urgent = (False, False, True)
    send_all(sim, "print", *({"n": n, "urgent": each} for n, each in enumerate(urgent)))

    assert begun(sim) == ["print 0", "print 2", "print 1"]


@every_driver
@pytest.mark.rule("B124", "B125")
def test_a_singleton_skips_what_comes_until_its_run_has_ended(driver: str) -> None:
    sim = serve(limits.app, driver)

    send_all(sim, "sync", {"room": "red", "n": 1}, {"room": "red", "n": 2})
    send_all(sim, "sync", {"room": "red", "n": 3})

    assert starts(sim) == [(0, 1), (60, 3)]


@every_driver
@pytest.mark.rule("B106", "B109")
def test_a_batch_starts_when_it_is_full_or_its_time_is_over(driver: str) -> None:
    sim = serve(limits.app, driver)

    send_all(sim, "changed", *({"n": n} for n in range(4)))

    assert starts(sim) == [(2, [0, 1, 2]), (33, [3])]


@every_driver
@pytest.mark.rule("B84", "B89")
def test_who_waits_for_a_key_is_overtaken(driver: str) -> None:
    sim = serve(banks.app, driver)

    for n, bank in enumerate(("red", "red", "blue", "green")):
        sim.send("pay", {"n": n, "bank": bank})
    sim.run_until_idle()

    assert [at for at, _ in starts(sim)] == [0, 10, 0, 10]


@every_driver
@pytest.mark.rule("B93", "B129")
def test_a_debounce_gets_what_the_rate_limit_lets_through_and_no_more(driver: str) -> None:
    sim = serve(banks.app, driver)

    send_all(sim, "report", *({"n": n} for n in range(3)))

    assert starts(sim) == [(10, 0)]


@every_driver
@pytest.mark.rule("B124")
def test_a_run_that_is_throttled_keeps_a_singleton(driver: str) -> None:
    sim = serve(banks.app, driver)

    for n in range(3):
        sim.send("move", {"n": n, "bank": "red"})
        sim.advance("10s")
    sim.run_until_idle()

    assert starts(sim) == [(0, 0), (3600, 1)]
