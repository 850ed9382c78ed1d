"""Where the drivers differ: the one list of it, which docs/fidelity.md prints.

A difference that only the trace shows is smoothed away before two traces are compared; one of
behaviour cannot be. `tests/test_parity.py` shows of each that it is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from dwf_sim.drivers.native.mistakes import SWALLOWED
from dwf_sim.model.records import Complained, HandlerLeft, Record, ResponseReceived, RunFinished

Facts = list[tuple[int, Record]]


@attrs.frozen
class Difference:
    """What differs, by which rules, and what takes it out of a trace if anything does."""

    name: str
    rules: tuple[str, ...]
    text: str
    smooth: Callable[[Facts], Facts] | None = None


_STACK = re.compile(r'"stack":"(?:[^"\\]|\\.)*"')
_OF_REQUESTS = (
    "error OutputUnserializableError",
    "error StepUnexpectedError",
    "error reading generator opcode response",
)


def _without_stacks(facts: Facts) -> Facts:
    return [
        (at, attrs.evolve(record, text=_STACK.sub('"stack":"…"', record.text)))
        if isinstance(record, RunFinished)
        else (at, record)
        for at, record in facts
    ]


def _without_errors_of_requests(facts: Facts) -> Facts:
    found = {
        (record.run, record.number)
        for _, record in facts
        if isinstance(record, ResponseReceived) and record.answer.startswith(_OF_REQUESTS)
    }
    return [
        (at, attrs.evolve(record, how="…"))
        if isinstance(record, HandlerLeft) and (record.run, record.number) in found
        else (at, record)
        for at, record in facts
    ]


def _without_complaints_of_interrupts(facts: Facts) -> Facts:
    return [
        (at, record)
        for at, record in facts
        if not (isinstance(record, Complained) and record.text == SWALLOWED)
    ]


def _in_any_order(facts: Facts) -> Facts:
    return sorted(facts, key=lambda fact: (fact[0], str(fact[1])))


DIFFERENCES = (
    Difference(
        "Stacks of errors",
        ("A77",),
        "they name the lines that lead to the user's own, which are each driver's.",
        _without_stacks,
    ),
    Difference(
        "How a handler was left",
        ("A41", "A76"),
        "when a step's output is no JSON, or the step that was met is not the one to run, the "
        "request fails and not the handler. Our own driver says in the trace how the handler was "
        "left all the same; of the SDK only the response is known, so its error stands there.",
        _without_errors_of_requests,
    ),
    Difference(
        "Order within an instant",
        ("A109",),
        "the SDK takes more turns of the event loop to do the same, so what different runs do at "
        "one millisecond may alternate in another way. The rule leaves that order open.",
        _in_any_order,
    ),
    Difference(
        "Complaints of a swallowed interrupt",
        ("A18",),
        "when a bare `except:` or a `return` in `finally` stands around a step, a request answers "
        "with what the handler does then, by either driver. Our own says so in the trace.",
        _without_complaints_of_interrupts,
    ),
    Difference(
        "asyncio's own parallelism",
        ("A18",),
        "our own driver plans the steps of an `asyncio.gather` or a `TaskGroup` as it does those "
        "of `group.parallel`. The SDK has `group.parallel` for that: it runs the bodies of all "
        "steps in a `gather` at once and reports only the first, so that the others are run "
        "again, and answers a `TaskGroup` with a bare HTTP 500, as behind a web server.",
    ),
    Difference(
        "Other steps in the body of a step",
        ("A44",),
        "our own driver refuses any step there at once. The SDK does so with `step.run`; it "
        "reports a sleep first and refuses it when it is over, and plans the steps of a group, "
        "so that the request for the first of them finds the outer step unexpected.",
    ),
    Difference(
        "Errors that the SDK does not catch or cannot write",
        ("A72", "A77"),
        "an error that is no `Exception`, as `asyncio.CancelledError`, and one whose `__str__` "
        "fails, end the SDK's request with a bare HTTP 500, as behind a web server, which is what "
        "the run's error says. Our own driver names the error.",
    ),
    Difference(
        "A millisecond more than a second",
        ("A108",),
        "the SDK counts in floating point and cuts off, so that a timeout of 1.001 s is one of a "
        "second; our own driver refuses it, as both do with most others that are not whole.",
    ),
    Difference(
        "Line of a step in a lambda of a group",
        ("A38",),
        "where a mistake is found, our own driver tells the lambda's line, at which the step was "
        "called. A step of the SDK begins when the group awaits it; the lambda is done by then, "
        "so the line that awaits the group is told.",
    ),
)
