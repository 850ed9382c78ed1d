"""`step.ai.infer`: answered by a stub, since nothing leaves the simulation."""

from __future__ import annotations

from typing import Any

import inngest
import pytest
from inngest.experimental.ai.openai import Adapter

import dwf_sim as dwf

GO = inngest.TriggerEvent(event="go")


def serve() -> dwf.Simulation:
    client = inngest.Inngest(app_id="shop")

    @client.create_function(fn_id="ask", trigger=GO, retries=0)
    async def ask(ctx: inngest.Context) -> object:
        adapter: Any = Adapter(auth_key="key", model="model")
        return await ctx.step.ai.infer("think", adapter=adapter, body={"messages": []})

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
def test_without_a_stub_the_error_says_how_to_make_one() -> None:
    sim = serve()

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "failed"
    assert run.error is not None
    assert run.error["name"] == "AIGatewayError"
    assert "sim.stub_step('think', {…})" in run.error["message"]
