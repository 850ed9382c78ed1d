"""The agenda: order of what is due, and the event loop it is."""

from __future__ import annotations

import pytest

from dwf_sim.sim.agenda import OUTSIDE, TIMER, Agenda, make_agenda


def drain(agenda: Agenda) -> None:
    """Run everything there is."""
    while True:
        agenda.run_ready(1000)
        when = agenda.next_time()
        if when is None:
            return
        agenda.move_to(when)


def test_what_is_due_runs_by_time_then_rank_then_order_of_asking() -> None:
    agenda, seen = make_agenda(0), []
    agenda.at(20, seen.append, "late")
    agenda.at(10, seen.append, "timer", rank=TIMER)
    agenda.at(10, seen.append, "first", rank=OUTSIDE)
    agenda.at(10, seen.append, "second", rank=OUTSIDE)

    drain(agenda)

    assert seen == ["first", "second", "timer", "late"]
    assert agenda.now == 20


def test_a_callback_that_is_not_live_does_not_move_the_clock() -> None:
    agenda, seen = make_agenda(0), []
    agenda.at(1000, seen.append, "dead", is_live=lambda: False)
    agenda.at(10, seen.append, "live")

    drain(agenda)

    assert seen == ["live"]
    assert agenda.now == 10


def test_a_cancelled_timer_is_passed_over() -> None:
    agenda, seen = make_agenda(0), []
    handle = agenda.call_later(5, seen.append, "cancelled")

    handle.cancel()
    drain(agenda)

    assert handle.cancelled()
    assert seen == []
    assert agenda.now == 0


def test_timers_of_user_code_are_never_early() -> None:
    agenda, seen = make_agenda(1_000_000), []
    agenda.call_later(0.0004, lambda: seen.append(agenda.now))
    agenda.call_later(0.003, lambda: seen.append(agenda.now))

    drain(agenda)

    assert seen == [1_000_001, 1_000_003]


def test_choose_picks_among_what_is_ready() -> None:
    agenda, seen = make_agenda(0, lambda ready: len(ready) - 1), []
    for name in "abc":
        agenda.soon(seen.append, name)

    drain(agenda)

    assert seen == ["c", "b", "a"]


def test_time_does_not_go_back() -> None:
    agenda = make_agenda(100)

    with pytest.raises(AssertionError, match="time does not go back"):
        agenda.move_to(99)
