"""The first faults: where they strike, what the engine sees, and what the user code does."""

from __future__ import annotations

import asyncio

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import FaultStruck, HandlerLeft, ResponseReceived


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def app(log: list[str]) -> dwf.App:
    made = dwf.App("a")

    async def charge() -> str:
        log.append("begin")
        try:
            await asyncio.sleep(1)
            log.append("middle")
            await asyncio.sleep(1)
            log.append("end")
        finally:
            log.append("finally")
        return "charged"

    @made.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)
    async def f(ctx: dwf.Context) -> str:
        return await ctx.step.run("charge", charge)

    @made.create_function(fn_id="plain", trigger=dwf.TriggerEvent(event="plain"), retries=1)
    def plain(ctx: dwf.ContextSync) -> str:
        def body() -> str:
            log.append("plain")
            return "charged"

        return ctx.step.run("charge", body)

    return made


def run_with(app: dwf.App, *faults: dwf.Fault, event: str = "go") -> dwf.Simulation:
    """Run the function once under these faults."""
    simulation = dwf.Simulation(faults=faults).serve(app)
    simulation.send(event)
    simulation.run_until_idle()
    return simulation


WHOLE = ["begin", "middle", "end", "finally"]


@pytest.mark.rule("A80", "A220", "A221")
@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (dwf.crash.before("charge"), WHOLE),
        (dwf.crash.before(""), WHOLE),
        (dwf.crash.inside("charge"), ["begin", *WHOLE]),
        (dwf.crash.inside("charge", at_await=2), ["begin", "middle", *WHOLE]),
        (dwf.crash.after_effect("charge"), [*WHOLE, *WHOLE]),
        (dwf.response.lose("charge"), [*WHOLE, *WHOLE]),
    ],
)
def test_a_fault_costs_one_attempt_and_the_dead_run_nothing_more(
    app: dwf.App, log: list[str], fault: dwf.Fault, seen: list[str]
) -> None:
    simulation = run_with(app, fault)

    assert log == seen
    assert simulation.runs[0].output == "charged"
    assert len(simulation.trace.of(FaultStruck)) == 1
    answers = [record.answer for record in simulation.trace.of(ResponseReceived)]
    assert answers == ["Unable to reach SDK URL", "StepRun:charge", "return"]


@pytest.mark.rule("A80", "A221")
def test_the_last_attempt_lost_fails_the_run_and_is_no_error_of_the_step(app: dwf.App) -> None:
    simulation = run_with(app, dwf.crash.after_effect("charge", times=2))

    run = simulation.runs[0]
    assert run.status == "failed"
    assert run.error == {
        "error": "Unable to reach SDK URL",
        "name": "Error",
        "message": "Unable to reach SDK URL",
    }
    assert not run.steps["charge"].is_memoized


@pytest.mark.parametrize("phase", ["before", "after_effect"])
def test_a_plain_handler_can_be_killed_too(app: dwf.App, log: list[str], phase: str) -> None:
    simulation = run_with(app, getattr(dwf.crash, phase)("charge"), event="plain")

    assert log == ["plain"] * (1 if phase == "before" else 2)
    assert simulation.runs[0].output == "charged"
    assert "killed" in [record.how for record in simulation.trace.of(HandlerLeft)]


def test_a_fault_strikes_only_where_it_fits(app: dwf.App) -> None:
    misses = (
        dwf.crash.before("other"),
        dwf.crash.before("charge", run="a-f#2"),
        dwf.crash.before("charge", attempt=3),
        dwf.crash.inside("charge", at_await=9),
    )

    assert run_with(app, *misses).trace.of(FaultStruck) == []
    assert len(run_with(app, dwf.crash.before(run="a-f#1")).trace.of(FaultStruck)) == 1


def test_a_fault_can_be_put_in_force_later(app: dwf.App) -> None:
    simulation = dwf.Simulation().serve(app)
    simulation.inject(dwf.crash.after_effect("charge"))
    simulation.send("go")
    simulation.run_until_idle()

    assert simulation.runs[0].steps["charge"].attempts == (0, 1)


def test_sites_are_named_by_run_step_attempt_and_phase(app: dwf.App) -> None:
    simulation = run_with(app, dwf.crash.inside("charge", at_await=2), dwf.response.lose(""))

    assert [record.site for record in simulation.trace.of(FaultStruck)] == [
        "a-f#1/charge/0/inside@2",
        "a-f#1//0/response",
    ]


def test_a_plan_reads_as_a_sentence() -> None:
    plan = dwf.FaultPlan(
        [
            dwf.crash.after_effect("charge"),
            dwf.crash.before("", run="a-f#1"),
            dwf.crash.inside("ship", at_await=2, attempt=0),
            dwf.response.lose("charge", times=3),
        ]
    )

    assert str(plan) == (
        "kill the worker after `charge` returned and before it was recorded; "
        "kill the worker before the handler began of a-f#1; "
        "kill the worker inside `ship`, at await 2 in attempt 0; "
        "lose the response that reports `charge`, 3 times"
    )
    assert str(dwf.FaultPlan()) == "no faults"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: dwf.crash.before("a", times=0), "once or more"),
        (lambda: dwf.crash.inside("a", at_await=0), "first await of a step is 1"),
        (lambda: dwf.FaultPlan(["crash"]), "a plan holds faults such as"),  # type: ignore[list-item]  # Meant.
    ],
)
def test_a_bad_fault_is_refused_where_it_is_made(make: object, text: str) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        make()  # type: ignore[operator]  # One of the callables above.


def ticking_app() -> dwf.App:
    """A handler with a clock ticking beside its step."""
    made = dwf.App("a")

    @made.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        async def tick() -> None:
            while True:
                await asyncio.sleep(0.001)

        async def body() -> None:
            await asyncio.sleep(1)
            await asyncio.sleep(1)

        ticking = asyncio.create_task(tick())
        await ctx.step.run("charge", body)
        ticking.cancel()

    return made


def test_only_the_awaits_of_the_step_itself_are_counted() -> None:
    simulation = dwf.Simulation(faults=[dwf.crash.inside("charge", at_await=2)])
    simulation.serve(ticking_app()).send("go")
    simulation.advance("1s")

    struck = [entry for entry in simulation.trace if isinstance(entry.record, FaultStruck)]
    assert [entry.at - simulation.start_ms for entry in struck] == [1000]


def test_a_latency_is_no_await_of_the_step(app: dwf.App, log: list[str]) -> None:
    simulation = dwf.Simulation(
        faults=[dwf.crash.inside("charge")], latency=dwf.Latency(step="1s")
    ).serve(app)
    simulation.send("go")
    simulation.run_until_idle()

    assert log == ["begin", *WHOLE]


def test_faults_that_have_not_struck_can_be_asked_for(app: dwf.App) -> None:
    typo = dwf.crash.before("chrage")
    simulation = run_with(app, typo, dwf.crash.before("charge", times=2))

    assert simulation.unstruck == (typo,)
