"""Ops: what a handler asks of the engine in one response (A20, W6).

`hash` is the memo's key, `name` and `index` are the user's id and its repeat, `race` marks the
steps of a race, which re-enter the handler one by one (A32).
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from dwf_sim.model.value import value


@value
class ErrorBody:
    """An error as it travels: class name, message, stack, and the SDK's code (A77).

    Without a stack null is written for it, save when `has_stack` says that there is not even that.
    """

    name: str
    message: str
    stack: str | None = None
    code: str | None = None
    has_stack: bool = True


@value
class StepRun:
    """A step ran and returned `data`, as JSON text."""

    hash: str
    name: str
    index: int
    data: str
    race: bool = False


@value
class StepErrored:
    """A step raised; it is tried again if its attempts allow and `final` does not forbid it.

    Op `StepError` on the wire, `StepFailed` when final.
    """

    hash: str
    name: str
    index: int
    error: ErrorBody
    final: bool
    race: bool = False


@value
class StepPlanned:
    """A step to be run in a request of its own (A29)."""

    hash: str
    name: str
    index: int
    race: bool = False


@value
class Sleep:
    """Sleep until an instant in milliseconds, or for a duration text (A91)."""

    hash: str
    name: str
    index: int
    until: int | str
    race: bool = False


@value
class WaitForEvent:
    """Wait for an event; `timeout` is a duration text or an instant, "" ends at once (A108)."""

    hash: str
    name: str
    index: int
    event: str
    timeout: str
    expression: str | None
    race: bool = False


@value
class InvokeFunction:
    """Run another function and wait for its result; `data` is JSON text (A130)."""

    hash: str
    name: str
    index: int
    function_id: str
    data: str
    v: str | None
    timeout: str
    race: bool = False


@value
class WaitForSignal:
    """Wait for a signal; `conflict` is "fail" or "replace" (A120)."""

    hash: str
    name: str
    index: int
    signal: str
    timeout: str
    conflict: str
    race: bool = False


@attrs.frozen
class UnknownOp:
    """An op this engine does not know; it makes the response an error (A22).

    `opts` is what it asks for, as JSON text.
    """

    hash: str
    name: str
    index: int
    op: str
    race: bool = False
    opts: str = "{}"


Op: TypeAlias = (
    StepRun
    | StepErrored
    | StepPlanned
    | Sleep
    | WaitForEvent
    | InvokeFunction
    | WaitForSignal
    | UnknownOp
)


def label_of(op: Op) -> str:
    """Name the step an op is about, as users see it: its id, `id:1` for the first repeat."""
    return f"{op.name}:{op.index}" if op.index else op.name
