"""`step.ai.infer`: answered by a stub, since nothing leaves the simulation."""

from __future__ import annotations

from typing import Any

import inngest
import pytest
from inngest.experimental.ai.openai import Adapter

import dwf_sim as dwf
from dwf_sim.model.records import RetryScheduled

GO = inngest.TriggerEvent(event="go")


def serve(retries: int = 0) -> dwf.Simulation:
    client = inngest.Inngest(app_id="shop")

    @client.create_function(fn_id="ask", trigger=GO, retries=retries)
    async def ask(ctx: inngest.Context) -> object:
        adapter: Any = Adapter(auth_key="key", model="model")
        try:
            return await ctx.step.ai.infer("think", adapter=adapter, body={"messages": []})
        except inngest.StepError as error:
            return [error.name, error.message]

    return dwf.Simulation().serve((client, [ask]))


@pytest.mark.rule("A235", "A236")
def test_a_stub_answers_in_the_response_that_asks() -> None:
    sim = serve()
    sim.stub_step("think", {"choices": ["yes"]})

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == {"choices": ["yes"]}
    assert run.entries == 2


@pytest.mark.rule("A235")
def test_a_stub_is_given_the_request_that_the_server_would_make_a_call_of() -> None:
    asked: list[Any] = []
    sim = serve()
    sim.stub_step("think", lambda request: asked.append(request) or "yes")

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == "yes"
    assert asked == [
        {
            "auth_key": "key",
            "body": {"messages": [], "model": "model"},
            "format": "openai-chat",
            "headers": {},
            "type": "step.ai.infer",
            "url": "https://api.openai.com/v1/chat/completions",
        }
    ]


@pytest.mark.rule("A235")
def test_without_a_stub_the_error_says_at_once_how_to_make_one() -> None:
    sim = serve(retries=3)

    run = sim.send("go").run
    sim.run_until_idle()

    name, message = run.output
    assert name == "AIGatewayError"
    assert message.startswith("Error making AI request: nobody answers it inside a simulation")
    assert "sim.stub_step('think', {…})" in message
    assert not sim.trace.of(RetryScheduled)


@pytest.mark.rule("A235")
def test_a_call_that_fails_is_made_again() -> None:
    sim = serve(retries=3)
    sim.fail_step("think", ConnectionError("busy"), times=2)
    sim.stub_step("think", "yes")

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == "yes"
    assert [record.error for record in sim.trace.of(RetryScheduled)] == [
        "AIGatewayError: Error making AI request: busy"
    ] * 2


@pytest.mark.rule("A235")
def test_a_call_that_fails_too_often_is_remembered_as_an_error() -> None:
    def busy(_: object) -> object:
        raise ConnectionError("busy")

    sim = serve(retries=1)
    sim.stub_step("think", busy)

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == ["AIGatewayError", "Error making AI request: busy"]
    assert len(sim.trace.of(RetryScheduled)) == 1


@pytest.mark.rule("A235")
def test_an_error_of_a_step_is_what_came_of_it_in_the_end() -> None:
    sim = serve(retries=3)
    sim.fail_step("think", dwf.StepError("no such model", name="Refused"))

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == ["Refused", "no such model"]
