"""Every error a user can meet, in one leaf, so that any layer may raise one without an import loop.

A `UsageError` is the user's own mistake: its text says what was given, what is allowed and what
to do. The three classes a durable function raises or catches on purpose stand first.
"""

from __future__ import annotations

import datetime

__all__ = [
    "BudgetError",
    "ConfigError",
    "CronError",
    "DurationError",
    "EvaluationError",
    "ExpressionError",
    "ForbiddenCallError",
    "FunctionConfigInvalidError",
    "InvariantViolated",
    "LivenessViolated",
    "NonRetriableError",
    "RetryAfterError",
    "SendEventsError",
    "SimulationWarning",
    "StepError",
    "StepNeverAwaitedError",
    "StepOutsideRunError",
    "UnknownKeyError",
    "UnknownStepError",
    "UnmetConditionError",
    "UnserializableError",
    "UsageError",
]


class StepError(Exception):
    """A step failed for good: its retries are used up, or it must not be retried (A71).

    Raised at the step, on every replay. `name` is the class name of the original error.
    """

    is_retriable = False

    def __init__(self, message: str, *, name: str = "Error", stack: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.name = name
        self.stack = stack


class NonRetriableError(Exception):
    """Raise it in a function or a step to fail the run at once, without retries (A67).

    In a step it goes through to the handler and nothing is memoized. In a subclass with
    `stays_in_step = True` it is the step that fails, and a `StepError` is raised there (A68).
    """

    stays_in_step = False

    def __init__(self, message: str | None = None, *, quiet: bool = False) -> None:
        super().__init__(message or "")
        self.quiet = quiet


class RetryAfterError(Exception):
    """Raise it in a function or a step to be retried at a chosen time (A65, A66, A67).

    `retry_after` is a time from now as milliseconds, a `timedelta` or a text such as "90s", or it
    is a `datetime`; the engine moves it to between one second and 24 hours from now. In a step it
    goes through to the handler; in a subclass with `stays_in_step = True` it is the step that is
    tried again, and fails when its attempts are used up (A68).
    """

    stays_in_step = False

    def __init__(
        self,
        message: str | None,
        retry_after: int | str | datetime.timedelta | datetime.datetime,
        *,
        quiet: bool = False,
    ) -> None:
        super().__init__(message or "")
        _check_retry_after(retry_after)
        self.retry_after = retry_after
        self.quiet = quiet


class UsageError(Exception):
    """The user's mistake: what was given, what is allowed, and what to do.

    Inside a function it fails the step or the run at once: trying again would not mend it.
    """

    is_retriable = False


class ConfigError(UsageError, ValueError):
    """A function, an app or a simulation was configured with a value that is not allowed."""


class DurationError(UsageError, ValueError):
    """A duration could not be read."""


class ExpressionError(UsageError, ValueError):
    """An expression does not parse, or is refused where it stands."""


class EvaluationError(UsageError):
    """An expression that parsed has no value for this event (B205, B206)."""


class CronError(UsageError, ValueError):
    """A cron text is not a schedule of the engine's dialect (B38-B43)."""


class SendEventsError(UsageError, ValueError):
    """The event API refuses an event (B2, B6, B7); `ids` are those it took before (B12, A149).

    As with the vendor's class of this name, a step that raises it is retried.
    """

    is_retriable = True

    def __init__(self, message: str, ids: list[str] | None = None) -> None:
        super().__init__(message)
        self.ids = ids or []


class FunctionConfigInvalidError(UsageError, ValueError):
    """A wait or an invoke was given a timeout the wire cannot carry (A108).

    Named as the vendor's SDK names it, since the name ends up in the run's error; like there,
    and unlike other usage errors, it is an ordinary error of the handler and is retried.
    """

    is_retriable = True


class StepOutsideRunError(UsageError):
    """A step was asked for when no request of its run was being worked on."""


class StepNeverAwaitedError(UsageError):
    """`ctx.step…` was called and the result dropped, so the step never began."""


class UnserializableError(UsageError, TypeError):
    """A value cannot be written as JSON."""


class ForbiddenCallError(UsageError, RuntimeError):
    """User code opened a socket, started a thread or process, or slept for real."""


class BudgetError(UsageError):
    """The simulation used up its budget; the text ends with the last ten records."""


class UnmetConditionError(UsageError):
    """What `run_until` was to wait for never came; the text says what there was instead."""


class InvariantViolated(AssertionError):
    """A property that must hold does not, or a check has shown nothing.

    `seq` is the number of the record it points at, None when there is none.
    """

    def __init__(self, message: str, *, seq: int | None = None) -> None:
        super().__init__(message)
        self.seq = seq


class LivenessViolated(InvariantViolated):
    """A run does not come to its end although no fault is in its way; the text says why."""


class SimulationWarning(UserWarning):
    """What a simulation warns of, as `Simulation.warnings` has it: nothing failed, and it may be a
    mistake all the same, such as an event that nobody took.

    The pytest plugin warns with it when a durable test or a scenario passes, so that pytest lists
    it in its summary; the filter `error::dwf_sim.errors.SimulationWarning` makes it a failure.
    """


class UnknownKeyError(UsageError, KeyError):
    """There are no figures of this function or flow-control key."""

    __str__ = Exception.__str__  # KeyError would show its message in quotes.


class UnknownStepError(UsageError, KeyError):
    """A run has no step of this label."""

    __str__ = Exception.__str__  # KeyError would show its message in quotes.


def _check_retry_after(given: int | str | datetime.timedelta | datetime.datetime) -> None:
    """Refuse at the user's own line what nobody could read later."""
    from dwf_sim.duration import to_ms  # Not above: it imports this leaf.

    if isinstance(given, datetime.datetime):
        return
    try:
        to_ms(given)
    except DurationError as error:
        raise DurationError(f"retry_after: {error}; or pass a datetime") from None
