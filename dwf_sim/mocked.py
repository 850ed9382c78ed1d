"""The shape of the vendor's `inngest.experimental.mocked`, with what the real engine would do.

A test moves over by importing this module in that one's place.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from dwf_sim.drivers.native import Function
from dwf_sim.errors import StepError, UsageError
from dwf_sim.model.event import Event
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.records import StepReported
from dwf_sim.world.serving import as_event, is_of_sdk
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.single import SingleRun
from dwf_sim.world.views import RunView

if TYPE_CHECKING:
    from dwf_sim.drivers.inngest import Client
    from dwf_sim.world.serving import AnyFunction

__all__ = ["Result", "Status", "Timeout", "UnstubbedStepError", "trigger"]

_MUST_BE_STUBBED = ("wait", "invoke", "signal")

Timeout = object()
"""A stub for a wait whose event never comes."""


class Status(enum.Enum):
    """How a run ended."""

    COMPLETED = "Completed"
    FAILED = "Failed"


class UnstubbedStepError(UsageError):
    """A step waited for the world outside of its function, and nothing was said of that."""


@attrs.frozen
class Result:
    """How a function ended: what it returned, as JSON, or the error that left it.

    `warnings` has what may be a mistake although nothing failed, such as a stub that no step used.
    """

    error: Exception | None
    output: Any
    status: Status
    warnings: list[str] = attrs.field(factory=list)


def trigger(
    fn: AnyFunction,
    event: Any,
    client: Client | None = None,
    *,
    step_stubs: Mapping[str, object] | None = None,
) -> Result:
    """Send an event, or a list of them for a function that batches, and run the function.

    Time goes on until the run has ended, and its failure handler, not for other runs that it may
    have started. A function that has only crons is started by the next tick, whatever the event;
    one that has both, when the event is named "inngest/scheduled.timer".

    `step_stubs` has an answer for the steps of an id, or a function of their arguments that gives
    it; `Timeout` for a wait. Waits and invokes must be stubbed, as for the vendor's mock:
    `UnstubbedStepError` names the one that is not. Raises `UsageError` when the event starts
    no run, or several.
    """
    events = [_event(given) for given in (event if isinstance(event, list) else [event])]
    errors: list[Exception] = []
    with Simulation() as simulation:
        simulation.serve(_served(fn, client, errors))
        for name, answer in (step_stubs or {}).items():
            is_timeout = type(answer) is object  # The vendor's own is one, too.
            simulation.stub_step(name, None if is_timeout else answer)
        run = SingleRun(simulation, *_configs(fn)).play(events)
        for record in simulation.trace.of(StepReported):
            if record.run == run.id and record.kind in _MUST_BE_STUBBED:
                raise UnstubbedStepError(
                    f"step {record.step} is not stubbed: give it an answer, step_stubs="
                    f"{{{record.step!r}: …}}, or use Simulation, which has a world around it"
                    f"{_stubbed_instead(simulation)}"
                )
        return _result(run, errors, simulation.warnings)


def _stubbed_instead(simulation: Simulation) -> str:
    return "".join(f"; {text}" for text in simulation.warnings if "was never used" in text)


def _served(fn: Any, client: Client | None, errors: list[Exception]) -> Any:
    if client is None or not is_of_sdk(fn, "Function"):
        return fn
    from dwf_sim.drivers.inngest import listening

    return (listening(client, fn, errors), [fn])


def _configs(fn: AnyFunction) -> tuple[FunctionConfig, FunctionConfig | None]:
    """Say how a function is registered, and its failure handler if it has one."""
    if isinstance(fn, Function):
        return fn.config, None if fn.on_failure is None else fn.on_failure.config
    from dwf_sim.drivers.inngest import configs_of

    config, *handlers = configs_of([fn])
    return config, handlers[0] if handlers else None


def _event(given: Any) -> Event:
    event = as_event(given)
    if not isinstance(event, Event):
        raise UsageError(f"event is {given!r}; it is an Event, or a list of them")
    return event


def _result(run: RunView, errors: list[Exception], warnings: list[str]) -> Result:
    """Give the error as the object that left the function, if that is known."""
    if run.status == "completed":
        return Result(None, run.output, Status.COMPLETED, warnings)
    found = run.error or {"message": f"the run is {run.status}", "name": run.status}
    message, name = str(found.get("message", "")), str(found.get("name", "Error"))
    last = errors[-1] if errors else None
    if last is None or str(last) != message:
        last = StepError(message, name=name, stack=found.get("stack"))
    return Result(last, None, Status.FAILED, warnings)


def __getattr__(name: str) -> Any:
    if name != "Inngest":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dwf_sim.drivers.inngest import Client

    return Client
