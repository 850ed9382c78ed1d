"""Settings that cannot be: each is refused where it is given, with what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import (
    Event,
    TriggerEvent,
    crash,
)
from dwf_sim.faults import FAULTS, Fault, FaultPlan
from tests.faults.examples import EXAMPLES


async def _nothing(ctx: dwf.Context) -> None:
    pass


def function(trigger: Any = (), handler: Any = _nothing, **rest: Any) -> dwf.Function[Any]:
    """Make a function of an app of its own."""
    return dwf.App("app").create_function(fn_id="f", trigger=trigger, **rest)(handler)


def simulation(**rest: Any) -> dwf.Simulation:
    """Make a simulation, whatever the types say."""
    return dwf.Simulation(**rest)


# What the classes of flow control are given: keywords, and what is said of the one that is wrong.
SETTINGS: list[tuple[Callable[..., object], dict[str, object], str]] = [
    (dwf.Concurrency, {"limit": "5"}, "limit of a Concurrency is '5'; it must be an int"),
    (dwf.Concurrency, {"limit": True}, "limit of a Concurrency is True; it must be an int"),
    (dwf.Concurrency, {"limit": 1, "key": 5}, "key of a Concurrency is 5; it must be a text"),
    (
        dwf.Concurrency,
        {"limit": 1, "scope": "app"},
        "scope of a Concurrency is 'app'; it is one of None, 'fn', 'env', 'account'",
    ),
    (dwf.Throttle, {"limit": 1.5, "period": 9}, "limit of a Throttle is 1.5; it must be an int"),
    (dwf.Throttle, {"limit": 1, "period": -1}, "period of a Throttle is -1 ms; time only goes"),
    (
        dwf.Throttle,
        {"limit": 1, "period": 9, "burst": None},
        "burst of a Throttle is None; it must be an int",
    ),
    (dwf.Throttle, {"limit": 1, "period": 9, "key": 5}, "key of a Throttle is 5; it must be a"),
    (dwf.RateLimit, {"limit": "1", "period": 9}, "limit of a RateLimit is '1'; it must be an"),
    (dwf.RateLimit, {"limit": 1, "period": -1}, "period of a RateLimit is -1 ms; time only"),
    (dwf.RateLimit, {"limit": 1, "period": 9, "key": 5}, "key of a RateLimit is 5; it must be"),
    (dwf.Debounce, {"period": "-5s"}, "period of a Debounce is -5000 ms; time only goes forward"),
    (dwf.Debounce, {"period": 9, "key": 5}, "key of a Debounce is 5; it must be a text"),
    (dwf.Debounce, {"period": 9, "timeout": -1}, "timeout of a Debounce is -1 ms; time only"),
    (dwf.Batch, {"max_size": "5"}, "max_size of a Batch is '5'; it must be an int"),
    (dwf.Batch, {"max_size": 5, "timeout": -1}, "timeout of a Batch is -1 ms; time only goes"),
    (dwf.Batch, {"max_size": 5, "key": 5}, "key of a Batch is 5; it must be a text"),
    (dwf.Batch, {"max_size": 5, "if_exp": 5}, "if_exp of a Batch is 5; it must be a text"),
    (dwf.Priority, {"run": 5}, "run of a Priority is 5; it must be a text"),
    (dwf.Singleton, {"mode": "wait"}, "mode of a Singleton is 'wait'; it is one of 'skip'"),
    (dwf.Singleton, {"mode": "skip", "key": 5}, "key of a Singleton is 5; it must be a text"),
]
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: dwf.Simulation().serve("app"), "serve was given 'app'; it takes an App"),
    (lambda: dwf.Simulation().serve(_nothing), "serve was given _nothing; it takes an App"),
    (
        lambda: dwf.Simulation().serve(dwf.App("a"), []),
        "serve was given 2 things, and takes one: an App, a list of functions, or a client",
    ),
    (lambda: dwf.Simulation().serve(None), "serve was given None; it takes an App"),
    (lambda: function(None), "trigger of 'f' is None; a trigger is TriggerEvent"),
    (lambda: function("order/created"), "trigger of 'f' is 'order/created'; a trigger is"),
    (lambda: function(["order/created"]), "trigger of 'f' is 'order/created'; a trigger is"),
    (lambda: function(name=5), "name of 'f' is 5; it must be a text"),
    (lambda: function(on_failure=5), "on_failure of 'f' is 5; it must be a function"),
    (lambda: function(handler=5), "handler of 'f' is 5; it must be a function"),
    (lambda: function(cancel=dwf.Cancel("x")), "cancel of 'f' is Cancel(event='x'"),
    (lambda: function(timeouts="1h"), "timeouts of 'f' is '1h'; it is Timeouts("),
    (lambda: function(checkpointing=3), "checkpointing of 'f' is 3; it is Checkpointing("),
    (lambda: dwf.App("a", checkpointing="10s"), "checkpointing of 'a' is '10s'; it is Check"),
    (lambda: dwf.Checkpointing(buffered_steps=0), "buffered_steps of a Checkpointing is 0; allow"),
    (lambda: dwf.Checkpointing(max_runtime="-1s"), "max_runtime of a Checkpointing is '-1s'; give"),
    (lambda: dwf.Checkpointing(max_interval="soon"), "max_interval of a Checkpointing: "),
    (lambda: dwf.Checkpointing(max_interval=None), "max_interval of a Checkpointing: None is a"),
    (lambda: function(concurrency="5"), "concurrency of 'f' is '5'; it is an int, Concurrency("),
    (lambda: function(concurrency=True), "concurrency of 'f' is True; it is an int, Concurrency("),
    (lambda: function(concurrency=[5]), "concurrency of 'f' is 5; it is an int, Concurrency("),
    (lambda: function(batch_events={}), "batch_events of 'f' is {}; make it with Batch(…)"),
    (lambda: function(debounce="5s"), "debounce of 'f' is '5s'; make it with Debounce(…)"),
    (lambda: function(priority="1"), "priority of 'f' is '1'; make it with Priority(…)"),
    (lambda: function(rate_limit=5), "rate_limit of 'f' is 5; make it with RateLimit(…)"),
    (lambda: function(singleton="skip"), "singleton of 'f' is 'skip'; make it with Singleton("),
    (lambda: function(throttle=5), "throttle of 'f' is 5; make it with Throttle(…)"),
    (lambda: function(idempotency=5), "idempotency of 'f' is 5; it must be a text"),
    (lambda: TriggerEvent(event=5), "event of a TriggerEvent is 5; it must be a text"),
    (lambda: TriggerEvent(event=""), "event of a TriggerEvent is ''; it must be a text"),
    (lambda: TriggerEvent("x", 5), "expression of a TriggerEvent is 5; it must be a text"),
    (lambda: dwf.Cancel(5), "event of a Cancel is 5; it must be a text"),
    (lambda: dwf.Cancel("x", match=5), "match of a Cancel is 5; it must be a text"),
    (lambda: dwf.Cancel("x", if_exp=5), "if_exp of a Cancel is 5; it must be a text"),
    (lambda: dwf.Cancel("x", timeout=-1), "timeout of a Cancel is -1 ms; time only goes forward"),
    (lambda: dwf.Timeouts(start="-1s"), "start of Timeouts is -1000 ms; time only goes forward"),
    (lambda: dwf.Timeouts(finish=-1), "finish of Timeouts is -1 ms; time only goes forward"),
    (lambda: dwf.TriggerCron(5), "cron of a TriggerCron is 5; it must be a text"),
    (lambda: dwf.TriggerCron(""), "cron of a TriggerCron is ''; it must be a text"),
    (lambda: simulation(seed="x"), "seed is 'x'; it must be an int"),
    (lambda: simulation(start="2030"), "start is '2030'; give a datetime with a zone"),
    (lambda: simulation(trace_bound=-1), "trace_bound is -1; allowed are ints from 1 on"),
    (lambda: simulation(trace_bound="9"), "trace_bound is '9'; allowed are ints from 1 on"),
    (lambda: simulation(allow="threads"), "allow is 'threads'; give a list, such as allow=["),
    (lambda: simulation(allow=None), "allow is None; give a list"),
    (lambda: simulation(latency="5ms"), "latency is '5ms'; make it with Latency(…)"),
    (lambda: simulation(budget=5), "budget is 5; make it with Budget(…)"),
    (lambda: simulation(quirks=5), "quirks is 5; make it with Quirks(…)"),
    (lambda: dwf.Quirks(debounce_fires_late="no"), "debounce_fires_late is 'no'; a quirk is True"),
    (lambda: dwf.Quirks(frob=True), "there is no quirk 'frob'; there are cancelled_invoke_res"),
    (lambda: simulation(limits=5), "limits is 5; make it with Limits(…)"),
    (lambda: simulation(faults="crash"), "fault is 'crash'; a plan holds faults such as"),
    (lambda: simulation(faults=None), "fault is None; a plan holds faults such as"),
    (lambda: simulation(faults=Fault()), "fault is Fault("),
    (lambda: dwf.Latency(request=(1, 2, 3)), "latency is (1, 2, 3); a latency is a duration"),
    (lambda: dwf.Latency(hop=-1), "latency is -1; a latency is a duration"),
    (lambda: dwf.Budget(steps=-5), "steps of a Budget is -5; allowed are ints from 1 on"),
    (lambda: dwf.Budget(steps="9"), "steps of a Budget is '9'; allowed are ints from 1 on"),
    (lambda: dwf.Budget(virtual=-1), "virtual of a Budget is -1 ms; time only goes forward"),
    (lambda: dwf.Limits(steps=0), "steps of Limits is 0; allowed are ints from 1 on"),
    (lambda: dwf.Limits(event_bytes="1"), "event_bytes of Limits is '1'; allowed are ints from 1"),
    (lambda: crash.before(5), "step of a fault is 5; it must be a text"),
    (lambda: crash.before(run=5), "run of a fault is 5; it must be a text"),
    (lambda: crash.before(attempt="0"), "attempt of a fault is '0'; allowed are ints from 0"),
    (lambda: crash.before(times="2"), "times is '2'; a fault strikes once or more often"),
    (lambda: crash.inside(at_await="2"), "at_await is '2'; the first await of a step is 1"),
    (lambda: dwf.Simulation().signal(5), "signal is 5; it must be a text"),
]


@pytest.mark.parametrize(("make", "text"), REFUSED, ids=[text[:40] for _, text in REFUSED])
def test_a_setting_that_cannot_be_is_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        make()

    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "given", "text"), SETTINGS, ids=[text[:40] for _, _, text in SETTINGS]
)
def test_a_setting_of_flow_control_that_cannot_be_is_refused(
    kind: Callable[..., object], given: dict[str, object], text: str
) -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        kind(**given)

    assert text in str(caught.value)


@pytest.mark.rule("B32", "B317")
def test_the_line_that_makes_a_function_says_what_the_engine_would_refuse() -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        function(rate_limit=dwf.RateLimit(limit=0, period="5s"))

    assert str(caught.value) == (
        "'f': limit must be greater than 0; the rate limit's is 0; give 1 or more"
    )


@pytest.mark.rule("B317")
def test_all_that_the_engine_would_refuse_is_said_at_once() -> None:
    with pytest.raises(dwf.ConfigError) as caught:
        function(
            [TriggerEvent("go"), TriggerEvent("go")],
            rate_limit=dwf.RateLimit(limit=0, period="5s"),
        )

    assert str(caught.value) == (
        "'f' has 2 problems:\n"
        "* duplicate trigger event: go; it is given more than once; leave out all but one\n"
        "* limit must be greater than 0; the rate limit's is 0; give 1 or more"
    )


def test_a_failure_handler_that_cannot_be_registered_is_refused() -> None:
    app = dwf.App("o'clock")

    with pytest.raises(dwf.ConfigError, match="'f-failure': invalid trigger expression"):
        app.create_function(fn_id="f", trigger=(), on_failure=_nothing)(_nothing)

    assert app.functions == {}


@pytest.mark.parametrize("given", [None, 5, "nope", []])
def test_only_a_run_can_be_cancelled(given: Any) -> None:
    with pytest.raises(dwf.UsageError, match=r"run is .*; the runs of this simulation are in"):
        dwf.Simulation().cancel(given)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Event("go", v=1), "event v is 1 (int); it must be a text, or None"),  # type: ignore[arg-type]  # Meant.
        (Event("go", {"x": math.nan}), "which has no NaN and no Infinity"),
        (Event("go", {"x": [math.inf]}), "which has no NaN and no Infinity"),
        (Event("go", user={"x": -math.inf}), "which has no NaN and no Infinity"),
        (Event("go", []), "event data is [] (list); it must be a mapping"),  # type: ignore[arg-type]  # Meant.
    ],
    ids=str,
)
def test_an_event_that_no_server_takes_is_refused(event: Event, text: str) -> None:
    sim = dwf.Simulation()

    with pytest.raises(dwf.SendEventsError) as caught:
        sim.send(event)

    assert text in str(caught.value)
    assert sim.events == []


def test_data_that_is_no_mapping_is_refused_even_when_it_is_empty() -> None:
    with pytest.raises(dwf.SendEventsError, match="event data is"):
        dwf.Simulation().send("go", [])  # type: ignore[arg-type]  # Meant.


def test_the_data_of_a_signal_is_json() -> None:
    with pytest.raises(dwf.UsageError, match="no NaN and no Infinity"):
        dwf.Simulation().signal("s", math.nan)


def test_the_texts_of_numbers_that_json_lacks_are_only_texts() -> None:
    sim = dwf.Simulation()

    sim.send("go", {"x": "NaN"})

    assert sim.events[0].data == {"x": "NaN"}


@pytest.mark.rule("B300")
def test_an_app_without_functions_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="No functions registered within your app"):
        dwf.Simulation().serve(dwf.App("empty"))


def test_one_function_can_be_served() -> None:
    sim = dwf.Simulation().serve(function(TriggerEvent("go")))

    assert len(sim.send("go").runs) == 1


def test_a_function_without_triggers_is_only_invoked() -> None:
    assert function([]).config.triggers == ()


def test_one_fault_is_a_plan() -> None:
    fault = crash.before()

    assert dwf.Simulation(faults=fault).faults == FaultPlan([fault])


def test_each_kind_of_fault_that_can_be_made_can_be_planned() -> None:
    made = tuple(fault for _, fault in EXAMPLES.values())

    assert FaultPlan(made).faults == made
    assert {type(fault) for fault in made} == set(FAULTS)


def test_a_crash_before_anything_says_that_the_handler_counts() -> None:
    assert str(crash.before()) == "kill the worker before the handler or a step began"
    assert str(crash.before("")) == "kill the worker before the handler began"
    assert str(crash.before("charge")) == "kill the worker before `charge` began"
