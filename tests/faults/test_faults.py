"""The first faults: where they strike, what the engine sees, and what the user code does."""

from __future__ import annotations

import asyncio

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import FaultStruck, HandlerLeft, ResponseReceived
from tests.drivers.stage import every_driver, serve


class Shop:
    """An app with a step that notes how far it came."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.app = dwf.App("a")
        go, plain = dwf.TriggerEvent(event="go"), dwf.TriggerEvent(event="plain")
        self.app.create_function(fn_id="f", trigger=go, retries=1)(self._handler)
        self.app.create_function(fn_id="plain", trigger=plain, retries=1)(self._plain)

    async def _handler(self, ctx: dwf.Context) -> str:
        return await ctx.step.run("charge", self._charge)

    async def _charge(self) -> str:
        self.log.append("begin")
        try:
            await asyncio.sleep(1)
            self.log.append("middle")
            await asyncio.sleep(1)
            self.log.append("end")
        finally:
            self.log.append("finally")
        return "charged"

    def _plain(self, ctx: dwf.ContextSync) -> str:
        def body() -> str:
            self.log.append("plain")
            return "charged"

        return ctx.step.run("charge", body)


def run_with(shop: Shop, driver: str, *faults: dwf.Fault, event: str = "go") -> dwf.Simulation:
    """Run the function once under these faults."""
    simulation = serve(shop.app, driver, faults=faults)
    simulation.send(event)
    simulation.run_until_idle()
    return simulation


WHOLE = ["begin", "middle", "end", "finally"]


@every_driver
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
    driver: str, fault: dwf.Fault, seen: list[str]
) -> None:
    shop = Shop()
    simulation = run_with(shop, driver, fault)

    assert shop.log == seen
    assert simulation.runs[0].output == "charged"
    assert len(simulation.trace.of(FaultStruck)) == 1
    answers = [record.answer for record in simulation.trace.of(ResponseReceived)]
    assert answers == ["Unable to reach SDK URL", "StepRun:charge", "return"]


@every_driver
@pytest.mark.rule("A80", "A221")
def test_the_last_attempt_lost_fails_the_run_and_is_no_error_of_the_step(driver: str) -> None:
    simulation = run_with(Shop(), driver, dwf.crash.after_effect("charge", times=2))

    run = simulation.runs[0]
    assert run.status == "failed"
    assert run.error == {
        "error": "Unable to reach SDK URL",
        "name": "Error",
        "message": "Unable to reach SDK URL",
    }
    assert not run.steps["charge"].is_memoized


@every_driver
@pytest.mark.parametrize("phase", ["before", "after_effect"])
def test_a_plain_handler_can_be_killed_too(driver: str, phase: str) -> None:
    shop = Shop()
    simulation = run_with(shop, driver, getattr(dwf.crash, phase)("charge"), event="plain")

    assert shop.log == ["plain"] * (1 if phase == "before" else 2)
    assert simulation.runs[0].output == "charged"
    assert "killed" in [record.how for record in simulation.trace.of(HandlerLeft)]


@every_driver
def test_a_fault_strikes_only_where_it_fits(driver: str) -> None:
    misses = (
        dwf.crash.before("other"),
        dwf.crash.before("charge", run="a-f#2"),
        dwf.crash.before("charge", attempt=3),
        dwf.crash.inside("charge", at_await=9),
    )

    assert run_with(Shop(), driver, *misses).trace.of(FaultStruck) == []
    assert len(run_with(Shop(), driver, dwf.crash.before(run="a-f#1")).trace.of(FaultStruck)) == 1


@every_driver
def test_a_fault_can_be_put_in_force_later(driver: str) -> None:
    simulation = serve(Shop().app, driver)
    simulation.inject(dwf.crash.after_effect("charge"))
    simulation.send("go")
    simulation.run_until_idle()

    assert simulation.runs[0].steps["charge"].attempts == (0, 1)


@every_driver
def test_sites_are_named_by_run_step_attempt_and_phase(driver: str) -> None:
    simulation = run_with(
        Shop(), driver, dwf.crash.inside("charge", at_await=2), dwf.response.lose("")
    )

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
        "kill the worker before the handler began, in a-f#1; "
        "kill the worker inside `ship`, at await 2, in attempt 0; "
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


@every_driver
def test_only_the_awaits_of_the_step_itself_are_counted(driver: str) -> None:
    faults = [dwf.crash.inside("charge", at_await=2)]
    simulation = serve(ticking_app(), driver, faults=faults)
    simulation.send("go")
    simulation.advance("1s")

    struck = [entry for entry in simulation.trace if isinstance(entry.record, FaultStruck)]
    assert [entry.at - simulation.start_ms for entry in struck] == [1000]


@every_driver
def test_a_latency_is_no_await_of_the_step(driver: str) -> None:
    shop = Shop()
    faults, latency = [dwf.crash.inside("charge")], dwf.Latency(step="1s")
    simulation = serve(shop.app, driver, faults=faults, latency=latency)
    simulation.send("go")
    simulation.run_until_idle()

    assert shop.log == ["begin", *WHOLE]


@every_driver
def test_faults_that_have_not_struck_can_be_asked_for(driver: str) -> None:
    typo = dwf.crash.before("chrage")
    simulation = run_with(Shop(), driver, typo, dwf.crash.before("charge", times=2))

    assert simulation.unstruck == (typo,)
