"""The machine for flow control: what it plays, what it finds, and how that is told."""

from __future__ import annotations

import io
import os
import unittest
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, run_state_machine_as_test

import dwf_sim as dwf
from dwf_sim import strategies
from dwf_sim.engine import engine
from dwf_sim.flow.concurrency import ConcurrencyLimits, FunctionGate
from dwf_sim.flow.debounce import Debouncing
from dwf_sim.model.messages import FunctionSwitched
from dwf_sim.strategies.aims import aims_of
from tests.mutants.mutant import Patch

MACHINES = int(os.environ.get("DWF_MACHINES", "4"))
STEPS = 50 if MACHINES > 4 else 20
PEOPLE = strategies.events("signup", {"user": st.sampled_from(["ann", "bob"])})
SIGNUP = dwf.TriggerEvent(event="signup")
short = settings(
    max_examples=400,
    stateful_step_count=6,
    phases=(Phase.generate, Phase.shrink),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def app(**functions: dict[str, Any]) -> dwf.App:
    """Make an app of functions with one step, by their settings."""
    made = dwf.App("shop")

    async def mail(ctx: dwf.Context) -> None:
        await ctx.step.run("mail", lambda: None)

    for name, given in functions.items():
        made.create_function(fn_id=name, trigger=SIGNUP, **given)(mail)
    return made


class Greet(strategies.FlowControlMachine):
    functions = app(greet={"concurrency": 1})
    events = "signup"


class Switched(Greet):
    without = () if MACHINES > 4 else ("advance", "cancel", "cancel_by_event", "deploy")


class Digest(strategies.FlowControlMachine):
    without = ("cancel", "cancel_by_event", "pause", "resume", "deploy")
    functions = app(digest={"debounce": dwf.Debounce(period="30s")})
    events = "signup"


class Everything(strategies.FlowControlMachine):
    """All there is of flow control, and a deploy that changes much of it."""

    functions = app(
        greet={"concurrency": [dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key="'a'")]},
        digest={"debounce": dwf.Debounce(period="30s", key="event.data.user", timeout="1m")},
        pack={"batch_events": dwf.Batch(max_size=3, timeout="20s")},
        only={"singleton": dwf.Singleton(mode="cancel", key="event.data.user")},
        slow={"throttle": dwf.Throttle(limit=1, period="10s"), "cancel": [dwf.Cancel("left")]},
        rare={"rate_limit": dwf.RateLimit(limit=20, period="1m"), "retries": 0},
    )
    events = PEOPLE
    versions = {"later": lambda: app(greet={"concurrency": 3}, digest={}, slow={"priority": None})}


class TestEverything(Everything.TestCase):  # type: ignore[misc,name-defined]  # Made by Hypothesis.
    settings = settings(short, max_examples=MACHINES, stateful_step_count=STEPS)


def frees_slots_of_others(patch: Patch) -> None:
    """When a function goes on, nobody counts as in flight."""
    handle = engine.Engine.handle

    def forgetful(self: Any, now: int, message: Any) -> Any:
        if isinstance(message, FunctionSwitched) and not message.is_paused:
            for policy in self.state.dispatch:
                if isinstance(policy, ConcurrencyLimits):
                    for slots in policy._slots.values():
                        slots.taken = 0
        return handle(self, now, message)

    def leave(self: Any) -> None:
        for gate in (self.own, self.account):
            gate.slots.taken = max(0, gate.slots.taken - 1)

    patch.setattr(engine.Engine, "handle", forgetful)
    patch.setattr(FunctionGate, "leave", leave)


def waits_for_the_first_only(patch: Patch) -> None:
    """What is held longer for a newer event is let go when the first would have been."""
    admit = Debouncing.admit

    def hasty(self: Any, now: int, arrival: Any) -> Any:
        ends = {key: window.until for key, window in self._held.items()}
        verdict = admit(self, now, arrival)
        for key, until in ends.items():
            self._held[key].until = until
        return verdict

    patch.setattr(Debouncing, "admit", hasty)


@pytest.mark.parametrize(
    ("machine", "plant", "broken", "rules"),
    [
        (Switched, frees_slots_of_others, "concurrency kept", {"send", "pause", "resume"}),
        (Digest, waits_for_the_first_only, "debounce keeps newest", {"send", "advance"}),
    ],
)
def test_a_planted_defect_is_found_and_shown_in_few_steps(
    machine: type[strategies.FlowControlMachine],
    plant: Callable[[Patch], None],
    broken: str,
    rules: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)

    error = found(machine)

    assert str(error).startswith(f"{broken}: ")
    assert len(steps(error)) <= 5
    assert {step.split("(")[0] for step in steps(error)} <= {f"state.{rule}" for rule in rules}


class Few(Greet):
    """Demands what is not so, and does nothing but send."""

    without = ("advance", "cancel", "cancel_by_event", "pause", "resume", "deploy")

    @invariant()
    def few(self) -> None:
        """Let there be two runs at most."""
        assert len(self.simulation.runs) < 3, "three runs"


def test_what_is_found_is_the_same_again_and_can_be_pasted() -> None:
    first, again = found(Few, AssertionError), found(Few, AssertionError)

    assert first.__notes__ == again.__notes__
    assert steps(first) == ["state.send(event=dwf_sim.Event('signup'))"] * 3
    lines = "\n".join(first.__notes__).splitlines()
    assert "Repeat it: " in lines[-1] or any(line.startswith("Repeat it: ") for line in lines)
    code = [line.strip() for line in lines if line.strip().startswith("state")]
    with pytest.raises(AssertionError, match="three runs"):
        exec("\n".join(code), {"Few": Few, "dwf_sim": dwf})


def test_unittest_shows_the_steps_and_the_screen() -> None:
    case = Few.TestCase("runTest")
    type(case).settings = short
    told = io.StringIO()

    unittest.TextTestRunner(told).run(case)

    text = told.getvalue()
    assert "state.send(event=dwf_sim.Event('signup'))" in text
    assert "seed 0, faults: no faults" in text
    assert "scheduled: shop-greet#3" in text
    assert "after: import dwf_sim; from tests.strategies.test_machine import Few" in text


def test_pytest_shows_them_and_how_far_hypothesis_got(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(
        test_greet="""
        from hypothesis import settings
        from tests.strategies.test_machine import Few, Greet, short

        TestFew = Few.TestCase
        TestFew.settings = short
        TestGreet = Greet.TestCase
        TestGreet.settings = settings(short, max_examples=3)
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--hypothesis-show-statistics")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*state.send(event=dwf_sim.Event('signup'))",
            "*state.teardown()",
            "*seed 0, faults: no faults",
            "*scheduled: shop-greet#3",
            "*Repeat it: pytest 'test_greet.py::TestFew::runTest', or the steps above, after: *",
            "*(label='longest queue')",
            "*(label='requests in flight')",
            "*(label='states reached')",
        ]
    )


def test_functions_of_the_sdk_are_played() -> None:
    inngest = pytest.importorskip("inngest", reason="its functions are served")

    def made(limit: int) -> Any:
        client = inngest.Inngest(app_id="shop", is_production=False)

        @client.create_function(
            fn_id="greet",
            trigger=inngest.TriggerEvent(event="signup"),
            concurrency=[inngest.Concurrency(limit=limit)],
            cancel=[inngest.Cancel(event="left")],
        )
        async def greet(ctx: Any) -> None:
            await ctx.step.run("mail", lambda: None)

        return client, [greet]

    class Sdk(strategies.FlowControlMachine):
        versions = {"three at once": lambda: made(3)}

        def functions(self) -> Any:
            return made(1)

    run_state_machine_as_test(Sdk, settings=settings(short, max_examples=3))

    state = Sdk()
    for _ in range(4):
        state.send(event="signup")
    state.deploy(version="three at once")
    state.cancel_by_event(event=state.cancelling_events[0])
    state.teardown()
    assert {run.status for run in state.simulation.runs} == {"cancelled"}
    assert state.simulation.events[0].name == "signup"


def test_each_rule_does_what_it_says() -> None:
    state = Everything()
    state.send(event=dwf.Event("signup", {"user": "ann"}))
    state.cancel(run="shop-greet#1")
    state.advance(duration="1s")
    assert state.running_functions[0] == "shop-greet"
    state.pause(function="shop-greet")
    assert "shop-greet" not in state.running_functions
    state.send(event=dwf.Event("signup", {"user": "bob"}))
    (event,) = [each for each in state.cancelling_events if each.data["user"] == "bob"]
    state.cancel_by_event(event=event)
    state.deploy(version="later")
    state.resume(function="shop-greet")
    state.send(event=dwf.Event("signup", {"user": "ann"}))
    state.check()
    state.teardown()

    statuses = {run.label: run.status for run in state.simulation.runs}
    assert statuses["shop-greet#1"] == statuses["shop-slow#2"] == "cancelled"
    assert statuses["shop-greet#2"] == statuses["shop-digest#2"] == "completed"


def test_what_cancels_has_the_data_of_the_run_it_is_for() -> None:
    made = dwf.App("shop")
    stop = [dwf.Cancel("stop", match="data.n")]

    @made.create_function(fn_id="inner", trigger=dwf.TriggerEvent(event="in"), cancel=stop)
    async def inner(ctx: dwf.Context) -> None:
        await ctx.step.sleep("rest", "1h")

    @made.create_function(fn_id="outer", trigger=dwf.TriggerEvent(event="out"), cancel=stop)
    async def outer(ctx: dwf.Context) -> None:
        await ctx.step.invoke("inner", function=inner, data={"n": 2})

    class Nested(strategies.FlowControlMachine):
        functions = made
        events = dwf.Event("out", {"n": 1})

    state = Nested()
    state.send(event=Nested.events)
    state.advance(duration="1m")

    assert state.cancelling_events == [dwf.Event("stop", {"n": 1}), dwf.Event("stop", {"n": 2})]
    state.teardown()


def test_what_must_be_true_in_the_end_is_asked_before_it_is_closed() -> None:
    class Ended(Greet):
        def settled(self) -> None:
            assert [run.status for run in self.simulation.runs] == ["completed"] * 2, "two runs"

    for sent in (2, 3):
        state = Ended()
        for _ in range(sent):
            state.send(event="signup")
        with nullcontext() if sent == 2 else pytest.raises(AssertionError, match="two runs"):
            state.teardown()


@pytest.mark.parametrize(
    ("without", "error"),
    [
        ("pause", r"without is 'pause'; give a list, such as \['pause'\]"),
        (["puase"], r"without has 'puase'; did you mean pause\? it is one of advance, cancel"),
    ],
)
def test_what_is_left_out_is_a_rule(without: Any, error: str) -> None:
    with pytest.raises(dwf.ConfigError, match=error):
        type("Odd", (Greet,), {"without": without})


def test_a_rule_can_be_left_out() -> None:
    assert [rule.function.__name__ for rule in Few.setup_state().rules] == ["send"]


def test_spans_follow_from_the_settings() -> None:
    assert Digest()._spans == ["1s", "15s", "30s", "31s", "1m", "1h"]


def test_what_is_promised_is_demanded_at_the_end() -> None:
    state = Greet()
    state.simulation.sometimes("a run", lambda: bool(state.simulation.runs))
    state.simulation.eventually("two runs", lambda: len(state.simulation.runs) == 2)
    state.send(event="signup")

    with pytest.raises(dwf.InvariantViolated, match="eventually 'two runs' never happened"):
        state.teardown()


def test_aims_are_what_a_trace_has_come_to() -> None:
    state = Greet()
    state.send(event="signup")
    state.send(event="signup")
    state.teardown()

    figures = aims_of(state.simulation.trace)

    assert figures.pop("states reached") > 10
    assert figures == {"longest queue": 1, "requests in flight": 1}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"functions": None}, "Odd has no functions; say in its body which: functions = app"),
        ({"options": {"latncy": 1}}, r"options of Odd was given latncy=.*did you mean latency\?"),
        ({"options": {"pilot": True}}, "options of Odd was given pilot="),
        ({"versions": [1]}, r"versions is \[1\]; give a dict that names each"),
        ({"spans": ["-5s"]}, "spans has '-5s'; time only goes forward"),
        ({"events": []}, "events is an empty list"),
        ({"events": 7}, "events has 7; give an Event, a name"),
    ],
)
def test_what_cannot_be_played_is_refused(given: dict[str, Any], error: str) -> None:
    odd: Callable[[], object] = type("Odd", (Greet,), given)

    with pytest.raises(dwf.ConfigError, match=error):
        odd()


def found(machine: type[Any], kind: type[Exception] = dwf.InvariantViolated) -> Exception:
    """Give what Hypothesis ends with."""
    with pytest.raises(kind) as caught:
        run_state_machine_as_test(machine, settings=short)
    return caught.value


def steps(error: Exception) -> list[str]:
    """List the steps that it shows, but for those that check and end."""
    lines = [line.strip() for note in error.__notes__ for line in note.splitlines()]
    checks = ("state.check()", "state.few()", "state.teardown()")
    return [line for line in lines if line.startswith("state.") and line not in checks]
