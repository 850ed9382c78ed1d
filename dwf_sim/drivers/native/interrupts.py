"""How a handler is left in the middle: exceptions that user code is not meant to catch (A18)."""

from __future__ import annotations

from dwf_sim.model.messages import Response


class Interrupt(BaseException):
    """The request is over here; what was asked for is reported and the handler entered again.

    `response` is the answer to the request; None where only one branch of a group is left.
    """

    def __init__(self, response: Response | None = None) -> None:
        self.response = response


class NestedStep(BaseException):
    """A step was asked for inside a step's body (A44)."""


def interrupt_in(error: BaseException) -> Interrupt | None:
    """Find an interrupt, also one that a `TaskGroup` has wrapped on its way out."""
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(interrupt_in, error.exceptions)), None)
    return error if isinstance(error, Interrupt) else None
