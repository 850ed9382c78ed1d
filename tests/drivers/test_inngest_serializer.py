"""Objects of pydantic as outputs: the client that serves a function has to write them as JSON."""

from __future__ import annotations

from typing import Any

import inngest
import pydantic
import pytest

import dwf_sim as dwf
from dwf_sim import mocked

EVENT = inngest.Event(name="go")


class Order(pydantic.BaseModel):
    number: int = 7


def in_step(ctx: inngest.ContextSync) -> object:
    return ctx.step.run("a", Order, output_type=Order)


def at_the_end(ctx: inngest.ContextSync) -> object:
    return Order()


def make(handler: Any, **typed: Any) -> tuple[inngest.Inngest, Any]:
    client = inngest.Inngest(app_id="pydantic", serializer=inngest.PydanticSerializer())
    go = inngest.TriggerEvent(event="go")
    made: Any = client.create_function(fn_id="f", trigger=go, retries=0, **typed)
    return client, made(handler)


@pytest.mark.parametrize("handler", [in_step, at_the_end])
def test_trigger_takes_the_serializer_of_the_functions_own_client(handler: Any) -> None:
    _own, function = make(handler, output_type=Order)

    result = dwf.trigger(function, EVENT, mocked.Inngest(app_id="test"))

    assert result.output == {"number": 7}
    assert result.warnings == []


@pytest.mark.parametrize(("handler", "what"), [(in_step, "step 'a'"), (at_the_end, "the function")])
def test_a_served_client_without_a_serializer_is_warned_of(handler: Any, what: str) -> None:
    _own, function = make(handler, output_type=Order)
    sim = dwf.Simulation().serve((inngest.Inngest(app_id="other"), [function]))
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "failed"
    assert sim.warnings == [
        f"pydantic-f#1: {what} returned a Order of pydantic, which is not written as JSON: give "
        "the client that is served serializer=inngest.PydanticSerializer()"
    ]


def test_an_output_without_a_type_is_not_serialized_and_warned_of() -> None:
    own, function = make(at_the_end)

    result = dwf.trigger(function, EVENT, own)

    assert result.status is mocked.Status.FAILED
    assert "say so where it is made, output_type=Order" in result.warnings[0]
