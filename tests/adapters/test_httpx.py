"""HTTP calls as effects, of sync and of async clients."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.adapters.httpx import EffectTransport
from dwf_sim.effects import Verdict

URL = "https://pay.example/v1/charges"


def charge(request: httpx.Request) -> httpx.Response:
    return httpx.Response(402 if b"broke" in request.content else 200, json={"id": "ch"})


def played(
    plan: Any, method: str = "POST", answer: Any = charge, *, is_async: bool = True, **sent: Any
) -> list[Verdict]:
    """Run a function of one step that makes a request; judge its effects."""
    ledger, app = dwf.Ledger("pay"), dwf.App("shop")
    transport = EffectTransport(ledger, answer)

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.request(method, URL + "?a=1", **sent)).status_code

    def ask_sync() -> Any:
        with httpx.Client(transport=transport) as client:
            return client.request(method, URL + "?a=1", **sent).status_code

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> Any:
        return await ctx.step.run("charge", ask if is_async else ask_sync)

    sim = dwf.Simulation(faults=plan).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()
    assert run.status == "completed"
    return ledger.verdicts()


@pytest.mark.parametrize("is_async", [True, False])
def test_a_post_is_an_effect_whose_key_is_the_header(is_async: bool) -> None:
    plan, key = crash.after_effect("charge"), {"Idempotency-Key": "k"}

    bare = played(plan, is_async=is_async)
    keyed = played(plan, is_async=is_async, headers=key)

    assert [(v.operation, v.verdict) for v in bare] == [(f"POST {URL}", "duplicated")]
    assert [(v.key, v.verdict) for v in keyed] == [("k", "at least once")]


def test_reading_and_what_is_refused_are_no_effects() -> None:
    assert played([], "GET") == []
    assert played([], content=b"broke") == []


def test_a_put_may_be_repeated_without_a_key() -> None:
    assert [v.verdict for v in played(crash.after_effect("charge"), "PUT")] == ["at least once"]


def test_requests_go_through_a_transport_that_is_given() -> None:
    verdicts = played([], answer=httpx.MockTransport(charge))

    assert [v.verdict for v in verdicts] == ["once"]


def test_a_known_key_gives_the_first_response_again() -> None:
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(1)
        return httpx.Response(200, json={"n": len(asked)})

    client = httpx.Client(transport=EffectTransport(dwf.Ledger("pay"), answer))
    replies = [client.post(URL, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]

    assert replies == [{"n": 1}, {"n": 1}]


def test_what_cannot_answer_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="answer is 3; give a function"):
        EffectTransport(dwf.Ledger("pay"), 3)  # type: ignore[arg-type]  # That is the point.
