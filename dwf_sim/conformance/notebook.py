"""The notebook: what the functions of a recording note while they run, as the recorder's did.

It stands outside of the simulation, so that it survives every replay: how often a step was
executed decides whether it fails, and that must not be forgotten when the handler begins anew.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

CRASH = "crash"
"""The outcome of an execution whose worker dies when the body is over."""


@attrs.define
class Execution:
    """One execution of a step's body; times are seconds since the case began."""

    run: str
    step: str
    attempt: int
    start: float
    is_dying: bool = False  # Its worker dies as soon as the body is over.
    end: float | None = None
    outcome: str = ""


@attrs.define
class HandlerNote:
    """One entry of a handler: when, with which attempt, and how it was left."""

    run: str
    at: float
    attempt: int
    nth: int
    left: str = "step"  # Unless the handler itself comes to an end.
    output: object = None


class Notebook:
    """The notes of one case."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.executions: list[Execution] = []
        self.entries: list[HandlerNote] = []
        self._counts: dict[tuple[str, str], int] = {}

    def enter(self, run: str, attempt: int) -> HandlerNote:
        """Note that a run's handler was entered."""
        note = HandlerNote(run, self.clock(), attempt, self._count(run, "entry"))
        self.entries.append(note)
        return note

    def throw(self, run: str, place: str) -> int:
        """Note that a handler comes to a place where it may raise, and say how often it did."""
        return self._count(run, f"raise {place}")

    def begin(self, run: str, step: str, attempt: int) -> tuple[Execution, int]:
        """Note that a step's body began, and say how often it did in this run."""
        execution = Execution(run, step, attempt, self.clock())
        self.executions.append(execution)
        return execution, self._count(run, f"step {step}")

    def end(self, execution: Execution, outcome: str) -> None:
        """Note how a step's body ended."""
        execution.end, execution.outcome = self.clock(), outcome
        execution.is_dying = outcome == CRASH

    def dies(self, run: str, step: str) -> bool:
        """Say whether the worker dies now that a run's step is over; `step` may have a number, as
        one has that is met again."""
        for execution in reversed(self.executions):
            if execution.run == run and step in (execution.step, _numbered(step, execution.step)):
                is_dying, execution.is_dying = execution.is_dying, False
                return is_dying
        return False

    def _count(self, run: str, what: str) -> int:
        count = self._counts[run, what] = self._counts.get((run, what), 0) + 1
        return count


def _numbered(label: str, step: str) -> str:
    """Give a step's id the number that a label has."""
    return f"{step}:{label.rpartition(':')[2]}"
