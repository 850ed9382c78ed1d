"""Traces in few words: the records that the traces beside an invariant are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dwf_sim.invariants import INVARIANTS, Checker, EffectsOncePerStep, Invariant
from dwf_sim.model.records import (
    EffectCalled,
    EventHeld,
    EventReceived,
    HandlerEntered,
    Record,
    RequestSent,
    ResponseReceived,
    RunFinished,
    RunScheduled,
    RunSkipped,
    StepMemoized,
    StepReported,
    StepStarted,
)
from dwf_sim.model.served import FunctionServed

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


def failed_step(*, is_final: bool) -> tuple[int, Record]:
    return 0, ResponseReceived("R", 1, "StepErrored:a", is_final)


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
LIMITED = RunSkipped("f", "E", "rate limit", "one a day")
RUN_OF_E = RunScheduled("R", "f", "f#1", ("E",), 0)
RETURNED = RunFinished("R", "completed", "1")
FAILED = (0, RunFinished("R", "failed", "{}"))
FAILED_EVENT = (0, EventReceived("F", "inngest/function.failed", "R", 0, about="R"))
HANDLER = RunScheduled("H", "on-f", "on-f#1", ("F",), 0)
