"""Settings that cannot be: each is refused where it is given, with what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import Event, TriggerEvent, crash, response
from dwf_sim.faults import FAULTS, Fault, FaultPlan


async def _nothing(ctx: dwf.Context) -> None:
    pass


def function(trigger: Any = (), handler: Any = _nothing, **rest: Any) -> dwf.Function[Any]:
    """Make a function of an app of its own."""
    return dwf.App("app").create_function(fn_id="f", trigger=trigger, **rest)(handler)


def simulation(**rest: Any) -> dwf.Simulation:
    """Make a simulation, whatever the types say."""
    return dwf.Simulation(**rest)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: dwf.Simulation().serve("app"), "serve was given 'app'; it takes an App"),
    (lambda: dwf.Simulation().serve(_nothing), "serve was given _nothing; it takes an App"),
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
    (lambda: simulation(seed="x"), "seed is 'x'; it must be an int"),
    (lambda: simulation(start="2030"), "start is '2030'; give a datetime with a zone"),
    (lambda: simulation(trace_bound=-1), "trace_bound is -1; allowed are ints from 1 on"),
    (lambda: simulation(trace_bound="9"), "trace_bound is '9'; allowed are ints from 1 on"),
    (lambda: simulation(allow="threads"), "allow is 'threads'; give a list, such as allow=["),
    (lambda: simulation(allow=None), "allow is None; give a list"),
    (lambda: simulation(latency="5ms"), "latency is '5ms'; make it with Latency(…)"),
    (lambda: simulation(budget=5), "budget is 5; make it with Budget(…)"),
    (lambda: simulation(quirks=5), "quirks is 5; make it with Quirks(…)"),
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


def test_one_function_can_be_served() -> None:
    sim = dwf.Simulation().serve(function(TriggerEvent("go")))

    assert len(sim.send("go").runs) == 1


def test_a_function_without_triggers_is_only_invoked() -> None:
    assert function([]).config.triggers == ()


def test_one_fault_is_a_plan() -> None:
    fault = crash.before()

    assert dwf.Simulation(faults=fault).faults == FaultPlan([fault])


def test_each_kind_of_fault_that_can_be_made_can_be_planned() -> None:
    made = (crash.before(), crash.inside(), crash.after_effect(), response.lose())

    assert FaultPlan(made).faults == made
    assert {type(fault) for fault in made} == set(FAULTS)


def test_a_crash_before_anything_says_that_the_handler_counts() -> None:
    assert str(crash.before()) == "kill the worker before the handler or a step began"
    assert str(crash.before("")) == "kill the worker before the handler began"
    assert str(crash.before("charge")) == "kill the worker before `charge` began"
