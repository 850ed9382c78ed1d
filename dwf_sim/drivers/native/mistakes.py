"""What users are told when a handler does what the driver cannot follow."""

from __future__ import annotations

from inspect import iscoroutine

from dwf_sim.drivers.native.call import StepCall
from dwf_sim.errors import StepNeverAwaitedError, StepOutsideRunError, UsageError

SWALLOWED = (
    "the interrupt that ends a request at a step did not leave the handler, so what this step did "
    "is not remembered; something caught it (a bare `except:`, `except BaseException:`, `return` "
    "in `finally`), or asked for another step in `finally`: catch Exception instead"
)

_NOT_ASYNC = (
    "the handler returned a coroutine, but it is not an `async def` function itself: write the "
    "handler, and whatever decorates it, as `async def`"
)


def plain_output(output: object) -> object:
    """Take what a plain `def` handler returned; refuse what only an `async def` can wait for."""
    if iscoroutine(output):
        output.close()  # Otherwise Python warns that it was never awaited.
        raise UsageError(_NOT_ASYNC)
    return output


def plain_step_output(call: StepCall, output: object) -> object:
    """Take what a step's body returned in a plain `def` handler."""
    if iscoroutine(output):
        output.close()
        raise UsageError(
            f"the body of step {call.label!r} is an async function, and the handler a plain `def`, "
            "which cannot await it: make the handler `async def`, or the body a plain `def`"
        )
    return output


def outside_run(step_id: str) -> StepOutsideRunError:
    """Say that a step was asked for when nobody could do it."""
    return StepOutsideRunError(
        f"step {step_id!r} was asked for outside of a run: this ctx belongs to a request "
        "that is over; use the ctx that the handler is given, and only while it runs"
    )


def never_awaited(call: StepCall) -> StepNeverAwaitedError:
    """Say that a step was called and its result dropped."""
    return StepNeverAwaitedError(
        f"step {call.label!r} was called and never awaited, so it did nothing; write "
        f"`await ctx.step…({call.name!r}, …)`, or make it a task and await that"
    )
