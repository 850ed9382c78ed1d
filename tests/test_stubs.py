"""Stubs: steps that answer what a test says, for functions of either kind."""

from __future__ import annotations

from typing import Any

import inngest
import pytest
from inngest.experimental import mocked as vendor

import dwf_sim as dwf
from tests.drivers.stage import every_kind, set_up


@every_kind
def test_a_step_answers_a_value_or_what_a_function_of_its_arguments_returns(kind: str) -> None:
    def real(*args: object) -> object:
        raise AssertionError("a stubbed step does not run its own body")

    async def handler(ctx: Any) -> object:
        return [await ctx.step.run("a", real, 1, 2), await ctx.step.run("b", real)]

    played = set_up(handler, kind)
    played.sim.stub_step("a", lambda x, y: {"sum": x + y})
    played.sim.stub_step("b", "old")
    played.sim.stub_step("b", "new")
    played.to_end()

    assert played.run.output == [{"sum": 3}, "new"]
    assert played.executions == {"a": 1, "b": 1}


@every_kind
def test_one_of_several_uses_of_a_step_is_meant(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return [await ctx.step.run("a", lambda: "real") for _ in range(3)]

    played = set_up(handler, kind)
    played.sim.stub_step("a", "stub", nth=2)
    played.to_end()

    assert played.run.output == ["real", "stub", "real"]


@every_kind
def test_a_step_fails_so_often_and_then_does_what_it_does(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.run("a", lambda: "real")

    played = set_up(handler, kind, retries=3)
    played.sim.fail_step("a", ConnectionError("down"), times=2)
    played.to_end()

    assert played.answers == ["StepErrored:a", "StepErrored:a", "StepRun:a", "return"]
    assert played.run.steps["a"].attempts == (0, 1, 2)


@every_kind
def test_steps_without_a_body_answer_at_once(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        await ctx.step.sleep("nap", "1d")
        invoked = await ctx.step.invoke_by_id("child", function_id="nowhere", data={"n": 2})
        event = await ctx.step.wait_for_event("wait", event="never", timeout="1h")
        late = await ctx.step.wait_for_event("late", event="never", timeout="1h")
        return [invoked, event.data, late]

    played = set_up(handler, kind)
    played.sim.stub_step("nap", None)
    played.sim.stub_step("child", lambda data: data["n"] * 2)
    played.sim.stub_step("wait", dwf.Event("never", {"x": 1}))
    played.sim.stub_step("late", None)
    played.to_end()

    assert played.run.output == [4, {"x": 1}, None]
    assert played.took_ms == 0


@every_kind
def test_a_step_without_a_body_can_fail(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        try:
            await ctx.step.invoke_by_id("child", function_id="nowhere")
        except dwf.StepError as error:
            return [error.name, error.message]

    played = set_up(handler, kind)
    played.sim.fail_step("child", ConnectionError("down"))
    played.to_end()

    assert played.run.output == ["ConnectionError", "down"]


@every_kind
def test_stubs_and_real_steps_stand_beside_each_other_in_a_group(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        outputs = await ctx.group.parallel(
            (
                lambda: ctx.step.run("a", lambda: "real"),
                lambda: ctx.step.run("b", lambda: "real"),
                lambda: ctx.step.sleep("nap", "1d"),
                lambda: ctx.step.wait_for_event("w", event="never", timeout="1h"),
            )
        )
        return [*outputs[:3], outputs[3].data]

    played = set_up(handler, kind)
    played.sim.stub_step("b", "stub")
    played.sim.stub_step("w", dwf.Event("never", {"x": 1}))
    played.to_end()

    assert played.run.output == ["real", "stub", None, {"x": 1}]
    assert played.executions == {"nap": 0, "w": 0, "a": 1, "b": 1}
    assert played.took_ms == 86_400_000


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda sim: sim.stub_step("", 1), "name of a step is ''"),
        (lambda sim: sim.stub_step("a", 1, nth=0), "nth is 0; allowed are ints from 1 on"),
        (lambda sim: sim.stub_step("a", {1}), "the stub of step 'a': a set ({1}) cannot be"),
        (lambda sim: sim.stub_step("a", [float("nan")]), "no NaN and no Infinity"),
        (lambda sim: sim.stub_step("w", vendor.Timeout), "None is the timeout of a wait"),
        (lambda sim: sim.fail_step("a", ValueError(), times=0), "times is 0"),
        (lambda sim: sim.fail_step("a", "boom"), "error is 'boom'; it is an exception"),
    ],
)
def test_a_stub_that_makes_no_sense_is_refused(call: Any, words: str) -> None:
    with pytest.raises(dwf.UsageError) as caught:
        call(dwf.Simulation())

    assert words in str(caught.value)


@every_kind
def test_a_function_that_answers_what_is_no_json_is_named(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.step.wait_for_event("w", event="never", timeout="1h")

    played = set_up(handler, kind)
    played.sim.stub_step("w", lambda: {1})

    with pytest.raises(dwf.UsageError, match=r"the stub of step 'w': a set"):
        played.to_end()


@every_kind
def test_events_and_models_are_written_as_json_wherever_they_are(kind: str) -> None:
    async def handler(ctx: Any) -> object:
        return await ctx.step.invoke_by_id("i", function_id="nowhere")

    played = set_up(handler, kind)
    played.sim.stub_step("i", {"all": [dwf.Event("e", {"n": 1}), inngest.Event(name="e")]})
    played.to_end()

    assert [event["name"] for event in played.run.output["all"]] == ["e", "e"]
