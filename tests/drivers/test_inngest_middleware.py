"""What stands around a handler of the SDK: middleware, logger, serializer."""

from __future__ import annotations

import json
import logging
from typing import Any

import inngest
import pydantic
import pytest

import dwf_sim as dwf
from dwf_sim.model.records import Logged

GO = inngest.TriggerEvent(event="go")


class Heard(inngest.Middleware):
    """Notes its hooks."""

    notes: list[str]
    name: str

    def _note(self, hook: str) -> None:
        self.notes.append(f"{self.name} {hook}")

    async def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
        self._note("transform_input")

    async def before_execution(self) -> None:
        self._note("before_execution")

    async def before_send_events(self, events: Any) -> None:
        self._note("before_send_events")

    async def after_send_events(self, result: Any) -> None:
        self._note("after_send_events")

    async def after_execution(self) -> None:
        self._note("after_execution")

    async def transform_output(self, result: Any) -> None:
        self._note("transform_output")

    async def before_response(self) -> None:
        self._note("before_response")


@pytest.mark.rule("A214")
def test_the_hooks_of_client_and_function_come_in_the_sdks_order() -> None:
    heard: list[str] = []
    one = type("One", (Heard,), {"notes": heard, "name": "client"})
    two = type("Two", (Heard,), {"notes": heard, "name": "function"})
    client = inngest.Inngest(app_id="shop", middleware=[one])

    @client.create_function(fn_id="a", trigger=GO, middleware=[two])
    async def a(ctx: inngest.Context) -> None:
        heard.append("-- handler --")
        await ctx.step.send_event("s", inngest.Event(name="told"))

    sim = dwf.Simulation().serve((client, [a]))

    sim.send("go")
    sim.run_until_idle()

    ends = [
        "function after_execution",
        "client after_execution",
        "function transform_output",
        "client transform_output",
        "client before_response",
        "function before_response",
    ]
    assert heard == [
        "client transform_input",
        "function transform_input",
        "client before_execution",
        "function before_execution",
        "-- handler --",
        "client before_send_events",
        "function before_send_events",
        "function after_send_events",
        "client after_send_events",
        *ends,
        "client transform_input",
        "function transform_input",
        "-- handler --",
        "client before_execution",
        "function before_execution",
        *ends,
    ]


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.rule("A210", "A212")
def test_a_line_is_logged_once(is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    client = inngest.Inngest(app_id="shop", logger=logging.getLogger("shop"))

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> None:
        ctx.logger.info("attempt %d of %s", ctx.attempt, ctx.run_id)
        await ctx.step.run("x", lambda: None)
        ctx.logger.warning("between")
        await ctx.step.run("y", lambda: None)

    @client.create_function(fn_id="a", trigger=GO)
    def plain(ctx: inngest.ContextSync) -> None:
        ctx.logger.info("attempt %d of %s", ctx.attempt, ctx.run_id)
        ctx.step.run("x", lambda: None)
        ctx.logger.warning("between")
        ctx.step.run("y", lambda: None)

    sim = dwf.Simulation().serve((client, [a if is_async else plain]))

    with caplog.at_level(logging.INFO, "shop"):
        run = sim.send("go").run
        sim.run_until_idle()

    expected = [f"attempt 0 of {run.id}", "between"]
    assert caplog.messages == expected
    assert [(r.level, r.text) for r in sim.trace.of(Logged)] == list(
        zip(["info", "warning"], expected, strict=True)
    )


def test_what_a_client_is_told_while_it_is_served_counts(caplog: pytest.LogCaptureFixture) -> None:
    class Tells(inngest.MiddlewareSync):
        def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
            ctx.tenant = "ACME"

    client = inngest.Inngest(app_id="shop")

    @client.create_function(fn_id="a", trigger=GO)
    def a(ctx: Any) -> str:
        ctx.logger.warning("heard")
        return str(ctx.tenant)

    sim = dwf.Simulation().serve((client, [a]))
    client.set_logger(logging.getLogger("another"))
    client.add_middleware(Tells)

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == "ACME"
    assert [record.name for record in caplog.records] == ["another"]


def test_the_raw_request_is_that_of_digital_oceans_functions() -> None:
    class Reads(inngest.MiddlewareSync):
        def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
            seen.append(self.raw_request)

    seen: list[Any] = []
    client = inngest.Inngest(app_id="shop", middleware=[Reads])

    @client.create_function(fn_id="a", trigger=GO)
    def a(ctx: inngest.ContextSync) -> None: ...

    sim = dwf.Simulation().serve((client, [a]))
    run = sim.send("go").run
    sim.run_until_idle()

    (http,) = [request["event"]["http"] for request in seen]
    assert (http["method"], http["queryString"]) == ("POST", "fnId=shop-a&stepId=step")
    assert json.loads(http["body"])["ctx"]["run_id"] == run.id


class Order(pydantic.BaseModel):
    """What a step gives back."""

    number: int


def test_a_serializer_makes_models_of_memos() -> None:
    client = inngest.Inngest(app_id="shop", serializer=inngest.PydanticSerializer())

    @client.create_function(fn_id="child", trigger=[], output_type=Order)
    async def child(ctx: inngest.Context) -> Order:
        return Order(number=2)

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> list[int]:
        one = await ctx.step.run("one", _order, output_type=Order)
        two = await ctx.step.invoke("two", function=child)
        return [one.number, two.number]

    sim = dwf.Simulation().serve((client, [a, child]))

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == [1, 2]
    assert run.steps["one"].output == {"number": 1}


async def _order() -> Order:
    return Order(number=1)


def test_input_that_middleware_changes_is_what_the_handler_sees() -> None:
    class Tells(inngest.MiddlewareSync):
        def transform_input(self, ctx: Any, function: Any, steps: Any) -> None:
            ctx.tenant = ctx.event.data["tenant"].upper()

    client = inngest.Inngest(app_id="shop", middleware=[Tells])

    @client.create_function(fn_id="a", trigger=GO)
    def a(ctx: Any) -> str:
        return ctx.step.run("x", lambda: ctx.tenant)

    sim = dwf.Simulation().serve((client, [a]))

    run = sim.send("go", {"tenant": "acme"}).run
    sim.run_until_idle()

    assert run.output == "ACME"
