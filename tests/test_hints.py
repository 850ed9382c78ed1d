"""Texts that say what to do about what only looks right, or is unclear."""

from __future__ import annotations

import asyncio
from typing import Any

import inngest
import pydantic
import pytest

import dwf_sim as dwf
from tests.drivers.stage import play


class Order(pydantic.BaseModel):
    """A model of a user's."""

    number: int = 1


class OrderCreated(pydantic.BaseModel):
    """An event as some write it."""

    name: str = "go"
    data: dict[str, object] = {}


@pytest.mark.parametrize(
    ("event", "hint"),
    [
        (OrderCreated(), "to make one of it: Event(given.name, given.data)"),
        ({"name": "go", "data": {}}, "to make one of it: Event(**given)"),
        (Order(), "a model of pydantic is written as a dict by given.model_dump()"),
    ],
)
def test_what_looks_like_an_event_is_refused_with_the_way_to_make_one(
    event: Any, hint: str
) -> None:
    with pytest.raises(dwf.SendEventsError) as caught:
        dwf.Simulation().send(event)

    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize("event", [dwf.Event, OrderCreated, 7, None])
def test_what_does_not_is_refused_without_one(event: Any) -> None:
    with pytest.raises(dwf.SendEventsError, match=r"or a name and data$"):
        dwf.Simulation().send(event)


def test_data_that_is_a_model_is_refused_with_the_way_to_write_it() -> None:
    data: Any = Order()

    with pytest.raises(dwf.SendEventsError, match="must be a mapping, such as a dict; a model of"):
        dwf.Simulation().send("go", data)


def test_a_send_that_several_simulations_could_take_says_how_to_choose() -> None:
    client = inngest.Inngest(app_id="many")

    @client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
    def function(ctx: inngest.ContextSync) -> None: ...

    with dwf.Simulation() as one, dwf.Simulation() as other:
        for sim in (one, other):
            sim.serve((client, [function]))
        with pytest.raises(dwf.UsageError) as caught:
            client.send_sync(inngest.Event(name="go"))

    assert "2 simulations serve app 'many'" in str(caught.value)
    assert "use the send of the simulation you mean, or close those that are over" in str(
        caught.value
    )


def test_a_send_that_nobody_could_take_says_to_serve() -> None:
    with pytest.raises(dwf.UsageError, match=r"no simulation serves app 'alone'.* serve the app"):
        dwf.App("alone").send(dwf.Event("go"))


@pytest.mark.parametrize("kind", ["async def", "sdk async def"])
@pytest.mark.rule("A194")
def test_a_step_without_an_end_is_warned_of(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        async def body() -> None:
            await asyncio.get_running_loop().create_future()

        await ctx.step.run("stuck", body)

    played = play(handler, kind)

    assert played.run.error["message"] == "Unable to reach SDK URL"
    (warning,) = played.sim.warnings
    assert warning.startswith("app-f#1: step 'stuck' has had no end for two hours")
    assert "MISTAKE: step 'stuck'" in played.sim.timeline(played.run)


def test_a_handler_without_an_end_is_warned_of() -> None:
    async def handler(ctx: Any) -> None:
        await asyncio.get_running_loop().create_future()

    assert "its handler has had no end for two hours" in play(handler).sim.warnings[0]
