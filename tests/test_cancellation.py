"""Cancellation by event, by timeout and by call, and what the world is told of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_driver, serve


def simulation_of(driver: str, handler: Any, **settings: Any) -> dwf.Simulation:
    """A simulation with one function on `go`."""
    app = dwf.App("app")
    app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), **settings)(handler)
    return serve(app, driver)


async def sleeps(ctx: dwf.Context) -> int:
    await ctx.step.run("a", lambda: 1)
    await ctx.step.sleep("rest", "10s")
    return await ctx.step.run("b", lambda: 2)


@every_driver
@pytest.mark.rule("A150", "A152", "A158")
def test_an_event_cancels_a_run_at_once_and_no_further_step_is_run(driver: str) -> None:
    simulation = simulation_of(driver, sleeps, cancel=[dwf.Cancel(event="stop")])
    run = simulation.send("go").run
    simulation.advance("3s")

    simulation.send("stop")
    simulation.run_until_idle()

    assert run.status == "cancelled"
    assert run.ended_at == simulation.start_ms + 3000
    assert "b" not in run.steps
    names = [event.name for event in simulation.events]
    assert names[-2:] == ["inngest/function.finished", "inngest/function.cancelled"]
    assert "inngest/function.failed" not in names


@every_driver
@pytest.mark.rule("A153")
def test_the_step_that_is_running_goes_on_and_its_result_is_dropped(driver: str) -> None:
    done = []

    async def handler(ctx: dwf.Context) -> None:
        async def slow() -> None:
            await asyncio.sleep(10)
            done.append("slow")

        await ctx.step.run("slow", slow)

    simulation = simulation_of(driver, handler, cancel=[dwf.Cancel(event="stop")])
    run = simulation.send("go").run
    simulation.advance("3s")
    simulation.send("stop")
    simulation.run_until_idle()

    assert done == ["slow"]
    assert run.status == "cancelled"
    assert not run.steps["slow"].is_memoized


@every_driver
@pytest.mark.rule("A8", "A150")
@pytest.mark.parametrize(
    ("cancel", "data", "status"),
    [
        (dwf.Cancel(event="stop", match="data.id"), {"id": 1}, "cancelled"),
        (dwf.Cancel(event="stop", match="data.id"), {"id": 2}, "completed"),
        (dwf.Cancel(event="stop", if_exp="async.data.n > event.data.id"), {"n": 5}, "cancelled"),
        (dwf.Cancel(event="stop", if_exp="async.data.n > event.data.id"), {"n": 0}, "completed"),
        (dwf.Cancel(event="stop", if_exp="async.data.n"), {"n": "yes"}, "completed"),
        (dwf.Cancel(event="halt"), {}, "completed"),
    ],
)
def test_only_an_event_that_matches_cancels(
    driver: str, cancel: dwf.Cancel, data: dict[str, object], status: str
) -> None:
    simulation = simulation_of(driver, sleeps, cancel=[cancel])
    run = simulation.send("go", {"id": 1}).run
    simulation.advance("3s")
    simulation.send("stop", data)
    simulation.run_until_idle()

    assert run.status == status


@every_driver
@pytest.mark.rule("A150")
def test_after_its_timeout_an_event_cancels_no_more(driver: str) -> None:
    simulation = simulation_of(driver, sleeps, cancel=[dwf.Cancel(event="stop", timeout="2s")])
    run = simulation.send("go").run
    simulation.advance("3s")
    simulation.send("stop")
    simulation.run_until_idle()

    assert run.status == "completed"


@every_driver
@pytest.mark.rule("A151", "A154")
def test_an_event_cancels_older_runs_only_and_never_the_one_it_started(driver: str) -> None:
    simulation = simulation_of(driver, sleeps, cancel=[dwf.Cancel(event="go")])
    first = simulation.send("go").run
    simulation.advance("3s")
    second = simulation.send("go").run
    simulation.run_until_idle()

    assert (first.status, second.status) == ("cancelled", "completed")


@every_driver
@pytest.mark.rule("A155", "A157", "B320")
@pytest.mark.parametrize(("start", "status"), [("59s", "cancelled"), ("1m", "completed")])
def test_a_run_that_has_not_started_in_time_is_cancelled(
    driver: str, start: str, status: str
) -> None:
    simulation = simulation_of(driver, sleeps, timeouts=dwf.Timeouts(start=start))
    run = simulation.send(dwf.Event("go", ts=simulation.now_ms + 60_000)).run
    simulation.run_until_idle()

    assert run.status == status


@every_driver
@pytest.mark.rule("A155")
def test_a_run_whose_first_attempt_failed_has_started(driver: str) -> None:
    async def fails(ctx: dwf.Context) -> None:
        raise ValueError

    simulation = simulation_of(driver, fails, retries=1, timeouts=dwf.Timeouts(start="1s"))
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.status == "failed"


@every_driver
@pytest.mark.rule("A156", "A157", "B320")
@pytest.mark.parametrize(("finish", "status"), [("9s", "cancelled"), ("10s", "completed")])
def test_a_run_that_has_not_finished_in_time_is_cancelled(
    driver: str, finish: str, status: str
) -> None:
    simulation = simulation_of(driver, sleeps, timeouts=dwf.Timeouts(finish=finish))
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert run.status == status


@pytest.mark.rule("A191", "B222", "B312")
@pytest.mark.parametrize(
    ("cancel", "text"),
    [
        ([dwf.Cancel(event="a")] * 6, "exceeds the max number of cancellation events: 5"),
        ([dwf.Cancel(event="a", if_exp="async.data.a + 1 == 2")], "Cancellation expression"),
        (["stop"], "a list of Cancel"),
    ],
)
def test_a_cancellation_that_cannot_be_registered_is_refused(cancel: Any, text: str) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        simulation_of("native", sleeps, cancel=cancel)
