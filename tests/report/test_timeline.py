"""The timeline: a run's facts in order, to be read by people."""

from __future__ import annotations

import dwf_sim as dwf


def test_a_timeline_tells_what_happened_and_when() -> None:
    app, mail = dwf.App("a"), dwf.Ledger("mail")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)
    async def f(ctx: dwf.Context) -> str:
        ctx.logger.info("begin %s", ctx.event.data["n"])
        await ctx.step.run("send", lambda: mail.call("send", key="k", value=1))
        await ctx.step.sleep("rest", "30d")
        raise ValueError("no")

    simulation = dwf.Simulation(faults=[dwf.crash.after_effect("send")]).serve(app)
    run = simulation.send("go", {"n": 1}).run
    simulation.run_until_idle()

    told = [
        line.strip().split("  ", 1)[-1].strip() for line in simulation.timeline(run).split("\n")
    ]
    assert told == [
        f"run {run.id}",
        "scheduled: a-f#1",
        "handler entered",
        "log info: begin 1",
        "send begins",
        "EFFECT: mail send (key k)",
        "send ends: ok",
        "FAULT: kill the worker after `send` returned and before it was recorded",
        "attempt 0 failed (Unable to reach SDK URL); the next is in 15s to 45s",
        "handler entered (attempt 1)",
        "log info: begin 1",
        "send begins (attempt 1)",
        "no effect: mail send (its key k is known)",
        "send ends: ok",
        "send is remembered (data)",
        "handler entered",
        "rest: sleep until +30d from here",
        "rest is remembered (sleep)",
        "handler entered",
        "attempt 0 failed (ValueError: no); the next is in 15s to 45s",
        "handler entered (attempt 1)",
        'failed: {"name":"ValueError","message":"no","code":"unknown"}',
    ]


def test_a_timeline_tells_what_was_reported_while_the_handler_went_on() -> None:
    app = dwf.App("a", checkpointing=dwf.Checkpointing(buffered_steps=2))

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        for name in "abc":
            await ctx.step.run(name, int)

    simulation = dwf.Simulation().serve(app)
    run = simulation.send("go").run
    simulation.run_until_idle()

    told = [line.split("+0")[-1].strip() for line in simulation.timeline(run).split("\n")]
    assert told[2:] == [
        "handler entered",
        "a begins",
        "a ends: ok",
        "b begins",
        "b ends: ok",
        "reported while it goes on: a, b",
        "a is remembered (data)",
        "b is remembered (data)",
        "c begins",
        "c ends: ok",
        "c is remembered (data)",
        "completed: null",
    ]


def test_a_bounded_trace_may_hold_nothing_of_a_run() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        return None

    simulation = dwf.Simulation(trace_bound=1).serve(app)
    runs = [simulation.send("go").run for _ in range(2)]
    simulation.run_until_idle()

    assert "nothing about run" in simulation.timeline(runs[0])
