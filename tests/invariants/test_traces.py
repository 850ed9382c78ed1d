"""Traces that an invariant accepts, and the ones beside them that it refuses.

`tests/mutants` has engines that are wrong; here is what no small change of the engine gives.
"""

from __future__ import annotations

import attrs
import pytest

from dwf_sim.invariants import INVARIANTS, Checker
from dwf_sim.model.records import (
    FaultStruck,
    LeaseLost,
    ResponseIgnored,
    ResponseReceived,
    RunFinished,
    StepMemoized,
    StepReported,
    StepsCheckpointed,
)
from dwf_sim.model.served import CronTicked
from tests.invariants.traces import (
    BATCHED,
    BEGUN,
    CALL,
    CHILD,
    CHILD_ENDED,
    DEBOUNCED,
    FAILED,
    FAILED_EVENT,
    HANDLER,
    INVOKED,
    LIMITED,
    RETURNED,
    RUN_OF_E,
    SECOND,
    SHORTLY,
    TOLD,
    Trace,
    answered,
    broken,
    effect,
    entered,
    event,
    failed_step,
    given_up,
    held,
    request,
    scheduled,
    served,
    started,
)

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
        (*BEGUN, request(), (0, ResponseReceived("R", 1, "a + b")), request(2), request(3)),
        (*BEGUN, request(), answered(), request(2), request(3)),
        "request 3 was sent, and request 2 has no answer yet; the run has no steps in parallel",
    ),
    (
        "one item per step",
        (*BEGUN, request(), (0, LeaseLost("R", 1)), request(2)),
        (*BEGUN, request(), request(2)),
        "request 2 was sent, and request 1 has no answer yet; the run has no steps in parallel",
    ),
    (
        "attempts in budget",
        (*BEGUN, request(), failed_step(is_final=True), (0, StepMemoized("R", "a", "error"))),
        (*BEGUN, request(), failed_step(is_final=False), (0, StepMemoized("R", "a", "error"))),
        "step 'a' failed for good with attempt 0, and 1 more were left",
    ),
    (
        "no event lost",
        (DEBOUNCED, event("E"), held("E", SECOND), (500, LIMITED), (SECOND, RUN_OF_E)),
        (DEBOUNCED, event("E"), held("E", SECOND), (SECOND, LIMITED)),
        "rate limit refused event E, which it had let pass before it was held",
    ),
    (
        "one ending",
        (*BEGUN, request(), (0, ResponseReceived("R", 1, "return")), (0, RETURNED)),
        (*BEGUN, request(), (0, ResponseReceived("R", 1, "return"))),
        "the handler returned, and the run did not end",
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
