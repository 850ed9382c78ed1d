"""Traces that an invariant accepts, and the ones beside them that it refuses.

`tests/mutants` has engines that are wrong; here is what no small change of the engine gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from dwf_sim.invariants import INVARIANTS, Checker, EffectsOncePerStep, Invariant
from dwf_sim.model.records import (
    EffectCalled,
    EventHeld,
    EventReceived,
    FaultStruck,
    HandlerEntered,
    LeaseLost,
    Record,
    RequestSent,
    ResponseIgnored,
    ResponseReceived,
    RunFinished,
    RunScheduled,
    RunSkipped,
    StepMemoized,
    StepReported,
    StepsCheckpointed,
    StepStarted,
)
from dwf_sim.model.served import CronTicked, FunctionServed

SECOND = 1000
Trace = tuple[tuple[int, Record], ...]

KINDS: dict[str, type[Invariant]] = {kind.name: kind for kind in (*INVARIANTS, EffectsOncePerStep)}


def broken(name: str, trace: Iterable[tuple[int, Record]], cause: int | None = None) -> list[str]:
    """Say what is wrong with a trace by one invariant; what comes last follows from `cause`."""
    records = list(trace)
    checker = Checker([KINDS[name]])
    causes = [*[None] * (len(records) - 1), cause]
    checker.feed(
        (at, follows, record) for (at, record), follows in zip(records, causes, strict=True)
    )
    return [each.message for each in checker.violations(records[-1][0] + 1)]


def served(**settings: Any) -> tuple[int, Record]:
    return 0, FunctionServed("f", 2, (("go", None),), **settings)


def event(name: str, at: int = 0, ts: int | None = None) -> tuple[int, Record]:
    return at, EventReceived(name, "go", name, at if ts is None else ts)


def scheduled(*events: str, at: int = 0, **rest: Any) -> tuple[int, Record]:
    return at, RunScheduled("R", "f", "f#1", events, at, **rest)


def request(number: int = 1, at: int = 0, attempt: int = 0) -> tuple[int, Record]:
    return at, RequestSent("R", number, "start", attempt, None)


def entered(number: int = 1) -> tuple[int, Record]:
    return 0, HandlerEntered("R", number, 0)


def started(number: int = 1) -> tuple[int, Record]:
    return 0, StepStarted("R", "a", 0, number)


def answered(number: int = 1, at: int = 0) -> tuple[int, Record]:
    return at, ResponseReceived("R", number, "StepRun:a")


def held(
    event_id: str, until: int, at: int = 0, by: str = "debounce", of: str = ""
) -> tuple[int, Record]:
    return at, EventHeld("f", event_id, by, until, f"the newest event so far ({of})")


def given_up(event_id: str, at: int) -> tuple[int, Record]:
    return at, RunSkipped("f", event_id, "debounce", "another is newer")


def effect(key: str | None = "k", *, is_repeat: bool = False) -> tuple[int, Record]:
    return 0, EffectCalled("stripe", "charge", key, is_repeat, "R", "a")


BEGUN = (served(), event("E"), scheduled("E"))
DEBOUNCED = served(debounce=(10 * SECOND, None, None))
SHORTLY = served(debounce=(10 * SECOND, None, 15 * SECOND))
BATCHED = served(batch=(2, 10 * SECOND, None, None))
INVOKED = (0, StepReported("R", "call", "invoke", 9 * SECOND, "R.call"))
CALL = EventReceived(
    "I", "inngest/function.invoked", "I", 0, '{"_inngest":{"fn_id":"f","correlation_id":"R.call"}}'
)
CHILD = (0, RunScheduled("C", "f", "f#2", ("I",), 0, by="invoke"))
CHILD_ENDED = (0, RunFinished("C", "completed", "1"))
TOLD = (0, StepMemoized("R", "call", "invoke"))
FAILED = (0, RunFinished("R", "failed", "{}"))
FAILED_EVENT = (0, EventReceived("F", "inngest/function.failed", "R", 0, about="R"))
HANDLER = RunScheduled("H", "on-f", "on-f#1", ("F",), 0)

CASES: list[tuple[str, Trace, Trace, str]] = [
    (
        "attempts in budget",
        (*BEGUN, request()),
        (*BEGUN, request(attempt=1)),
        "attempt 1 was sent, which no retry had announced",
    ),
    (
        "attempts in budget",
        (*BEGUN, request(), (0, LeaseLost("R", 1)), request(2)),
        (*BEGUN, request(), (0, LeaseLost("R", 1)), request(2, attempt=1)),
        "attempt 1 was sent, which no retry had announced",
    ),
    (
        "batches kept",
        (BATCHED, event("E"), held("E", 10 * SECOND + 500, by="batch")),
        (BATCHED, event("E"), held("E", 11 * SECOND, by="batch")),
        "event E is held 1000 ms longer than the batch's timeout",
    ),
    (
        "batches kept",
        (
            BATCHED,
            held("E", 10 * SECOND, by="batch"),
            scheduled("E", at=10 * SECOND, is_batch=True),
        ),
        (
            BATCHED,
            held("E", 10 * SECOND, by="batch"),
            scheduled("E", at=12 * SECOND, is_batch=True),
        ),
        "event E is 2000 ms late",
    ),
    (
        "causes first",
        BEGUN,
        (served(), scheduled("E")),
        "a run was scheduled for E, which never came",
    ),
    (
        "causes first",
        (*BEGUN, request()),
        (served(), event("E"), request()),
        "a request was sent for a run that was not scheduled",
    ),
    (
        "causes first",
        (*BEGUN, request(), entered(), started()),
        (*BEGUN, request(), started()),
        "step 'a' began before the handler was entered for it",
    ),
    (
        "causes first",
        (*BEGUN, request(), entered()),
        (*BEGUN, request(), entered(2)),
        "the handler was entered for request 2, which was not sent",
    ),
    (
        "crons tick once",
        (served(crons=(("* * * * *", 0),)), (60_000, CronTicked("f", "* * * * *", 60_000))),
        (served(crons=(("* * * * *", 0),)), (59_995, CronTicked("f", "* * * * *", 60_000))),
        "'* * * * *' of f ticked 5 ms too early",
    ),
    (
        "debounce keeps newest",
        (
            DEBOUNCED,
            event("D", ts=5),
            held("D", 10 * SECOND),
            event("E", at=SECOND, ts=6),
            given_up("D", SECOND),
            held("E", 11 * SECOND, SECOND),
        ),
        (
            DEBOUNCED,
            event("D", ts=5),
            held("D", 10 * SECOND),
            event("E", at=SECOND, ts=4),
            given_up("D", SECOND),
            held("E", 11 * SECOND, SECOND),
        ),
        "event E took the place of D, which is 1 ms newer by its ts",
    ),
    (
        "debounce keeps newest",
        (
            DEBOUNCED,
            event("D", ts=5),
            held("D", 10 * SECOND),
            event("E", SECOND, 4),
            given_up("E", SECOND),
        ),
        (
            DEBOUNCED,
            event("D", ts=5),
            held("D", 10 * SECOND),
            event("E", SECOND, 6),
            given_up("E", SECOND),
        ),
        "event E was given up, and no later one is held in its place",
    ),
    (
        "debounce keeps newest",
        (
            DEBOUNCED,
            held("D", 10 * SECOND, of="a"),
            given_up("D", 1),
            held("E", 10 * SECOND + 1, 1, of="a"),
        ),
        (
            DEBOUNCED,
            held("D", 10 * SECOND, of="a"),
            given_up("D", 1),
            held("E", 10 * SECOND + 1, 1, of="b"),
        ),
        "event E took the place of one of another key",
    ),
    (
        "debounce keeps newest",
        (DEBOUNCED, held("E", 10 * SECOND)),
        (DEBOUNCED, held("E", 9 * SECOND)),
        "event E is held for 9000 ms, not 10000",
    ),
    (
        "debounce keeps newest",
        (
            SHORTLY,
            held("D", 10 * SECOND),
            given_up("D", 9 * SECOND),
            held("E", 15 * SECOND, 9 * SECOND),
        ),
        (
            SHORTLY,
            held("D", 10 * SECOND),
            given_up("D", 9 * SECOND),
            held("E", 19 * SECOND, 9 * SECOND),
        ),
        "event E is held 3000 ms longer than allowed",
    ),
    (
        "debounce keeps newest",
        (DEBOUNCED, held("E", 10 * SECOND), scheduled("E", at=10 * SECOND)),
        (DEBOUNCED, held("E", 10 * SECOND), scheduled("E", at=9 * SECOND)),
        "event E was let go 1000 ms too early",
    ),
    (
        "debounce keeps newest",
        (DEBOUNCED, held("E", 10 * SECOND), scheduled("E", at=10 * SECOND)),
        (DEBOUNCED, held("E", 10 * SECOND), scheduled("E", "D", at=10 * SECOND)),
        "a debounced run has 2 events",
    ),
    (
        "effects once per key",
        (served(), effect(), effect(is_repeat=True)),
        (served(), effect(is_repeat=True)),
        "stripe charge with key 'k' had no effect, and nobody had called it before",
    ),
    (
        "effects once per step",
        (served(), started(), effect("k"), started(), effect("k", is_repeat=True)),
        (served(), started(), effect(None), started(), effect(None)),
        "step 'a' did stripe charge in its execution 1 (#2) and again in execution 2; give it an "
        "idempotency key",
    ),
    (
        "failure told once",
        (*BEGUN, FAILED, FAILED_EVENT, (0, HANDLER)),
        (*BEGUN, FAILED, FAILED_EVENT, (0, HANDLER), (0, attrs.evolve(HANDLER, run="I"))),
        "on-f started twice for one failure, before in #5",
    ),
    (
        "failure told once",
        (*BEGUN, (0, FaultStruck(None, "drop", "inngest/function.failed", "F")), FAILED),
        (*BEGUN, (0, FaultStruck(None, "drop", "go", "E")), FAILED),
        "the run failed and no inngest/function.failed event came",
    ),
    (
        "invokes delivered once",
        (
            *BEGUN,
            INVOKED,
            (0, FaultStruck(None, "delay", "inngest/function.invoked", "I")),
            (0, CALL),
            CHILD,
            CHILD_ENDED,
            TOLD,
        ),
        (
            *BEGUN,
            INVOKED,
            (0, FaultStruck(None, "delay", "inngest/function.invoked", "I")),
            (0, CALL),
            CHILD,
            CHILD_ENDED,
        ),
        "the outcome of f#2 did not reach 'call'",
    ),
    (
        "no write without lease",
        (*BEGUN, request(), (0, StepsCheckpointed("R", 1, ("a",))), answered()),
        (*BEGUN, request(), answered(), (0, StepsCheckpointed("R", 1, ("a",)))),
        "the steps reported by request 1 counted, and that was answered before",
    ),
    (
        "no write without lease",
        (*BEGUN, request(), (0, LeaseLost("R", 1)), (0, ResponseIgnored(1, "given up"))),
        (*BEGUN, request(), (0, LeaseLost("R", 1)), answered()),
        "the answer to request 1 counted, and that lost its lease in #4",
    ),
    (
        "no write without lease",
        (*BEGUN, request(), (0, RunFinished("R", "cancelled", "")), (0, ResponseIgnored(1, "-"))),
        (*BEGUN, request(), (0, ResponseIgnored(1, "-"))),
        "the answer to request 1 was ignored, and it had its lease",
    ),
    (
        "one item per step",
        (*BEGUN, (0, StepReported("R", "s", "sleep", 9)), (0, StepReported("R", "t", "sleep", 9))),
        (*BEGUN, (0, StepReported("R", "s", "sleep", 9)), (0, StepReported("R", "s", "sleep", 9))),
        "sleep 's' was queued before, in #3",
    ),
    (
        "time goes forward",
        (event("D", SECOND), event("E", SECOND), event("F", 2 * SECOND)),
        (event("D", SECOND), event("E", 2 * SECOND), event("F", SECOND)),
        "the clock went back by 1000 ms",
    ),
]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "message"), CASES, ids=[case[-1] for case in CASES]
)
def test_one_trace_is_accepted_and_the_other_refused(
    name: str, right: Trace, wrong: Trace, message: str
) -> None:
    assert broken(name, right) == []

    assert broken(name, wrong) == [message]


def test_nothing_follows_from_what_comes_after_it() -> None:
    assert broken("causes first", BEGUN, cause=1) == []

    assert broken("causes first", BEGUN, cause=7) == [
        "RunScheduled follows from #7, which is not before it"
    ]


def test_a_checker_takes_a_trace_in_parts() -> None:
    whole = [(at, None, record) for at, record in CASES[-1][2]]
    checker = Checker(INVARIANTS)

    for entry in whole:
        checker.feed([entry])
        checker.violations(entry[0])

    (found,) = [each for each in checker.violations(9) if each.invariant == "time goes forward"]
    assert found.seq == 2
    assert checker.count == 3
