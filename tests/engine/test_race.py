"""Races: every step that is done leads back to the handler, and losers are not forgotten."""

from __future__ import annotations

import attrs
import pytest

from dwf_sim.model.records import JobRepeated
from tests.engine.bench import (
    DAY,
    HOUR,
    MINUTE,
    Bench,
    function,
    invoke,
    memos,
    planned,
    ran,
    returned,
    sleep,
    targets,
    wait,
)
from tests.engine.endings import ENDINGS, discovery


@pytest.mark.rule("A32")
def test_in_a_race_every_step_that_is_done_leads_back_to_the_handler() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("a1", race=True), planned("b1", race=True))

    bench.answer(ran("a1", race=True), to=bench.targeted("a1"))
    bench.answer(planned("a2", race=True), planned("b1", race=True), to=bench.open[1])
    bench.answer(ran("a2", race=True), to=bench.targeted("a2"))
    bench.answer(planned("b1", race=True), to=bench.open[1])
    bench.answer(ran("b1", race=True))
    bench.answer(planned("b2", race=True))
    bench.answer(ran("b2", race=True))
    bench.answer(returned())

    order = targets(run, bench.requests)
    assert order == [None, "a1", "b1", None, "a2", None, None, "b2", None]
    assert len(bench.requests) == 9
    assert list(memos(run)) == ["a1", "a2", "b1", "b2"]


@pytest.mark.rule("A32")
@pytest.mark.parametrize("kind", ENDINGS)
def test_in_a_race_every_kind_of_step_leads_back_at_once(kind: str) -> None:
    op, happens = ENDINGS[kind]
    bench = Bench(function("f", retries=0), function("child", "never"))
    bench.start()
    bench.answer(attrs.evolve(op, race=True), wait("slow", "never", "9h", race=True))

    happens(bench)

    assert len(discovery(bench)) == 1


@pytest.mark.rule("A33")
def test_a_group_of_all_kinds_costs_two_requests_when_joined() -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()
    bench.answer(
        invoke("call", "app-child"), planned("a"), sleep("nap", "1m"), wait("w", "answer", "2m")
    )

    _finish_all_kinds(bench, run.id, race=False)

    mine = [r for r in bench.requests if r.run_id == run.id]
    assert targets(run, mine) == [None, "a", None, None]
    assert run.status == "completed"


@pytest.mark.rule("A33")
def test_a_race_of_all_kinds_costs_a_request_for_each() -> None:
    bench = Bench(function("f"), function("child", "never"))
    run = bench.start()
    bench.answer(
        invoke("call", "app-child", race=True),
        planned("a", race=True),
        sleep("nap", "1m", race=True),
        wait("w", "answer", "2m", race=True),
    )

    _finish_all_kinds(bench, run.id, race=True)

    mine = [r for r in bench.requests if r.run_id == run.id]
    assert targets(run, mine) == [None, "a", None, None, None, None, None]
    assert run.status == "completed"


def _finish_all_kinds(bench: Bench, run_id: str, *, race: bool) -> None:
    """Finish the child, the step, the sleep and the wait; then sleep once more and return."""
    left = [sleep("nap", "1m", race=True), wait("w", "answer", "2m", race=True)]
    (child,) = (r for r in bench.open if r.run_id != run_id)
    bench.answer(returned(), to=child)
    if race:
        bench.answer(planned("a", race=True), *left, to=bench.open[-1])
    bench.answer(ran("a", race=race))
    if race:
        bench.answer(*left)
    bench.advance(MINUTE)
    if race:
        bench.answer(left[1])
    bench.advance(MINUTE)
    bench.answer(sleep("more", "1h"))
    bench.advance(HOUR)
    bench.answer(returned())


@pytest.mark.rule("A35")
def test_a_sibling_reported_again_while_it_runs_is_not_run_twice() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("fast", race=True), planned("slow", race=True))
    bench.answer(ran("fast", race=True), to=bench.targeted("fast"))

    bench.answer(planned("slow", race=True), planned("next"), to=bench.open[1])

    assert targets(run, bench.requests) == [None, "fast", "slow", None, "next"]
    assert len(bench.seen(JobRepeated)) == 1


@pytest.mark.rule("A35b")
def test_the_second_step_after_a_race_waits_for_the_loser() -> None:
    bench = Bench()
    run = bench.start()
    bench.answer(planned("fast", race=True), planned("slow", race=True))
    bench.answer(ran("fast", race=True), to=bench.targeted("fast"))
    bench.answer(planned("slow", race=True), planned("x"), to=bench.open[1])
    bench.advance(MINUTE)

    bench.answer(ran("x"), to=bench.targeted("x"))
    before = discovery(bench)
    bench.answer(ran("slow", race=True))

    assert before == []
    assert targets(run, bench.open) == [None]
    assert list(memos(run)) == ["fast", "x", "slow"]


@pytest.mark.rule("A35b")
def test_a_loser_that_was_done_before_it_is_reported_again_is_not_waited_for() -> None:
    bench = Bench()
    bench.start()
    bench.answer(planned("fast", race=True), planned("slow", race=True))
    bench.answer(ran("fast", race=True), to=bench.targeted("fast"))
    (asked,) = [r for r in bench.open if r.target is None]
    bench.answer(ran("slow", race=True), to=bench.targeted("slow"))
    bench.answer(planned("slow", race=True), planned("x"), to=asked)
    (asked,) = [r for r in bench.open if r.target is None]
    bench.answer(planned("x"), to=asked)

    bench.answer(ran("x"))

    assert len(discovery(bench)) == 1


@pytest.mark.rule("A36")
def test_a_handler_that_reports_its_open_step_instead_of_ending_is_entered_when_it_is_done() -> (
    None
):
    bench = Bench()
    run = bench.start()
    bench.answer(planned("fast", race=True), planned("slow", race=True))
    bench.answer(ran("fast", race=True), to=bench.targeted("fast"))

    bench.answer(planned("slow", race=True), to=bench.open[1])
    bench.advance(DAY)
    bench.answer(ran("slow", race=True))
    bench.answer(returned("fast"))

    assert run.ended_at == bench.now
    assert run.result == '"fast"'


def test_a_race_that_is_over_when_it_is_reported_again_holds_nothing_up() -> None:
    bench = Bench()
    run = bench.start()

    for nth in range(3):
        _race_that_is_over_too_soon(bench, nth)
        bench.answer(ran(f"after#{nth}"))

    assert targets(run, bench.open) == [None]
    assert len(run.memos) == 3 * 4


def _race_that_is_over_too_soon(bench: Bench, nth: int) -> None:
    """Three steps race, and all are done before the handler that saw the first one answers."""
    steps = [f"{name}#{nth}" for name in ("fast", "slow", "slower")]
    bench.answer(*(planned(step, race=True) for step in steps))
    bench.answer_targets()
    first, second, _ = bench.open
    bench.answer(*(planned(step, race=True) for step in steps[1:]), to=first)
    bench.answer(planned(steps[2], race=True), to=second)
