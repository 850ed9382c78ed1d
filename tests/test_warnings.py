"""Warnings: what may be a mistake although nothing failed, as data to be asserted on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import TriggerEvent, reference_function
from tests.drivers.stage import every_driver, every_kind, play, serve

START = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


@dataclass
class Point:
    """A record of a user's."""

    x: int


@every_driver
def test_a_world_without_mistakes_has_no_warnings(driver: str) -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.wait_for_event("w", event="answer", timeout="1h")

    sim = serve(app, driver)
    sim.send("go")
    sim.advance("1m")
    sim.send("answer")
    sim.run_until_idle()

    assert sim.warnings == []


@every_driver
def test_an_event_that_nobody_took_is_a_warning(driver: str) -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=TriggerEvent("go", "event.data.n > 1"))
    async def f(ctx: dwf.Context) -> None:
        pass

    sim = serve(app, driver)
    sim.send("og")
    sim.send("go", {"n": 1})
    sim.send("go", {"n": 2})
    sim.run_until_idle()

    assert sim.warnings == [
        "nobody took event 'og': no trigger and no wait matched it",
        "nobody took event 'go': no trigger and no wait matched it",
    ]


@every_kind
def test_a_function_that_is_invoked_but_not_served_is_a_warning(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            return await ctx.step.invoke("i", function=reference_function("g", app_id="other"))
        except dwf.StepError as error:
            return error.message

    played = play(handler, kind)

    assert played.run.output == "could not find function with ID: other-g"
    assert played.sim.warnings == ["app-f#1: it invoked 'other-g', which is not served"]


@every_kind
def test_a_limit_that_failed_a_run_is_a_warning_with_a_way_round_it(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.run("a", lambda: "x" * 100)

    played = play(handler, kind, retries=1, limits=dwf.Limits(step_bytes=100))

    assert played.executions == {"a": 2}
    assert played.sim.warnings == [
        "app-f#1: the output of step 'a' is over 100 bytes: split the work among several "
        "runs with step.invoke or step.send_event, or keep what is big outside and return a "
        "reference to it"
    ]


def test_mistakes_of_user_code_are_warnings() -> None:
    async def handler(ctx: dwf.Context) -> None:
        try:
            await ctx.step.run("a", lambda: 1)
        except BaseException:
            return

    played = play(handler)

    (warning,) = played.sim.warnings
    assert warning == f"app-f#1: {played.complaints[0]}"


def test_warnings_come_in_the_order_of_their_first_time_and_each_once() -> None:
    sim = dwf.Simulation()

    for name in ("b", "a", "b"):
        sim.send(name)

    assert [text.split("'")[1] for text in sim.warnings] == ["b", "a"]


def test_warnings_go_as_far_back_as_the_trace() -> None:
    sim = dwf.Simulation(trace_bound=4)

    for name in ("a", "b", "c"):
        sim.send(name)

    assert [text.split("'")[1] for text in sim.warnings] == ["b", "c"]


class Row:
    """What a library may give."""


CYCLE: list[object] = []
CYCLE.append(CYCLE)


@every_kind
@pytest.mark.parametrize(
    ("output", "told"),
    [
        ({"rows": [1, {2}]}, "it['rows'][1] is a set; make a list of it, sorted(…)"),
        ({"at": START}, "it['at'] is a datetime; write it as a text, .isoformat()"),
        ({"a": {(1, 2): 3}}, "it['a'] has the key (1, 2), a tuple; keys are texts"),
        (Row(), "it is a Row; return a dict of what counts"),
        ([Point(1)], "it[0] is a Point; return a dict of it, dataclasses.asdict(…)"),
        ({"all": CYCLE}, "it['all'][0] holds itself; return a copy of what counts"),
    ],
)
def test_what_of_an_output_is_no_json_is_a_warning(kind: str, output: object, told: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: output)

    played = play(handler, kind, retries=1)

    (warning,) = played.sim.warnings
    assert warning.endswith(f'#1: "a" returned unserializable data: {told}')
    assert f"MISTAKE: {warning.partition(': ')[2]}" in played.sim.timeline(played.run)


@every_kind
def test_what_of_the_output_of_a_function_is_no_json_is_a_warning(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return {"n": 1, "tags": frozenset({1})}

    (warning,) = play(handler, kind, retries=0).sim.warnings

    assert warning.endswith(
        "#1: returned unserializable data: it['tags'] is a frozenset; make a list of it, sorted(…)"
    )


@every_kind
@pytest.mark.parametrize("key", [1, {"id": 1}])
def test_a_mistake_of_the_tests_own_ledger_is_a_warning(kind: str, key: Any) -> None:
    stripe = dwf.Ledger("stripe")

    async def handler(ctx: Any) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", key=key, value=1))

    played = play(handler, kind)

    (warning,) = played.sim.warnings
    assert f"key of stripe charge is {key!r}" in warning
    assert "a mistake of the test, by which its run fails" in warning
    assert stripe.calls == []
