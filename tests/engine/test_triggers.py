"""Triggers: which functions an event starts, and in which order."""

from __future__ import annotations

import pytest

from dwf_sim.engine.triggers import TriggerIndex, patterns
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.messages import FunctionsServed
from dwf_sim.model.records import AppServed
from tests.engine.bench import Bench, function, invoke, returned


def started(bench: Bench, name: str) -> list[str]:
    """Send an event and name the functions it started."""
    return [run.function.id for run in bench.send(name)]


@pytest.mark.rule("B33")
@pytest.mark.parametrize(
    ("trigger", "event"),
    [
        ("app/user.created", "app/user.created"),
        ("app/*", "app/user.created"),
        ("app/user.*", "app/user.created"),
        ("a.*", "a.b/c"),
        ("a.b/*", "a.b/c"),
        ("a/b/*", "a/b/c"),
        ("a/*", "a/b/c"),
        ("a/*", "a/"),
    ],
)
def test_a_trigger_takes_its_own_name_and_everything_below_its_prefix(
    trigger: str, event: str
) -> None:
    bench = Bench(function("f", trigger))

    names = started(bench, event)

    assert names == ["app-f"]


@pytest.mark.rule("B33")
@pytest.mark.parametrize(
    ("trigger", "event"),
    [
        ("*", "go"),
        ("go*", "gone"),
        ("app/*/created", "app/user/created"),
        ("app/us*", "app/user"),
        ("App/*", "app/user"),
        ("app/user", "App/user"),
        ("app/*", "app"),
        ("app/user.*", "app/user"),
        ("b.*", "a.b.c"),
    ],
)
def test_a_trigger_takes_no_other_name(trigger: str, event: str) -> None:
    bench = Bench(function("f", trigger))

    names = started(bench, event)

    assert names == []


@pytest.mark.rule("B33")
def test_the_patterns_of_a_name_are_cut_at_its_slashes_and_dots() -> None:
    accepted = patterns("app/user.created")

    assert accepted == ("app/user.created", "app/*", "app/user.*")


@pytest.mark.rule("B35")
def test_a_function_is_started_once_by_an_event_that_two_of_its_triggers_match() -> None:
    bench = Bench(function("f", "a/*", "a/b", "a/b"))

    names = started(bench, "a/b")

    assert names == ["app-f"]


@pytest.mark.rule("B29")
def test_every_trigger_of_a_function_can_start_it() -> None:
    events = [f"event/{number}" for number in range(10)]
    bench = Bench(function("f", *events))

    names = [started(bench, event) for event in events]

    assert names == [["app-f"]] * 10


@pytest.mark.rule("B29", "B37", "A132")
def test_a_function_without_triggers_runs_when_it_is_invoked_and_only_then() -> None:
    bench = Bench(function("f"), FunctionConfig("app-child", "app", "child", ()))
    bench.start()

    bench.answer(invoke("call", "app-child"))

    assert [run.function.id for run in bench.runs] == ["app-f", "app-child"]
    assert started(bench, "go") == ["app-f"]


def test_functions_start_in_the_order_of_their_registration() -> None:
    bench = Bench(function("z"), function("a"), function("m", "other"), function("k"))

    names = started(bench, "go")

    assert names == ["app-z", "app-a", "app-k"]


def test_a_function_registered_again_takes_the_place_of_the_old_one() -> None:
    bench = Bench(function("f", "old"), function("g", "old", "new"))

    started(bench, "new")
    bench.tell(FunctionsServed((function("f", "new"),)))

    assert started(bench, "old") == ["app-g"]
    assert started(bench, "new") == ["app-f", "app-g"]
    assert bench.seen(AppServed) == [AppServed(("app-f", "app-g")), AppServed(("app-f",))]


@pytest.mark.rule("B28", "A174")
def test_events_of_the_engine_start_functions_as_any_other() -> None:
    bench = Bench(function("f"), function("audit", "inngest/*"))
    run = bench.start()

    bench.answer(returned(1))

    assert [r.function.id for r in bench.runs] == ["app-f", "app-audit"]
    assert bench.runs[1].events[0].run_id == run.id


def test_an_index_knows_functions_by_their_id() -> None:
    index, bench = TriggerIndex(), Bench()

    index.serve((function("f", "a/*"), function("g", "b")))
    found = list(index.named(bench.store("a/b"), now=0))

    assert [(f.id, is_taken) for f, is_taken in found] == [("app-f", True)]
    assert list(index.functions) == ["app-f", "app-g"]
