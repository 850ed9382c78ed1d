"""Sending events: what the event API takes, what it refuses, and with which words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import Event, Limits, SendEventsError
from tests.drivers.stage import every_driver, every_kind, play, send, serve

MIB = 1024 * 1024


def echo(driver: str = "native", **world: Any) -> dwf.Simulation:
    """Make a world where a function returns what it sees of an event `ok/e`."""
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="ok/e"))
    async def f(ctx: dwf.Context) -> object:
        event = ctx.event
        return {"data": event.data, "id": event.id, "ts": event.ts, "v": getattr(event, "v", None)}

    return serve(app, driver, **world)


def outputs(sim: dwf.Simulation) -> list[Any]:
    """Let everything happen and list what the functions returned."""
    sim.run_until_idle()
    return [run.output for run in sim.runs]


def event(**fields: Any) -> Event:
    """Make an event of fields that may be wrong."""
    return Event(**fields)


# The requests of the recording `event_validation` that can be made, with what the server said.

TAKEN: list[tuple[Callable[[], Event], object]] = [
    (lambda: event(name="ok/e", data=None), {}),
    (lambda: event(name="ok/e"), {}),
    (lambda: event(name="ok/e", data={}, id=""), {}),
]

UNREADABLE = "json: cannot unmarshal {} into Go struct field raw.{} of type {}"
OBJECT = "map[string]interface {}"
REFUSED: list[tuple[Callable[[], Event], str]] = [
    (lambda: event(name="", data={}), "event name is empty"),
    (lambda: event(name="ok/e", data="str"), UNREADABLE.format("string", "data", OBJECT)),
    (lambda: event(name="ok/e", data=[1]), UNREADABLE.format("array", "data", OBJECT)),
    (lambda: event(name=5, data={}), UNREADABLE.format("number", "name", "string")),
    (
        lambda: event(name="ok/e", data={}, ts="2024-01-01"),
        UNREADABLE.format("string", "ts", "int64"),
    ),
    (lambda: event(name="ok/e", data={}, ts=-5), "timestamp is before Jan 1, 1980"),
    (lambda: event(name="ok/e", data={}, ts=99999999999999), "timestamp is after Jan 1, 2100"),
    (lambda: event(name="ok/e", data={}, ts=1.5), UNREADABLE.format("number 1.5", "ts", "int64")),
    (
        lambda: event(name="inngest/custom", data={}),
        "event name is reserved for internal use: inngest/custom",
    ),
    (lambda: event(name="ok/e", data={}, id=5), UNREADABLE.format("number", "id", "string")),
]


@pytest.mark.rule("B2", "B6", "B7", "A195")
@pytest.mark.parametrize(("make", "text"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_the_server_refuses_is_refused_in_its_words(
    make: Callable[[], Event], text: str
) -> None:
    """event_validation."""
    sim = echo()

    with pytest.raises(SendEventsError) as caught:
        sim.send(make())

    assert str(caught.value).startswith((f"{text}; ", f"{text}: "))
    assert caught.value.ids == []
    assert sim.events == []


@every_driver
@pytest.mark.rule("B3", "B15")
@pytest.mark.parametrize(("make", "data"), TAKEN)
def test_what_the_server_takes_is_taken(
    driver: str, make: Callable[[], Event], data: object
) -> None:
    """event_validation."""
    sim = echo(driver)

    (internal_id,) = sim.send(make()).ids

    (output,) = outputs(sim)
    assert output == {"data": data, "id": internal_id, "ts": sim.start_ms, "v": None}


@every_driver
@pytest.mark.rule("B8")
def test_the_name_of_an_event_may_be_long(driver: str) -> None:
    """event_validation."""
    sim = echo(driver)

    sim.send("n" * 600)

    assert [len(seen.name) for seen in sim.events] == [600]


def test_a_send_of_nothing_is_no_error() -> None:
    """event_validation: the server answers with one empty slot, which stands for no event."""
    sent = echo().send([])

    assert sent.ids == []
    assert sent.runs == []


@pytest.mark.rule("B7", "A195")
def test_the_first_and_the_last_time_an_event_may_have_are_taken() -> None:
    first, last = 315_532_800_000, 4_102_444_800_000
    sim = echo()

    sim.send([Event("a", ts=first), Event("a", ts=last)])

    assert [seen.ts for seen in sim.events] == [first, last]
    for ts in (first - 1, last + 1, 1_700_000_000):
        with pytest.raises(SendEventsError, match=r"^timestamp is (before|after) Jan 1, "):
            sim.send(Event("a", ts=ts))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: event(name="a", data={1}), "event data is {1} (set); it must be a mapping"),
        (lambda: event(name="a", user=True), UNREADABLE.format("bool", "user", OBJECT)),
        (lambda: event(name={}), UNREADABLE.format("object", "name", "string")),
        (lambda: event(name="a", v=2.5), UNREADABLE.format("number", "v", "string")),
        (lambda: event(name="a", ts=math.nan), UNREADABLE.format("number nan", "ts", "int64")),
        (lambda: event(name="a", ts=True), UNREADABLE.format("bool", "ts", "int64")),
        (lambda: event(name=None), "event name is None (NoneType); it must be a text"),
    ],
)
def test_other_wrong_types_are_refused_likewise(make: Callable[[], Event], said: str) -> None:
    with pytest.raises(SendEventsError) as caught:
        echo().send(make())

    assert str(caught.value).startswith(said)


# What becomes of an event that is taken.


@every_driver
@pytest.mark.rule("B1")
def test_a_function_sees_the_fields_of_its_event(driver: str) -> None:
    sim = echo(driver)

    sim.send(Event("ok/e", {"n": 1}, id="e1", ts=sim.start_ms - 1, user={"id": 7}))

    (output,) = outputs(sim)
    assert output == {"data": {"n": 1}, "id": "e1", "ts": sim.start_ms - 1, "v": None}


@every_driver
@pytest.mark.rule("B4")
def test_an_event_is_completed_and_the_engines_own_key_is_taken_out(driver: str) -> None:
    sim = echo(driver)
    sim.advance("1h")

    sim.send(Event("ok/e", {"n": 1, "_inngest": {"fn_id": "app-g"}}))

    (output,) = outputs(sim)
    assert output["data"] == {"n": 1}
    assert output["ts"] == sim.start_ms + 3_600_000


@every_driver
@pytest.mark.rule("B5")
def test_the_events_of_one_send_have_one_time(driver: str) -> None:
    sim = echo(driver)

    sim.send([Event("ok/e"), Event("ok/e")])

    assert [seen.ts for seen in sim.events] == [sim.start_ms, sim.start_ms]


@every_driver
@pytest.mark.rule("B13", "B27")
def test_ids_are_the_engines_own_in_the_order_of_the_events(driver: str) -> None:
    sim = echo(driver)

    sent = sim.send([Event("ok/e", {"n": n}, id=f"mine-{n}") for n in range(5)])

    assert [seen.id for seen in sim.events] == [f"mine-{n}" for n in range(5)]
    assert sent.ids == [seen.internal_id for seen in sim.events]
    assert sent.ids == sorted(sent.ids)
    assert [output["data"] for output in outputs(sim)] == [{"n": n} for n in range(5)]


@every_driver
@pytest.mark.rule("B12")
def test_what_stands_before_a_refused_event_is_taken_and_what_stands_after_it_is_not(
    driver: str,
) -> None:
    """event_validation: the third request to be refused in part."""
    sim = echo(driver)

    with pytest.raises(SendEventsError, match=r"^event name is empty") as caught:
        sim.send([Event("ok/e", {"n": 1}), Event(""), Event("ok/e", {"n": 2})])

    assert caught.value.ids == [seen.internal_id for seen in sim.events]
    assert [output["data"] for output in outputs(sim)] == [{"n": 1}]


# Sizes.


def sized(size: int) -> Event:
    """Make an event that is so many bytes long as the vendor's Python SDK writes it."""
    bare = '{"data":{"x":""},"name":"ok/e","ts":1893456000000}'
    return Event("ok/e", {"x": "x" * (size - len(bare))})


@every_driver
@pytest.mark.rule("B9", "A187")
def test_an_event_over_three_mib_is_refused(driver: str) -> None:
    """event_too_large."""
    sim = echo(driver)

    sim.send([sized(300_000), sized(600_000), sized(3 * MIB)])
    with pytest.raises(SendEventsError) as caught:
        sim.send(sized(4_000_046))

    assert str(caught.value) == (
        "Event is over the max size: Max 3145728 bytes / Size 4000046 bytes; it is 'ok/e': keep "
        "what is big outside and send a reference to it"
    )
    assert caught.value.ids == []
    assert [run.status for run in sim.runs] == ["running"] * 3


@pytest.mark.rule("B9")
def test_the_limit_is_in_bytes_of_the_whole_event() -> None:
    given = Event("é", {"x": "🦜"}, id="e1", ts=1893456000001, user={"a": "€"}, v="1")
    size = len(
        '{"data":{"x":"🦜"},"id":"e1","name":"é","ts":1893456000001,"user":{"a":"€"},"v":"1"}'.encode()
    )

    dwf.Simulation(limits=Limits(event_bytes=size)).send(given)
    with pytest.raises(SendEventsError, match=f"Max {size - 1} bytes / Size {size} bytes"):
        dwf.Simulation(limits=Limits(event_bytes=size - 1)).send(given)


@pytest.mark.rule("B9")
def test_an_event_that_is_too_large_is_told_so_whatever_else_is_wrong_with_it() -> None:
    with pytest.raises(SendEventsError, match=r"^Event is over the max size"):
        dwf.Simulation(limits=Limits(event_bytes=10)).send(Event(""))


@pytest.mark.rule("B10", "A188")
def test_more_than_five_thousand_events_at_once_are_refused_after_the_last_that_fits() -> None:
    sim = dwf.Simulation(trace_bound=10)

    with pytest.raises(SendEventsError) as caught:
        sim.send([Event("a")] * 5001)

    assert str(caught.value).startswith("Cannot have more than 5000 events in a batch; 5001 were")
    assert len(caught.value.ids) == 5000
    assert len(sim.send([Event("a")] * 5000).ids) == 5000


@every_kind
@pytest.mark.rule("B9", "B10")
def test_steps_send_within_the_same_limits(kind: str) -> None:
    async def handler(ctx: Any) -> list[str]:
        refused = []
        for nth, events in enumerate([[Event("a", {"x": "x" * 100})], [Event("a")] * 3]):
            try:
                await ctx.step.send_event(f"s{nth}", events)
            except dwf.StepError as error:
                refused.append(f"{error.name}: {error.message}")
        return refused

    played = play(handler, kind, limits=Limits(event_bytes=100, events_per_send=2))

    large, many = played.run.output
    assert large.startswith("SendEventsError: Event is over the max size: Max 100 bytes / Size ")
    assert many.startswith("SendEventsError: Cannot have more than 2 events in a batch; 3 were")
    assert [seen.name for seen in played.sim.events if seen.name == "a"] == ["a", "a"]


@every_kind
@pytest.mark.rule("B10")
def test_a_client_sends_within_the_same_limits(kind: str) -> None:
    app = dwf.App("app")

    async def handler(ctx: Any) -> None:
        await send(ctx, app, *[Event("a")] * 3)

    played = play(handler, kind, app=app, limits=Limits(events_per_send=2))

    assert played.run.error["message"].startswith("Cannot have more than 2 events in a batch")
    assert [seen.name for seen in played.sim.events if seen.name == "a"] == ["a", "a"]


@pytest.mark.rule("B10")
def test_an_app_sends_within_the_same_limits() -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> int:
        try:
            app.send([Event("a")] * 3)
        except SendEventsError as error:
            return len(error.ids)
        return -1

    sim = dwf.Simulation(limits=Limits(events_per_send=2)).serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.output == 2
