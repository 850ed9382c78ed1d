"""Sleeping, and waiting for events."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import StepReported
from tests.drivers.stage import every_async, every_kind, play, set_up

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000


@every_kind
@pytest.mark.parametrize(
    ("duration", "took_ms"),
    [
        ("1h30m", 90 * 60 * SECOND),
        ("30d", 30 * DAY),
        (datetime.timedelta(hours=2), 2 * HOUR),
        (5000, 5 * SECOND),
        ("0s", 0),
        (0, 0),
        (-5000, 0),
    ],
)
def test_a_sleep_lasts_as_long_as_it_says(kind: str, duration: Any, took_ms: int) -> None:
    async def handler(ctx: Any) -> str:
        await ctx.step.sleep("s", duration)
        return "awake"

    played = play(handler, kind)

    assert played.run.output == "awake"
    assert played.run.entries == 2
    assert played.took_ms == took_ms


@every_kind
@pytest.mark.rule("A93")
@pytest.mark.parametrize(
    ("duration_ms", "took_ms"), [(400, 0), (499, 0), (500, 1000), (1499, 1000), (1500, 2000)]
)
def test_a_sleep_is_rounded_to_whole_seconds(kind: str, duration_ms: int, took_ms: int) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.sleep("s", duration_ms)

    played = play(handler, kind)

    assert played.took_ms == took_ms
    assert played.run.entries == 2


@every_kind
@pytest.mark.rule("A93")
def test_only_the_first_report_of_a_sleep_counts(kind: str) -> None:
    """The handler counts from its own now each time, and the sleep is reported twice."""

    async def handler(ctx: Any) -> object:
        return await ctx.group.parallel(
            (
                lambda: ctx.step.sleep("long", "10s"),
                lambda: ctx.step.sleep("short", "4s"),
            ),
            dwf.ParallelMode.RACE,
        )

    played = play(handler, kind)

    assert played.answers == ["Sleep:long + Sleep:short", "Sleep:long", "return"]
    assert [r.at_ms for r in played.requests] == [0, 4000, 10_000]
    assert [r.step for r in played.records(StepReported)] == ["long", "short"]


@every_kind
@pytest.mark.rule("A95")
@pytest.mark.parametrize(
    ("until", "took_ms"),
    [
        (datetime.datetime(2030, 1, 2, tzinfo=datetime.UTC), DAY),
        (datetime.datetime(2030, 1, 2), DAY),
        (
            datetime.datetime(2030, 1, 1, 4, tzinfo=datetime.timezone(datetime.timedelta(hours=3))),
            HOUR,
        ),
        (datetime.datetime(2029, 12, 31, tzinfo=datetime.UTC), 0),
        (datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC), 0),
        (datetime.datetime(2030, 1, 1, 0, 0, 0, 600_000, tzinfo=datetime.UTC), 1000),
    ],
    ids=str,
)
def test_a_sleep_until_a_past_instant_costs_a_request_and_no_time(
    kind: str, until: datetime.datetime, took_ms: int
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.sleep_until("s", until)

    played = play(handler, kind)

    assert played.took_ms == took_ms
    assert played.answers == ["Sleep:s", "return"]


@every_async
def test_a_handler_that_sleeps_by_asyncio_takes_its_time_at_every_entry(kind: str) -> None:
    import asyncio

    async def handler(ctx: Any) -> None:
        await asyncio.sleep(1)
        await ctx.step.run("a", lambda: None)

    played = play(handler, kind)

    assert [r.at_ms for r in played.requests] == [0, 1000]
    assert played.took_ms == 2000


# Waiting for events.


@every_kind
@pytest.mark.rule("A110")
def test_a_wait_returns_the_event_without_what_the_sdk_drops(kind: str) -> None:
    got: list[object] = []

    async def handler(ctx: Any) -> None:
        event = await ctx.step.wait_for_event("w", event="answer", timeout="10s")
        # The SDK's events have no place for a user and a version.
        dropped = [getattr(event, "user", {}), getattr(event, "v", None)]
        got.extend([event.name, dict(event.data), event.id, event.ts, *dropped])

    played = set_up(handler, kind)
    played.sim.advance("2s")
    ts = played.sim.now_ms
    event = dwf.Event("answer", {"n": 1}, id="e-1", ts=ts, user={"id": 9}, v="2")
    played.sim.send(event)
    played.to_end()

    assert got == ["answer", {"n": 1}, "e-1", ts, {}, None]
    assert played.took_ms == 2000


@every_kind
@pytest.mark.rule("A110")
def test_a_wait_with_the_id_of_a_step_that_ran_before_takes_its_object_for_an_event(
    kind: str,
) -> None:
    async def handler(ctx: Any) -> object:
        if ctx.attempt == 0:
            await ctx.step.run("a", lambda: {"name": "told"})
            raise ValueError("again")
        event = await ctx.step.wait_for_event("a", event="never", timeout="1s")
        return [event.name, event.data, event.id, event.ts]

    assert play(handler, kind, retries=1).run.output == ["told", {}, "", 0]


@pytest.mark.parametrize("kind", ["async def", "def", "sdk async def", "sdk def"])
@pytest.mark.rule("A110")
@pytest.mark.parametrize("memo", [7, ["x"], {"data": {}}])
def test_a_wait_that_is_given_what_is_no_event_fails_the_handler(kind: str, memo: object) -> None:
    """Each driver has its own words for it, so the traces are not compared."""

    async def handler(ctx: Any) -> object:
        if ctx.attempt == 0:
            await ctx.step.run("a", lambda: memo)
            raise ValueError("again")
        return await ctx.step.wait_for_event("a", event="never", timeout="1s")

    run = play(handler, kind, retries=1).run

    assert run.status == "failed"
    assert run.error["name"] == ("ValidationError" if "sdk" in kind else "TypeError")


@every_kind
def test_a_wait_that_times_out_returns_none(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        got = await ctx.step.wait_for_event("w", event="answer", timeout="2s")
        return [got, await ctx.step.run("b", lambda: "after")]

    played = play(handler, kind)

    assert played.run.output == [None, "after"]
    assert played.took_ms == 2000


@every_kind
def test_an_event_after_the_timeout_changes_nothing(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.wait_for_event("w", event="answer", timeout="2s")

    played = set_up(handler, kind)
    played.sim.advance("3s")
    played.sim.send("answer")
    played.to_end()

    assert played.run.output is None
    assert played.took_ms == 2000


@every_kind
def test_each_of_two_waits_takes_an_event_of_its_own(kind: str) -> None:
    """wait_sequential_same_name: events at 1, 3 and 4 s."""

    async def handler(ctx: Any) -> object:
        first = await ctx.step.wait_for_event("w1", event="answer", timeout="6s")
        second = await ctx.step.wait_for_event("w2", event="answer", timeout="6s")
        return [first.data, second.data]

    played = set_up(handler, kind)
    for n, gap in enumerate(("1s", "2s", "1s"), 1):
        played.sim.advance(gap)
        played.sim.send("answer", {"n": n})
    played.to_end()

    assert played.run.output == [{"n": 1}, {"n": 2}]


@every_kind
@pytest.mark.rule("A49")
def test_match_takes_an_event_that_is_equal_there_to_the_runs_own(kind: str) -> None:
    """wait_match_present."""

    async def handler(ctx: Any) -> object:
        event = await ctx.step.wait_for_event("w", event="ev", timeout="4s", match="data.id")
        return event.data

    played = set_up(handler, kind, data={"id": 1})
    played.sim.advance("1s")
    played.sim.send("ev", {"id": 2, "n": "other"})
    played.sim.send("ev", {"id": 1, "n": "same"})
    played.to_end()

    assert played.run.output == {"id": 1, "n": "same"}


@every_kind
@pytest.mark.rule("A49")
@pytest.mark.parametrize(
    ("path", "data", "is_match"),
    [
        ("data.nope", {"id": 2}, True),
        ("data.id", {"other": 2}, False),
        ("data.id", {"id": "1"}, False),
        ("data.deep.id", {"deep": {"id": 7}}, True),
        ("data.deep.id", {"deep": 7}, False),
    ],
)
def test_match_on_a_field_both_lack_is_a_match_and_on_one_that_one_lacks_is_not(
    kind: str, path: str, data: dict[str, object], is_match: bool
) -> None:
    """wait_match_missing, wait_match_missing_one."""

    async def handler(ctx: Any) -> object:
        event = await ctx.step.wait_for_event("w", event="ev", timeout="3s", match=path)
        return event and event.data

    played = set_up(handler, kind, data={"id": 1, "deep": {"id": 7}})
    played.sim.advance("1s")
    played.sim.send("ev", data)
    played.to_end()

    assert played.run.output == (data if is_match else None)


@every_kind
def test_an_expression_tells_the_events_of_a_wait_apart(kind: str) -> None:
    """wait_if."""

    async def handler(ctx: Any) -> object:
        event = await ctx.step.wait_for_event(
            "w", event="answer", timeout="8s", if_exp="event.data.id == async.data.id"
        )
        return event.data

    played = set_up(handler, kind, data={"id": 7})
    for data in ({"id": 6, "n": 1}, {"id": 7, "n": 2}, {"id": 7, "n": 3}):
        played.sim.advance("1s")
        played.sim.send("answer", data)
    played.to_end()

    assert played.run.output == {"id": 7, "n": 2}
    assert played.took_ms == 2000


@every_kind
@pytest.mark.rule("A108")
@pytest.mark.parametrize(
    ("timeout", "message"),
    [
        (500, "duration must be at least 1 second"),
        (0, "duration must be at least 1 second"),
        (-1000, "duration must be at least 1 second"),
        (1500, "duration must be a whole number of seconds"),
        (
            datetime.timedelta(milliseconds=1250),
            "duration must be a whole number of seconds",
        ),
    ],
)
def test_a_timeout_the_wire_cannot_carry_is_an_error_of_the_handler(
    kind: str, timeout: Any, message: str
) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.wait_for_event("w", event="answer", timeout=timeout)

    played = play(handler, kind, retries=1)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "FunctionConfigInvalidError"
    assert played.run.error["message"] == message
    assert played.run.error["code"] == "function_config_invalid"
    assert [r.attempt for r in played.requests] == [0, 1]
    assert played.executions == {}


@every_kind
@pytest.mark.rule("A108")
def test_a_timeout_beyond_a_year_fails_the_run_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.wait_for_event("w", event="answer", timeout="367d")

    played = play(handler, kind, retries=3)

    assert played.run.status == "failed"
    assert played.run.error["name"] == "InngestErrTimeoutTooLong"
    assert played.run.entries == 1


@every_kind
@pytest.mark.rule("A108")
@pytest.mark.parametrize("timeout", ["1h30m", "366d", datetime.timedelta(seconds=1), 2000])
def test_a_timeout_may_be_written_in_each_way_a_duration_can(kind: str, timeout: Any) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.wait_for_event("w", event="never", timeout=timeout)

    played = play(handler, kind)

    expected = {"1h30m": 90 * 60_000, "366d": 366 * DAY, 2000: 2000}
    assert played.took_ms == expected.get(timeout, 1000)
