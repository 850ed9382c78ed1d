"""Sending events from steps."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import Event, crash
from tests.drivers.stage import Played, every_async, every_kind, play, send


def with_listener() -> dwf.App:
    """Make an app with a function that the event `next` starts."""
    app = dwf.App("app")

    @app.create_function(fn_id="g", trigger=dwf.TriggerEvent(event="next"))
    async def g(ctx: dwf.Context) -> object:
        return dict(ctx.event.data)

    return app


def listeners(played: Played) -> list[dwf.RunView]:
    return [run for run in played.sim.runs if run.function_id == "app-g"]


@every_kind
@pytest.mark.rule("A145")
def test_a_step_sends_events_and_returns_their_ids_in_order(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        events = [Event("next", {"n": n}) for n in range(3)]
        return await ctx.step.send_event("s", events)

    played = play(handler, kind, app=with_listener())

    sent = [event for event in played.sim.events if event.name == "next"]
    assert played.run.output == [event.internal_id for event in sent]
    assert [event.data for event in sent] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [run.output for run in listeners(played)] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert played.answers == ["StepRun:s", "return"]
    assert played.executions == {"s": 1}


@every_kind
@pytest.mark.rule("A145")
def test_one_event_need_not_be_in_a_list(kind: str) -> None:
    """send_step."""

    async def handler(ctx: Any) -> object:
        ids = await ctx.step.send_event("s", Event("next", {"n": 1}))
        await ctx.step.run("b", lambda: 1)
        return len(ids)

    played = play(handler, kind, app=with_listener())

    assert played.run.output == 1
    assert played.run.entries == 3
    assert [run.output for run in listeners(played)] == [{"n": 1}]


@every_kind
def test_events_sent_at_once_with_one_id_start_one_run(kind: str) -> None:
    """send_step_many_and_dup: three ids, two runs."""

    async def handler(ctx: Any) -> object:
        events = [
            Event("next", {"n": 1}, id="k1"),
            Event("next", {"n": 2}, id="k1"),
            Event("next", {"n": 3}),
        ]
        return len(await ctx.step.send_event("s", events))

    played = play(handler, kind, app=with_listener())

    assert played.run.output == 3
    assert len(listeners(played)) == 2


@every_kind
@pytest.mark.rule("A147")
@pytest.mark.parametrize(("event_id", "runs"), [("", 2), ("order-1", 1)])
def test_a_retried_send_is_a_new_event_and_only_an_id_keeps_it_from_a_second_run(
    kind: str, event_id: str, runs: int
) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.send_event("s", Event("next", {}, id=event_id))

    played = play(handler, kind, retries=1, app=with_listener(), faults=[crash.after_effect("s")])

    assert played.run.status == "completed"
    assert played.run.steps["s"].attempts == (0, 1)
    assert len([event for event in played.sim.events if event.name == "next"]) == 2
    assert len(listeners(played)) == runs


@every_kind
@pytest.mark.rule("A148")
@pytest.mark.parametrize("name", ["inngest/x", "Inngest/function.finished"])
def test_a_name_of_the_engine_is_refused(kind: str, name: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.send_event("s", Event(name))
        except dwf.StepError as error:
            return [error.name, error.message]

    played = play(handler, kind, retries=0)

    name_seen, message = played.run.output
    assert name_seen == "SendEventsError"
    assert "reserved" in message
    assert name in message


@every_kind
@pytest.mark.rule("A148")
def test_what_users_put_where_the_engine_keeps_its_own_is_taken_out(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.send_event("s", Event("next", {"n": 1, "_inngest": {"fn_id": "app-f"}}))

    played = play(handler, kind, app=with_listener())

    assert [run.output for run in listeners(played)] == [{"n": 1}]


@every_kind
@pytest.mark.rule("A149")
def test_a_refused_event_is_a_step_error_with_retries(kind: str) -> None:
    """send_step_invalid; the events before it are sent, at each attempt."""

    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.send_event("s", [Event("next", {"n": 1}), Event("")])
        except dwf.StepError as error:
            return [error.name, error.message]

    played = play(handler, kind, retries=1, app=with_listener())

    assert played.run.output[0] == "SendEventsError"
    assert played.run.output[1].startswith("event name is empty")
    assert played.run.steps["s"].attempts == (0, 1)
    assert len(listeners(played)) == 2


@every_kind
@pytest.mark.rule("A149")
def test_an_unset_time_is_the_time_of_the_send(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.sleep("z", "10s")
        await ctx.step.send_event("s", Event("next", {}, id="", ts=0))

    played = play(handler, kind, app=with_listener())

    sent = next(event for event in played.sim.events if event.name == "next")
    assert sent.ts == played.run.scheduled_at + 10_000
    assert sent.id == sent.internal_id


@every_kind
def test_a_send_outside_of_a_step_happens_at_every_entry(kind: str) -> None:
    app = with_listener()

    async def handler(ctx: Any) -> object:
        first = await send(ctx, app, Event("next", {"nth": 1}))
        second = await send(ctx, app, Event("next", {"nth": 2}), Event("other"))
        await ctx.step.sleep("a", "1m")
        return [len(first), len(second)]

    played = play(handler, kind, app=app)

    assert played.run.output == [1, 2]
    assert [run.output["nth"] for run in listeners(played)] == [1, 2, 1, 2]


def test_what_a_send_outside_of_a_step_gives_may_be_awaited() -> None:
    app = with_listener()

    async def handler(ctx: dwf.Context) -> object:
        first = await app.send(Event("next", {"how": "awaited"}))
        second = app.send([Event("next", {"how": "called"})])
        return [len(first), len(second)]

    played = play(handler, app=app)

    assert played.run.output == [1, 1]
    assert [run.output["how"] for run in listeners(played)] == ["awaited", "called"]


@every_async
def test_a_send_in_the_body_of_a_step_happens_once(kind: str) -> None:
    app = with_listener()

    async def handler(ctx: Any) -> object:
        async def body() -> int:
            return len(await send(ctx, app, Event("next")))

        sent = await ctx.step.run("s", body)
        await ctx.step.run("b", lambda: 1)
        return sent

    played = play(handler, kind, app=app)

    assert played.run.output == 1
    assert len(listeners(played)) == 1


@every_kind
@pytest.mark.rule("B12", "B13")
def test_a_send_that_is_refused_is_an_error_of_the_handler_and_retried(kind: str) -> None:
    app = with_listener()

    async def handler(ctx: Any) -> None:
        await send(ctx, app, Event("next"), Event(""))

    played = play(handler, kind, app=app, retries=1)

    assert played.run.error["name"] == "SendEventsError"
    assert played.run.error["code"] == "send_event_failed"
    assert [r.attempt for r in played.requests] == [0, 1]
    assert len(listeners(played)) == 2
