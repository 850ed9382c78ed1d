"""Triggers as they are registered: how many, which names, and what the refusal says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import TriggerEvent
from tests.drivers.stage import every_driver, serve


def served(
    driver: str, trigger: TriggerEvent | Sequence[TriggerEvent], name: str | None = None
) -> dwf.Simulation:
    """Make a world with a function of these triggers."""
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=trigger, name=name)
    async def f(ctx: dwf.Context) -> str:
        return ctx.event.name

    return serve(app, driver)


def named(count: int) -> list[TriggerEvent]:
    """Make so many triggers."""
    return [TriggerEvent(f"t/{nth}") for nth in range(count)]


@every_driver
@pytest.mark.rule("B29", "B303", "A190")
def test_a_function_may_have_ten_triggers(driver: str) -> None:
    """config_triggers_10."""
    sim = served(driver, named(10))

    run = sim.send("t/9").run
    sim.run_until_idle()

    assert run.output == "t/9"


@every_driver
@pytest.mark.rule("B29")
def test_a_function_may_have_no_trigger(driver: str) -> None:
    """config_no_triggers."""
    sim = served(driver, [])

    assert sim.send("t/0").runs == []


REFUSED = [
    pytest.param(
        lambda: TriggerEvent(""),
        "An event trigger must specify an event name: event of a TriggerEvent is ''; it must be",
        id="no event name",
    ),
    pytest.param(
        lambda: dwf.Simulation().serve(dwf.App("app")),
        "No functions registered within your app",
        id="no function",
    ),
]


@pytest.mark.rule("B32", "B300")
@pytest.mark.parametrize(("make", "text"), REFUSED)
def test_what_cannot_be_registered_is_refused_in_the_servers_words(
    make: Callable[[], Any], text: str
) -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        make()

    assert text in str(caught.value)


@every_driver
@pytest.mark.rule("B30")
def test_triggers_of_one_name_may_differ_by_their_expression(driver: str) -> None:
    sim = served(
        driver, [TriggerEvent("t/go", "event.data.n > 5"), TriggerEvent("t/go", "event.data.n < 0")]
    )

    runs = [run for n in (9, 3, -1) for run in sim.send("t/go", {"n": n}).runs]

    assert len(runs) == 2


@every_driver
@pytest.mark.rule("B31")
def test_a_name_of_255_bytes_is_taken(driver: str) -> None:
    assert served(driver, TriggerEvent("n" * 255)).send("n" * 255).run.status == "running"


@pytest.mark.rule("B32")
def test_a_trigger_names_its_event() -> None:
    with pytest.raises(TypeError, match="event"):
        TriggerEvent()  # type: ignore[call-arg]  # Meant.
