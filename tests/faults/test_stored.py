"""Plans are plain data: they go into JSON and come back as they were."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim import (
    ConfigError,
    FaultPlan,
    clock,
    crash,
    deploy,
    events,
    functions,
    response,
    server,
    steps,
    timers,
    worker,
)
from dwf_sim.faults import FAULTS
from dwf_sim.faults.crash import Crash
from dwf_sim.faults.events import EventFault
from tests.faults.examples import examples

EVERY = (
    *(crash.before(), crash.before(""), crash.inside("a", at_await=3), crash.inside(at_effect=2)),
    *(crash.after_effect("charge", run="shop-f#2", attempt=0), crash.after_memo(times=None)),
    *(crash.after_ack(chance=0.25), response.lose("a", visit=2), response.repeat(after="5s")),
    *(response.delay(by="1h"), response.gateway(status=504), response.gateway()),
    *(response.storm(at=0, lasts="1m"), worker.storm(at="1h", lasts=1, status=None, chance=0.5)),
    *(worker.restart("a", at_await=2), worker.restart(at="5s"), worker.zombie(at_effect=1)),
    *(server.restart(at=0), server.restart("b", phase="after_effect"), steps.slow(by="1d")),
    *(timers.late("nap", by=1), events.duplicate("order/paid", after="5s", nth=2)),
    *(events.delay(by=10, times=3), events.reorder(), events.drop("x"), events.lose_ack("x")),
    *(clock.skew(by="-1h"), clock.jump(by=1, at="2d"), deploy.new_version("shop:app", at=0)),
    *(functions.pause("shop-f", at="1h", for_="2h"), functions.pause("shop-f"), *examples()),
)


@pytest.mark.parametrize("fault", EVERY, ids=str)
def test_a_fault_comes_back_as_it_was(fault: dwf.Fault) -> None:
    assert FaultPlan.from_json(FaultPlan([fault]).to_json()).faults == (fault,)


def test_each_kind_is_among_these() -> None:
    assert {fault.kind_name for fault in EVERY} == {kind for each in FAULTS for kind in each.KINDS}


def test_only_what_says_something_is_written() -> None:
    plan = FaultPlan([crash.after_effect("charge"), functions.pause("f", for_="5s")])

    assert json.loads(plan.to_json()) == {
        "format": 1,
        "faults": [
            {"kind": "crash.after_effect", "step": "charge"},
            {"kind": "functions.pause", "function": "f", "for": 5000},
        ],
    }


def test_durations_are_read_as_users_write_them() -> None:
    text = '{"format": 1, "faults": [{"kind": "steps.slow", "by": "5s"}]}'

    assert FaultPlan.from_json(text).faults == (steps.slow(by=5000),)


def one(fault: str) -> str:
    return f'{{"format": 1, "faults": [{{"kind": "crash.before"}}, {fault}]}}'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nonsense", "a plan is 'nonsense'; that is no JSON"),
        ("[]", r"a plan is \[\]; it is an object of two fields"),
        ('{"format": 1}', "it is an object of two fields"),
        ('{"format": 2, "faults": []}', "format 2; this version of dwf_sim reads format 1"),
        ('{"format": true, "faults": []}', "format True; this version"),
        ('{"format": 1, "faults": {}}', "faults is {}; it is a list"),
        (one("3"), "fault 2 of the plan is 3; it is an object with a kind"),
        (one('{"kind": 3}'), "fault 2 of the plan is .*; it is an object with a kind"),
        (one('{"kind": "crash.befor"}'), "kind 'crash.befor'; did you mean crash.before?"),
        (one('{"kind": "steps.slow"}'), "fault 2 of the plan, steps.slow, lacks by"),
        (one('{"kind": "crash.before", "stp": "a"}'), "field 'stp'; did you mean step?"),
        (one('{"kind": "crash.before", "phase": "inside"}'), "has a field 'phase'; it is one of"),
        (one('{"kind": "events.drop", "step": "a"}'), "has a field 'step'; .*chance, event, nth"),
        (one('{"kind": "crash.before", "step": 3}'), "crash.before: step of a fault is 3"),
        (one('{"kind": "crash.before", "times": 0}'), "crash.before: times is 0"),
        (one('{"kind": "steps.slow", "by": "soon"}'), "fault 2 of the plan, steps.slow: .*soon"),
        (one('{"kind": "response.gateway", "status": "502"}'), "response.gateway: status is '502'"),
        (one('{"kind": "crash.inside", "at_await": "1"}'), "crash.inside: at_await is '1'"),
        (one('{"kind": "crash.before", "at_effect": 1}'), "a field 'at_effect'; it is one of"),
        (one('{"kind": "events.drop", "after": "5s"}'), "a field 'after'; it is one of"),
        (one('{"kind": "events.reorder", "by": "5s"}'), "a field 'by'; it is one of"),
        (one('{"kind": "events.delay", "after": "5s"}'), "a field 'after'; it is one of by"),
        (one('{"kind": "events.delay"}'), "fault 2 of the plan, events.delay, lacks by"),
        (one('{"kind": "events.delay", "by": null}'), "by is None; say how late the event is"),
        (one('{"kind": "clock.jump", "by": "1h"}'), "fault 2 of the plan, clock.jump, lacks at"),
        (one('{"kind": "clock.skew", "by": "1h", "at": 5}'), "a field 'at'; it is one of"),
        (one('{"kind": "clock.skew", "by": "1h", "times": 2}'), "a field 'times'; it is one of"),
        (one('{"kind": "deploy.new_version", "version": "shop:app"}'), "lacks at"),
        (
            one('{"kind": "crash.inside", "at_await": 1, "at_effect": 1}'),
            "at_await is 1 and at_effect is 1; .*give one of them",
        ),
        (
            one('{"kind": "server.restart", "at": "5s", "phase": "before"}'),
            "at is 5000 ms and phase is 'before'; .*leave out at, or phase",
        ),
        (
            one('{"kind": "worker.restart", "at_effect": 1, "phase": "before"}'),
            "at_effect is 1 and phase is 'before'; .*leave out at_effect, or the phase",
        ),
    ],
)
def test_what_is_no_plan_is_told_where(text: str, error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        FaultPlan.from_json(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"kind": "response.gateway"}', response.gateway()),
        ('{"kind": "worker.restart", "at_effect": 2}', worker.restart(at_effect=2)),
        ('{"kind": "events.delay", "by": "5s"}', events.delay(by="5s")),
        ('{"kind": "clock.jump", "by": 1, "at": 0}', clock.jump(by=1, at=0)),
    ],
)
def test_what_is_left_out_is_as_where_faults_are_made(text: str, fault: dwf.Fault) -> None:
    assert FaultPlan.from_json(f'{{"format": 1, "faults": [{text}]}}').faults == (fault,)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Crash(phase="before", at_effect=2), "at_effect is 2; crash.before has no at_eff"),
        (lambda: Crash(phase="after_ack", at_await=1), "at_await is 1; crash.after_ack has no at_"),
        (
            lambda: EventFault(kind="drop", after=5),
            "after is 5; events.drop has no after, it takes",
        ),
        (lambda: crash.before(run=""), "run of a fault is ''; it must be a text that is not empty"),
        (lambda: events.drop(""), "event of a fault is ''; it must be a text that is not empty"),
        (lambda: EventFault(kind="delay"), "by is None; say how late the event is"),
        (lambda: worker.restart(at=5, phase="inside"), "leave out at, or phase"),
        (lambda: worker.zombie(phase="after_effect", at_await=1), "leave out at_await, or the ph"),
    ],
)
def test_what_says_nothing_in_a_kind_is_refused(make: Callable[[], object], error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        make()


def test_an_app_as_an_object_cannot_be_written() -> None:
    plan = FaultPlan([deploy.new_version(dwf.App("shop"), at=0)])

    with pytest.raises(ConfigError, match=r"version of deploy.new_version is .*give it as a text"):
        plan.to_json()


def test_what_is_read_strikes_as_what_was_written() -> None:
    def digest(plan: FaultPlan) -> str:
        app = dwf.App("a")

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def f(ctx: dwf.Context) -> object:
            return [await ctx.step.run(name, int) for name in "abc"]

        sim = dwf.Simulation(seed=3, faults=plan).serve(app)
        sim.send("go")
        sim.run_until_idle()
        assert sim.faults_struck
        return sim.trace.digest()

    plan = FaultPlan([crash.after_effect(chance=0.5, times=None), response.lose("b")])

    assert digest(plan) == digest(FaultPlan.from_json(plan.to_json()))
