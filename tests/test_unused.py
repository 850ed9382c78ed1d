"""Stubs and faults that never came about: a test that passes without them has shown nothing."""

from __future__ import annotations

from typing import Any

import inngest
import pytest

import dwf_sim as dwf
from dwf_sim import mocked
from tests.drivers.stage import every_kind, set_up

SEEN = "the steps were charge, nap"


async def handler(ctx: Any) -> object:
    for _ in range(2):
        await ctx.step.run("charge", lambda: "real")
    await ctx.step.sleep("nap", "1s")
    return "done"


@every_kind
def test_stubs_that_no_step_has_used_are_warnings_with_the_steps_there_were(kind: str) -> None:
    played = set_up(handler, kind)
    played.sim.stub_step("chrage", 1)
    played.sim.stub_step("charge", 1, nth=3)
    played.sim.fail_step("nope", ValueError)

    assert played.sim.warnings == []  # It may still be used.

    played.to_end()

    assert played.sim.warnings == [
        f"fail_step('nope', …) was never used: no run has had a step 'nope'; {SEEN}",
        f"stub_step('chrage', …) was never used: no run has had a step 'chrage'; {SEEN}, "
        "'charge' perhaps",
        "stub_step('charge', …) was never used: no run has used step 'charge' 3 times",
    ]


@every_kind
def test_stubs_that_were_used_or_replaced_are_no_warnings(kind: str) -> None:
    played = set_up(handler, kind, retries=3)
    played.sim.stub_step("charge", "old")
    played.sim.stub_step("charge", "new")
    played.sim.stub_step("charge:1", "again")
    played.sim.stub_step("nap", None)
    played.sim.fail_step("charge", ValueError, times=2)
    played.to_end()

    assert played.run.status == "completed"
    assert played.sim.warnings == []


@every_kind
def test_faults_that_have_not_struck_say_what_was_not_there(kind: str) -> None:
    step, run, late = (
        dwf.crash.before("chrage"),
        dwf.crash.before("charge", run="app-f#2"),
        dwf.crash.before("charge", attempt=4),
    )
    played = set_up(handler, kind, faults=[step, run, late]).to_end()

    assert played.sim.unstruck == (step, run, late)
    assert repr(played.sim.unstruck) == (
        f"<unstruck: {step}: no run has had a step 'chrage'; {SEEN}, 'charge' perhaps; "
        f"{run}: there was no run 'app-f#2'; the runs were app-f#1, 'app-f#1' perhaps; {late}>"
    )


def test_without_faults_none_is_unstruck() -> None:
    assert repr(dwf.Simulation().unstruck) == "<unstruck: none>"


def test_a_list_of_many_steps_is_cut_off() -> None:
    async def many(ctx: dwf.Context) -> None:
        for number in range(30):
            await ctx.step.run(f"step {number}", lambda: None)

    played = set_up(many)
    played.sim.stub_step("other", 1)
    played.to_end()

    (warning,) = played.sim.warnings
    assert warning.endswith("step 18, step 19, …")


client = inngest.Inngest(app_id="unused")


@client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
def waiting(ctx: inngest.ContextSync) -> object:
    return ctx.step.wait_for_event("signed", event="e", timeout=1000)


GO = inngest.Event(name="go")


def test_trigger_warns_of_a_stub_that_no_step_has_used() -> None:
    stubs = {"signed": mocked.Timeout, "charge": 1}

    result = dwf.trigger(waiting, GO, mocked.Inngest(app_id="t"), step_stubs=stubs)

    assert result.output is None
    assert result.warnings == [
        "stub_step('charge', …) was never used: no run has had a step 'charge'; "
        "the steps were signed"
    ]


def test_a_step_that_must_be_stubbed_and_is_misspelt_is_told_of() -> None:
    with pytest.raises(mocked.UnstubbedStepError, match=r"'sgined', .*; the steps were signed"):
        dwf.trigger(waiting, GO, mocked.Inngest(app_id="t"), step_stubs={"sgined": None})
