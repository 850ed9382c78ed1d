"""Faults of workers, of answers and of the engine: what strikes, and what is done twice for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import crash, response, server, steps, worker
from dwf_sim.model.records import (
    FaultStruck,
    HandlerLeft,
    LeaseLost,
    ResponseIgnored,
    StepMemoized,
)
from tests.drivers.parity import watch
from tests.drivers.stage import Played, every_driver, every_kind, play, serve

GATEWAY = "Your server returned HTTP {} before the SDK responded."
LEASE_MS = 30_000


class Shop:
    """A handler of two steps, and the service that they charge."""

    def __init__(self) -> None:
        self.stripe = dwf.Ledger("stripe")

    async def handler(self, ctx: Any) -> object:
        """Charge, then ship."""
        await ctx.step.run("charge", self.charge)
        return await ctx.step.run("ship", lambda: "shipped")

    def charge(self) -> str:
        """Charge in two calls."""
        self.stripe.call("authorize", value=None)
        self.stripe.call("capture", value=None)
        return "charged"

    def play(self, kind: str, *faults: dwf.Fault, retries: int = 1, **world: Any) -> Played:
        """Run the handler once under these faults."""
        return play(self.handler, kind, retries=retries, faults=faults, **world)

    @property
    def effects(self) -> list[int]:
        """How often each call was made."""
        return [self.stripe.count("authorize"), self.stripe.count("capture")]


def struck(played: Played) -> list[str]:
    """The sites at which faults struck."""
    return [record.site for record in played.sim.trace.of(FaultStruck)]


CLOSED = "Unable to reach SDK URL"
# Fault, how often each effect happens, the site, the attempts with which requests are sent.
STORIES = [
    (crash.inside("charge", at_effect=1), [2, 1], "app-f#1/charge/0/effect@1", [0, 1, 0, 0]),
    (crash.inside("charge", at_effect=2), [2, 2], "app-f#1/charge/0/effect@2", [0, 1, 0, 0]),
    (crash.after_memo("charge"), [1, 1], "app-f#1/charge/0/after_memo", [0, 0, 0]),
    (crash.after_ack("charge"), [1, 1], "app-f#1/charge/0/after_ack", [0, 0, 0]),
    (worker.restart("charge"), [1, 1], "app-f#1/charge/0/before", [0, 1, 0, 0]),
    (worker.restart("charge", at_effect=1), [2, 1], "app-f#1/charge/0/effect@1", [0, 1, 0, 0]),
    (worker.zombie("charge"), [2, 2], "app-f#1/charge/0/before", [0, 0, 0, 0]),
    (worker.zombie("charge", at_effect=1), [2, 2], "app-f#1/charge/0/effect@1", [0, 0, 0, 0]),
    (server.restart("charge"), [2, 2], "app-f#1/charge/0/before", [0, 0, 0, 0]),
    (response.repeat("charge"), [1, 1], "app-f#1/charge/0/response", [0, 0, 0]),
    (response.delay("charge", by="1m"), [1, 1], "app-f#1/charge/0/response", [0, 0, 0]),
    (response.gateway("charge"), [2, 2], "app-f#1/charge/0/response", [0, 1, 0, 0]),
    (worker.storm(at=0, lasts="1s"), [1, 1], "app-f#1//0/request", [0, 1, 0, 0]),
    (response.storm(at=0, lasts="1s"), [2, 2], "app-f#1/charge/0/response", [0, 1, 0, 0]),
    (steps.slow("charge", by="1m"), [1, 1], "app-f#1/charge/0/duration", [0, 0, 0]),
]


@pytest.mark.rule("A220", "A221", "A222", "A223", "A225", "A228")
@every_kind
@pytest.mark.parametrize(
    ("fault", "effects", "site", "attempts"), STORIES, ids=[str(s[0]) for s in STORIES]
)
def test_a_fault_strikes_once_and_the_run_completes(
    kind: str, fault: dwf.Fault, effects: list[int], site: str, attempts: list[int]
) -> None:
    shop = Shop()

    played = shop.play(kind, fault)

    assert struck(played) == [site]
    assert shop.effects == effects
    assert (played.run.status, played.run.output) == ("completed", "shipped")
    assert [request.attempt for request in played.requests] == attempts
    memoized = [record.step for record in played.records(StepMemoized)]
    assert memoized == ["charge", "ship"]


@pytest.mark.rule("A223", "A225")
@every_kind
def test_a_step_that_was_saved_is_not_done_again_after_its_engine_died(kind: str) -> None:
    shop = Shop()

    played = shop.play(kind, crash.after_memo("charge"), retries=0)

    assert [r.number for r in played.records(LeaseLost)] == [1]
    assert [request.at_ms for request in played.requests] == [0, LEASE_MS, LEASE_MS]
    assert played.executions == {"charge": 1, "ship": 1}


@pytest.mark.rule("A228")
@every_kind
@pytest.mark.parametrize("fault", [worker.zombie("charge"), response.repeat("charge", after="5s")])
def test_an_answer_that_comes_late_or_twice_is_ignored(kind: str, fault: dwf.Fault) -> None:
    played = Shop().play(kind, fault)

    ignored = played.sim.trace.of(ResponseIgnored)
    assert ignored == [ResponseIgnored(1, "its request was answered before, or given up")]


@pytest.mark.rule("A222")
@every_kind
@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (response.gateway("charge", status=500), GATEWAY.format(500)),
        (worker.storm(at=0, lasts="1s", status=502), GATEWAY.format(502)),
        (response.storm(at=0, lasts="1s", status=None), CLOSED),
    ],
)
def test_an_answer_that_is_not_the_workers_can_fail_the_run(
    kind: str, fault: dwf.Fault, text: str
) -> None:
    played = Shop().play(kind, fault, retries=0)

    assert played.run.status == "failed"
    assert played.answers == [text]


@every_kind
@pytest.mark.rule("A194")
def test_an_answer_that_is_two_hours_late_never_arrives(kind: str) -> None:
    played = Shop().play(kind, response.delay("charge", by="3h"), retries=0)

    assert played.answers == [CLOSED]
    assert played.took_ms == 2 * 3_600_000


def napping(
    driver: str, sim_options: dict[str, Any], *apps: str, seconds: int = 60
) -> dwf.Simulation:
    """Serve functions of several apps whose one step naps, and start each of them."""
    sim = watch(dwf.Simulation(**sim_options))
    for name in apps:
        app = dwf.App(name)

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=1)
        async def f(ctx: dwf.Context) -> str:
            await ctx.step.run("nap", asyncio.sleep, seconds)
            return "rested"

        serve(app, driver, sim)
    sim.send("go")
    return sim


@every_driver
def test_an_answer_that_is_delayed_after_it_was_given_up_arrives_for_nothing(driver: str) -> None:
    late = response.delay("nap", by=1, attempt=0)
    sim = napping(driver, {"faults": [late]}, "a", seconds=6 * 3600)

    sim.run_until_idle()

    assert sim.faults_struck
    assert sim.runs[0].status == "failed", "both attempts take longer than two hours"


@every_driver
def test_a_restarted_worker_loses_all_it_has_under_way_and_no_other_worker_does(
    driver: str,
) -> None:
    fault = worker.restart("nap", run="a-f#2", at_await=1)
    sim = napping(driver, {"faults": [fault]}, "a", "b")
    sim.send("go")
    sim.run_until_idle()

    killed = [r.run for r in sim.trace.of(HandlerLeft) if r.how == "killed"]
    by_id = {run.id: run.label for run in sim.runs}
    assert sorted(by_id[run] for run in killed) == ["a-f#1", "a-f#2"]
    assert len(sim.trace.of(FaultStruck)) == 1
    assert [run.output for run in sim.runs] == ["rested"] * 4


@every_driver
@pytest.mark.rule("A221")
def test_workers_can_be_restarted_at_an_instant(driver: str) -> None:
    sim = napping(driver, {"faults": [worker.restart(at="10s")]}, "a", "b")
    sim.run_until_idle()

    assert [r.site for r in sim.trace.of(FaultStruck)] == ["//0/workers"]
    assert [run.steps["nap"].attempts for run in sim.runs] == [(0, 1), (0, 1)]


@every_driver
@pytest.mark.rule("A223")
def test_an_engine_restarted_at_an_instant_uses_up_no_attempt(driver: str) -> None:
    sim = napping(driver, {"faults": [server.restart(at="10s")]}, "a")
    run = sim.runs[0]
    sim.run_until_idle()

    assert run.steps["nap"].attempts == (0, 0)
    assert run.ended_at == run.scheduled_at + 10_000 + LEASE_MS + 60_000


@every_driver
def test_nothing_waits_for_the_instant_of_a_fault(driver: str) -> None:
    fault = server.restart(at="10d")
    sim = napping(driver, {"faults": [fault]}, "a")
    sim.run_until_idle()

    assert sim.now_ms == sim.start_ms + 60_000
    assert sim.unstruck == (fault,)


@every_driver
@pytest.mark.rule("A222")
def test_a_request_that_takes_too_long_is_answered_504(driver: str) -> None:
    sim = napping(driver, {"worker": dwf.Worker(max_request="10s")}, "a")
    run = sim.runs[0]
    sim.run_until_idle()

    assert run.status == "failed"
    assert run.error["message"] == GATEWAY.format(504)
    assert sim.trace.of(FaultStruck) == []
    assert "max_request" in sim.warnings[0]


@pytest.mark.rule("A222")
@every_kind
def test_a_slow_step_meets_the_limit_of_its_platform(kind: str) -> None:
    forgotten: list[int] = []
    limit = dwf.Worker(max_request="10s", on_restart=lambda: forgotten.append(1))

    slow = Shop().play(kind, steps.slow("charge", by="10s"), worker=limit)
    quick = Shop().play(kind, steps.slow("charge", by="9s"), worker=limit)

    assert slow.answers[0] == GATEWAY.format(504)
    assert quick.answers[0] == "StepRun:charge"
    assert len(forgotten) == 1
    assert "max_request" in slow.sim.warnings[0]
    assert (slow.run.output, quick.run.output) == ("shipped", "shipped")


@every_kind
@pytest.mark.parametrize(
    "fault", [crash.before("charge"), crash.after_ack("charge"), worker.restart("charge")]
)
def test_a_worker_that_died_has_forgotten(kind: str, fault: dwf.Fault) -> None:
    forgotten: list[int] = []
    options = dwf.Worker(on_restart=lambda: forgotten.append(1))

    Shop().play(kind, fault, worker=options)

    assert forgotten == [1]


@every_kind
def test_a_connection_that_closed_is_no_answer_that_could_be_lost(kind: str) -> None:
    played = Shop().play(kind, crash.before("charge"), response.lose("", attempt=0))

    assert struck(played) == ["app-f#1/charge/0/before", "app-f#1//0/response"]
    assert played.answers == [CLOSED, "StepRun:charge", "StepRun:ship", CLOSED, "return"]


def test_the_same_faults_give_the_same_trace() -> None:
    def digest() -> str:
        faults = [story[0] for story in STORIES]
        return Shop().play("async def", *faults, retries=9).sim.trace.digest()

    assert digest() == digest()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (crash.inside("a", at_effect=2), "kill the worker inside `a`, right after effect 2"),
        (
            crash.after_memo("a"),
            "kill the engine after `a` was saved and before what follows was queued",
        ),
        (
            crash.after_ack("a"),
            "kill the worker after the engine took the response that reports `a`",
        ),
        (worker.restart("a"), "restart the worker before `a` began"),
        (worker.restart(at="10m"), "restart all workers 10m after the start"),
        (
            worker.zombie("a", at_await=2),
            "cut the worker off inside `a`, at await 2, and let it work on",
        ),
        (server.restart(at="10m"), "restart the engine 10m after the start"),
        (response.repeat("a"), "deliver the response that reports `a` twice"),
        (response.delay("a", by="5s"), "deliver the response that reports `a` 5s late"),
        (response.gateway(""), "answer 502 in place of the response that ends the function"),
        (
            worker.storm(at="1h", lasts="5m"),
            "answer 503 to every request before its worker for 5m, beginning 1h after the start",
        ),
        (steps.slow("a", by="5s"), "let `a` take 5s longer"),
    ],
)
def test_a_fault_reads_as_a_sentence(fault: dwf.Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: crash.inside("a", at_await=1, at_effect=1), "give one of them"),
        (lambda: worker.restart("a", at="1h"), "at an instant or at a step, not both"),
        (lambda: response.gateway(status=404), "a gateway answers with 500 to 599"),
        (lambda: response.delay(by=-1), "no response arrives before it is sent"),
        (lambda: worker.storm(at=0, lasts=0), "lasts 1 ms or longer"),
        (lambda: steps.slow(by=0), "takes 1 ms longer"),
        (lambda: dwf.Worker(max_request=0), "max_request of a Worker is 0 ms"),
        (lambda: dwf.Worker(on_restart=1), "on_restart of a Worker is 1"),
    ],
)
def test_a_bad_fault_is_refused(make: Any, text: str) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        make()


@every_kind
@pytest.mark.rule("A41", "A225")
def test_a_step_of_a_group_that_is_sent_again_though_saved_is_told_of(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.group.parallel(
            (lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2))
        )
        await ctx.step.run("c", lambda: 3)

    played = play(handler, kind, retries=0, faults=[crash.after_memo("b")])

    assert "StepUnexpectedError" in str(played.run)
    (warning,) = played.sim.warnings
    assert warning.startswith(
        "app-f#1: a request for step 'b' is sent again although that was saved"
    )
