"""Checkpointing in whole simulations: what it saves, what a crash costs, what stays the same."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import Checkpointing, crash, response
from dwf_sim.model.records import CheckpointRefused
from dwf_sim.sim.runner import REQUEST_MS_MAX

STEPS = "abcdef"


def simulate(
    checkpointing: Checkpointing | bool,
    *,
    latency: dwf.Latency | None = None,
    faults: list[dwf.Fault] | None = None,
    ledger: dwf.Ledger | None = None,
    plain: bool = False,
) -> dwf.Simulation:
    """Run four steps, a sleep and two more steps to their end."""
    app = dwf.App("shop", checkpointing=checkpointing)
    trigger = dwf.TriggerEvent(event="go")

    def body(name: str) -> str:
        if ledger is not None:
            ledger.call(name, value=None)
        return name.upper()

    if plain:

        @app.create_function(fn_id="f", trigger=trigger)
        def order_sync(ctx: dwf.ContextSync) -> str:
            done = [ctx.step.run(name, body, name) for name in STEPS[:4]]
            ctx.step.sleep("rest", "1d")
            return "".join(done + [ctx.step.run(name, body, name) for name in STEPS[4:]])
    else:

        @app.create_function(fn_id="f", trigger=trigger)
        async def order(ctx: dwf.Context) -> str:
            done = [await ctx.step.run(name, body, name) for name in STEPS[:4]]
            await ctx.step.sleep("rest", "1d")
            return "".join(done + [await ctx.step.run(name, body, name) for name in STEPS[4:]])

    sim = dwf.Simulation(latency=latency, faults=faults or []).serve(app)
    sim.send("go")
    sim.run_until_idle()
    return sim


def took(sim: dwf.Simulation) -> int:
    """How long the run lasted besides its sleep, in milliseconds."""
    (run,) = sim.runs
    assert run.ended_at is not None
    return run.ended_at - run.scheduled_at - 24 * 3_600_000


@pytest.mark.rule("A202")
@pytest.mark.parametrize("plain", [False, True])
def test_the_requests_that_are_saved_can_be_read_off_the_clock(plain: bool) -> None:
    latency = dwf.Latency(request="40ms", hop="60ms", step="1ms")

    off = simulate(False, latency=latency, plain=plain)
    on = simulate(True, latency=latency, plain=plain)

    assert (off.runs[0].entries, on.runs[0].entries) == (8, 2)
    assert took(off) == 8 * 100 + 6
    assert took(on) == 2 * 100 + 6
    assert off.runs[0].output == on.runs[0].output == "ABCDEF"


@pytest.mark.rule("A206")
@pytest.mark.parametrize(("buffered", "effects"), [(1, 1), (2, 1), (3, 2), (9, 2)])
def test_a_crash_repeats_what_was_buffered_and_nothing_else(buffered: int, effects: int) -> None:
    ledger = dwf.Ledger("stripe")

    sim = simulate(
        Checkpointing(buffered_steps=buffered), faults=[crash.before("c")], ledger=ledger
    )

    assert [ledger.count(name) for name in "ab"] == [effects, effects]
    assert [ledger.count(name) for name in "cdef"] == [1, 1, 1, 1]
    assert sim.runs[0].output == "ABCDEF"


FAULTS = st.lists(
    st.builds(
        lambda make, step: make(step),
        st.sampled_from([crash.before, crash.after_effect, response.lose]),
        st.sampled_from([*STEPS, "rest"]),
    )
    | st.sampled_from([crash.before(""), response.lose("")]),
    max_size=4,
)


@pytest.mark.rule("A5", "A202", "A206", "A220")
@settings(max_examples=60, deadline=None)  # Machines may be busy.
@given(FAULTS, st.integers(1, 7), st.booleans())
def test_whatever_breaks_a_run_ends_as_without_checkpoints(
    faults: list[dwf.Fault], buffered: int, plain: bool
) -> None:
    sim = simulate(Checkpointing(buffered_steps=buffered), faults=faults, plain=plain)

    (run,) = sim.runs
    struck = len(faults) - len(sim.unstruck)
    assert (run.status, run.output) == ("completed", "ABCDEF")
    assert all(run.steps[name].is_memoized for name in STEPS)
    assert all(1 <= run.steps[name].executions <= 1 + struck for name in STEPS)
    if buffered == 1:
        repeats = sum(run.steps[name].executions - 1 for name in STEPS)
        assert repeats <= struck, "at most the step that was under way is done again"


@pytest.mark.rule("A194", "A207")
def test_a_handler_whose_request_was_given_up_is_left_at_its_next_checkpoint() -> None:
    app = dwf.App("app", checkpointing=Checkpointing(max_runtime=0))
    began: list[str] = []

    async def body(name: str, hours: int) -> None:
        began.append(name)
        await asyncio.sleep(hours * 3600)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("long", body, "long", 3)
        await ctx.step.run("next", body, "next", 1)

    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    sim.run_until_idle()

    assert run.ended_at == run.scheduled_at + REQUEST_MS_MAX
    assert run.status == "failed"
    assert began == ["long"]
    reason = "its request was answered before, or given up"
    assert sim.trace.of(CheckpointRefused) == [CheckpointRefused(1, reason)]


@pytest.mark.rule("A203")
def test_an_invoke_a_wait_and_a_send_in_the_middle_are_as_ever() -> None:
    app = dwf.App("app", checkpointing=True)

    @app.create_function(fn_id="child", trigger=[])
    async def child(ctx: dwf.Context) -> int:
        return await ctx.step.run("seven", lambda: 7)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> list[object]:
        seven = await ctx.step.invoke("child", function=child)
        await ctx.step.send_event("tell", dwf.Event("told", {"n": seven}))
        await ctx.step.run("between", int)
        answer = await ctx.step.wait_for_event("answer", event="answer", timeout="1h")
        return [seven, answer and answer.data["n"]]

    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    sim.advance("1m")
    sim.send("answer", {"n": 8})
    sim.run_until_idle()

    assert run.output == [7, 8]
    assert run.entries == 3
    assert [event.data for event in sim.events if event.name == "told"] == [{"n": 7}]


@pytest.mark.rule("A202")
def test_a_memo_can_be_seen_while_its_request_goes_on() -> None:
    app = dwf.App("app", checkpointing=True)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("quick", lambda: 1)
        await ctx.step.run("slow", asyncio.sleep, 60)

    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    sim.advance("30s")

    assert (run.status, run.entries) == ("running", 1)
    assert run.steps["quick"].is_memoized
    assert not run.steps["slow"].is_memoized
