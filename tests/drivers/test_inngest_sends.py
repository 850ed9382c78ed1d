"""What is sent with the SDK's client reaches the simulation, and nothing leaves the process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.drivers.inngest.sdk import SendEventsError

LATER = 1_900_000_000_000
GO = inngest.TriggerEvent(event="go")


def make_client(**settings: Any) -> inngest.Inngest:
    return inngest.Inngest(app_id="shop", **settings)


def an_event(**fields: Any) -> inngest.Event:
    return inngest.Event(name="told", **fields)


@pytest.mark.rule("A145", "A147", "B10")
def test_sends_inside_a_function_give_the_servers_ids() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> list[str]:
        first = await client.send(an_event(data={"n": 1}))
        second = await ctx.step.send_event("s", [an_event(id="mine"), an_event(ts=LATER)])
        return [*first, *second]

    sim = dwf.Simulation().serve((client, [a]))

    run = sim.send("go").run
    sim.run_until_idle()

    told = [event for event in sim.events if event.name == "told"]
    assert [event.data for event in told] == [{"n": 1}, {}, {}, {"n": 1}]
    assert [event.id for event in told[1:2]] == ["mine"]
    assert run.output == [told[3].internal_id, told[1].internal_id, told[2].internal_id]
    assert told[2].ts == LATER


def test_sends_outside_of_functions_start_runs() -> None:
    client = make_client()

    @client.create_function(fn_id="a", trigger=GO)
    def a(ctx: inngest.ContextSync) -> object:
        return ctx.event.data

    sim = dwf.Simulation().serve((client, [a]))

    ids = client.send_sync([inngest.Event(name="go", data={"n": 1})])
    ids += asyncio.run(client.send(inngest.Event(name="go", data={"n": 2})))
    sim.run_until_idle()

    assert [run.output for run in sim.runs] == [{"n": 1}, {"n": 2}]
    assert ids == [event.internal_id for event in sim.events if event.name == "go"]


@pytest.mark.rule("B6", "A149", "B12")
def test_a_refused_event_is_the_sdks_own_error() -> None:
    client = make_client()
    sim = dwf.Simulation().serve((client, [_nothing(client)]))

    with pytest.raises(SendEventsError, match="reserved for internal use: inngest/x") as caught:
        client.send_sync([an_event(), inngest.Event(name="inngest/x")])

    assert caught.value.ids == [event.internal_id for event in sim.events]


def test_a_closed_simulation_gets_no_more_events() -> None:
    client = make_client()

    with dwf.Simulation().serve((client, [_nothing(client)])) as one:
        with dwf.Simulation().serve((client, [_nothing(client)])):
            pass
        client.send_sync(an_event())
        assert [event.name for event in one.events] == ["told"]


SENDS = """
import gc
import dwf_sim as dwf, inngest

client = inngest.Inngest(app_id="shop")
own = inngest.Inngest.send, inngest.Inngest.send_sync

@client.create_function(fn_id="a", trigger=inngest.TriggerEvent(event="go"))
def a(ctx): ...

with dwf.Simulation().serve((client, [a])):
    assert inngest.Inngest.send is not own[0]
print(own == (inngest.Inngest.send, inngest.Inngest.send_sync))

sim = dwf.Simulation().serve((client, [a]))
sim.run_until_idle()
del sim
gc.collect()
print(own == (inngest.Inngest.send, inngest.Inngest.send_sync))
"""


def test_a_simulation_that_is_closed_or_gone_leaves_the_sdk_as_it_was() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", SENDS], capture_output=True, text=True, check=True
    )

    assert printed.stdout.split() == ["True", "True"]


def test_a_client_that_nobody_serves_reaches_the_simulation_its_code_runs_in() -> None:
    client, other = make_client(), inngest.Inngest(app_id="told-by-another")

    @client.create_function(fn_id="a", trigger=GO)
    async def a(ctx: inngest.Context) -> list[str]:
        return [*other.send_sync(an_event()), *await other.send(an_event())]

    sim = dwf.Simulation().serve((client, [a]))

    run = sim.send("go").run
    sim.run_until_idle()

    assert len(run.output) == 2
    assert [event.name for event in sim.events].count("told") == 2


def test_a_client_that_nobody_serves_sends_as_ever_from_outside() -> None:
    client, other = make_client(), inngest.Inngest(app_id="told-by-another")
    sent: list[object] = []
    vars(other)["_build_send_request"] = lambda events: sent.extend(events) or ValueError("real")

    with dwf.Simulation().serve((client, [_nothing(client)])) as sim:
        with pytest.raises(ValueError, match="real"):
            other.send_sync(an_event())
        with pytest.raises(ValueError, match="real"):
            asyncio.run(other.send(an_event()))

    assert (len(sent), [*sim.events]) == (2, [])


def test_a_clients_own_mock_is_put_back() -> None:
    client = make_client()
    mock: Any = ["mock"].copy
    client.send_sync = mock  # type: ignore[method-assign]  # As somebody's test would have it.

    with dwf.Simulation().serve((client, [_nothing(client)])) as sim:
        client.send_sync(an_event())

    assert client.send_sync is mock
    assert [event.name for event in sim.events] == ["told"]


@pytest.mark.rule("A214")
def test_middleware_is_asked_around_a_send() -> None:
    heard: list[object] = []

    class Listens(inngest.MiddlewareSync):
        def before_send_events(self, events: list[inngest.Event]) -> None:
            heard.append([event.name for event in events])
            events[0].data = {"by": "middleware"}

        def after_send_events(self, result: inngest.SendEventsResult) -> None:
            heard.append((result.error, len(result.ids)))

    client = make_client(middleware=[Listens])
    sim = dwf.Simulation().serve((client, [_nothing(client)]))

    client.send_sync(an_event())

    assert heard == [["told"], (None, 1)]
    assert sim.events[0].data == {"by": "middleware"}


@pytest.mark.parametrize("key", ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"])
def test_a_client_for_production_without_keys_is_served(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(key, raising=False)
    client = make_client(is_production=True)

    sim = dwf.Simulation().serve((client, [_nothing(client)]))
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.status == "completed"
    assert client.is_production
    assert client.middleware == []


def _nothing(client: inngest.Inngest) -> Any:
    @client.create_function(fn_id="nothing", trigger=GO)
    async def nothing(ctx: inngest.Context) -> None: ...

    return nothing
