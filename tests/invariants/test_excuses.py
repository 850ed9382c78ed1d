"""Faults that have struck excuse what follows from them, and nothing else."""

from __future__ import annotations

import pytest

from dwf_sim.model.records import (
    EventReceived,
    FaultStruck,
    Record,
    RequestSent,
    RetryScheduled,
    StepMemoized,
    StepReported,
)
from dwf_sim.model.served import CronTicked
from tests.invariants.test_traces import (
    BATCHED,
    BEGUN,
    CALL,
    FAILED,
    FAILED_EVENT,
    INVOKED,
    SECOND,
    Trace,
    broken,
    event,
    held,
    request,
    scheduled,
    served,
)

Entry = tuple[int, Record]


def late(site: str, run: str | None = "R") -> Entry:
    """A timer that a fault makes late."""
    return 0, FaultStruck(run, "let a timer go off late", site)


def again(event_id: str, name: str) -> Entry:
    """An event that a fault repeats."""
    return 0, FaultStruck(None, "deliver twice", f"/{name}/0/event@1", event_id)


def end(at: int) -> Entry:
    """Something of a later time."""
    return event("Z", at)


WAIT = (0, StepReported("R", "a/b", "wait", 9 * SECOND, "paid"))
RETRY = (0, RetryScheduled("R", None, 1, 15_000, 29_999, "no"))
LATE_RETRY = (99_000, RequestSent("R", 2, "start", 1, None))
CRON = served(crons=(("* * * * *", 0),))
FAILED_AGAIN = (5, EventReceived("G", "inngest/function.failed", "R", 5, about="R"))
CALL_AGAIN = (5, EventReceived("J", CALL.name, "J", 5, CALL.data))
BROKEN_OFF: Trace = (BATCHED, event("E"), held("E", 10 * SECOND, by="batch"))

CASES: list[tuple[str, Trace, Entry, Entry, Trace, str]] = [
    (
        "waits end once",
        BEGUN,
        late("f#1/a/b/0/timer"),
        late("f#1/c/0/timer"),
        (WAIT, (20 * SECOND, StepMemoized("R", "a/b", "timeout"))),
        "the time of wait 'a/b' was over and it did not end",
    ),
    (
        "backoff in bounds",
        (*BEGUN, request(), RETRY),
        late("f#1//1/timer"),
        late("f#1//1/before"),
        (LATE_RETRY,),
        "attempt 1 was sent 54001 ms too late, and no gate was closed",
    ),
    (
        "batches kept",
        BROKEN_OFF,
        late("//0/timer", None),
        late("f#1//0/timer"),
        (scheduled("E", at=12 * SECOND, is_batch=True),),
        "event E is 2000 ms late",
    ),
    (
        "no event lost",
        BROKEN_OFF,
        late("//0/timer", None),
        late("f#1//0/timer"),
        (end(12 * SECOND), scheduled("E", "Z", at=12 * SECOND, is_batch=True)),
        "batch held event E of f, and never let go",
    ),
    (
        "crons tick once",
        (CRON,),
        late("//0/timer", None),
        late("f#1//0/timer"),
        (end(61_000),),
        "'* * * * *' of f did not tick for 60000",
    ),
    (
        "failure told once",
        (*BEGUN, FAILED),
        again("F", "inngest/function.failed"),
        again("Q", "inngest/function.failed"),
        (FAILED_EVENT, (1, EventReceived("Q", "q", "Q", 1)), FAILED_AGAIN),
        "a second failed event came; the first was #5",
    ),
    (
        "invokes delivered once",
        (*BEGUN, INVOKED),
        again("I", CALL.name),
        again("Q", CALL.name),
        ((0, CALL), (1, EventReceived("Q", "q", "Q", 1)), CALL_AGAIN),
        "an invoke was sent twice, before in #5",
    ),
]


@pytest.mark.parametrize(
    ("name", "before", "fault", "other", "after", "message"), CASES, ids=[c[0] for c in CASES]
)
def test_a_fault_excuses_what_follows_from_it_and_another_does_not(
    name: str, before: Trace, fault: Entry, other: Entry, after: Trace, message: str
) -> None:
    assert broken(name, (*before, fault, *after)) == []

    assert broken(name, (*before, other, *after)) == [message]


def test_a_late_timer_does_not_let_a_schedule_tick_twice() -> None:
    tick = (99_000, CronTicked("f", "* * * * *", 60_000))

    assert broken("crons tick once", (CRON, late("//0/timer", None), tick)) == []
    assert broken("crons tick once", (late("//0/timer", None), CRON, tick)) == []
    assert broken("crons tick once", (CRON, late("//0/timer", None), tick, tick)) == [
        "'* * * * *' of f ticked for 60000; next was 120000"
    ]
