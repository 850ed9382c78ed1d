"""How a handler is left in the middle: exceptions that user code is not meant to catch (A18)."""

from __future__ import annotations


class Interrupt(BaseException):
    """The request is over here; what was asked for is reported and the handler entered again."""


class NestedStep(BaseException):
    """A step was asked for inside a step's body (A44)."""
