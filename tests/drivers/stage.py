"""The stage: one handler, one event, and what the engine and the handler said to each other.

A handler is written once, as `async def`; with `kind="def"` it is played as the plain `def` that
does the same, so that a test can show both. With "sdk async def" and "sdk def" it is played as a
function of the vendor's SDK.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.model.records import (
    Complained,
    Logged,
    Record,
    RequestSent,
    ResponseReceived,
    StepsCheckpointed,
)
from tests.drivers.parity import compared, watch
from tests.drivers.sdk_app import sdk_app, sdk_client
from tests.drivers.sdk_stage import sdk_handler

__tracebackhide__ = True  # What a handler does is reported at its own line.

T = TypeVar("T", bound=Record)
Handler = Callable[[Any], Any]

both_kinds = pytest.mark.parametrize("kind", ["async def", "def"])
every_kind = compared(
    "kind",
    {"async def": None, "def": None, "sdk async def": "async def", "sdk def": "def"},
)

# For handlers that wait for more than steps, or whose bodies do, and for what is done side by side.
every_async = compared("kind", {"async def": None, "sdk async def": "async def"})
every_way = compared("kind", {"gather": None, "async def": None, "sdk async def": "async def"})

every_driver = compared("driver", {"native": None, "sdk": "native"})


@attrs.frozen
class Request:
    """A request and its answer; `at_ms` counts from the creation of the run."""

    at_ms: int
    attempt: int
    target: str | None
    answer: str


@attrs.frozen
class Played:
    """A run on the stage; `sim` can be moved on."""

    sim: dwf.Simulation
    app: dwf.App
    run: dwf.RunView

    def to_end(self) -> Played:
        """Let time go on until nothing is left to happen."""
        self.sim.run_until_idle()
        return self

    def records(self, kind: type[T]) -> list[T]:
        """List the run's records of a class."""
        return [r for r in self.sim.trace.of(kind) if r.run == self.run.id]

    @property
    def requests(self) -> list[Request]:
        """The run's requests in the order in which they were sent."""
        answers = {r.number: r.answer for r in self.records(ResponseReceived)}
        return [
            Request(
                entry.at - self.run.scheduled_at,
                entry.record.attempt,
                entry.record.step,
                answers.get(entry.record.number, "no answer"),
            )
            for entry in self.sim.trace.about(self.run.id)
            if isinstance(entry.record, RequestSent)
        ]

    @property
    def answers(self) -> list[str]:
        """What was answered to each request."""
        return [request.answer for request in self.requests]

    @property
    def checkpoints(self) -> list[tuple[str, ...]]:
        """The steps that each checkpoint reported."""
        return [record.steps for record in self.records(StepsCheckpointed)]

    @property
    def executions(self) -> dict[str, int]:
        """How often each step's body was run."""
        return {label: step.executions for label, step in self.run.steps.items()}

    @property
    def took_ms(self) -> int:
        """How long the run lasted."""
        assert self.run.ended_at is not None, f"{self.run} has not ended"
        return self.run.ended_at - self.run.scheduled_at

    @property
    def lines(self) -> list[str]:
        """What `ctx.logger` let through."""
        return [record.text for record in self.records(Logged)]

    @property
    def complaints(self) -> list[str]:
        """What the simulator noticed and did not stop for."""
        return [record.text for record in self.records(Complained)]


def set_up(
    handler: Handler,
    kind: str = "async def",
    *,
    retries: int | None = 0,
    data: Mapping[str, object] | None = None,
    app: dwf.App | None = None,
    optimize_parallelism: bool = True,
    checkpointing: dwf.Checkpointing | bool | None = None,
    **world: Any,
) -> Played:
    """Serve the handler for the event `go` and send that; nothing has happened yet."""
    app = app or dwf.App("app")
    if kind.startswith("sdk"):
        return _set_up_sdk(handler, kind, retries, data or {}, app, **world)
    app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent(event="go"),
        retries=retries,
        optimize_parallelism=optimize_parallelism,
        checkpointing=checkpointing,
    )(plain(handler) if kind == "def" else handler)
    sim = watch(dwf.Simulation(**world)).serve(app)
    return Played(sim, app, sim.send("go", data or {}).run)


def _set_up_sdk(
    handler: Handler,
    kind: str,
    retries: int | None,
    data: Mapping[str, object],
    app: dwf.App,
    **world: Any,
) -> Played:
    """Serve the handler as a function of the SDK, beside the functions of a native app."""
    client = sdk_client(app.app_id)
    go = inngest.TriggerEvent(event="go")
    make: Any = client.create_function(fn_id="f", trigger=go, retries=retries)
    function = make(sdk_handler(handler, _finish, kind, client))
    sim = watch(dwf.Simulation(**world)).serve((client, [function]))
    if app.functions:
        sim.serve(app)
    return Played(sim, app, sim.send("go", data).run)


async def together(ctx: Any, kind: str, *branches: Callable[[], Any]) -> list[Any]:
    """Do all this side by side: by asyncio's `gather`, or by the group that both drivers have."""
    if kind == "gather":
        return list(await asyncio.gather(*(branch() for branch in branches)))
    return list(await ctx.group.parallel(branches))


async def send(ctx: Any, app: dwf.App, *events: dwf.Event) -> list[str]:
    """Send by the app, or by the client of the SDK, outside of a step or in the body of one."""
    by_client = getattr(ctx, "send_by_client", None)
    return list(await by_client([*events]) if by_client else app.send([*events]))


def serve(
    given: dwf.App | dwf.Function[Any] | Sequence[dwf.Function[Any]],
    driver: str,
    sim: dwf.Simulation | None = None,
    **world: Any,
) -> dwf.Simulation:
    """Serve native functions, or what they are in the SDK, in a simulation of this world."""
    sim = sim or watch(dwf.Simulation(**world))
    return sim.serve(servable(given, driver))


def servable(given: dwf.App | dwf.Function[Any] | Sequence[dwf.Function[Any]], driver: str) -> Any:
    """Give native functions, or what they are in the SDK."""
    if driver == "native":
        return given
    if isinstance(given, dwf.Function):
        given = [given]
    functions = [*given.functions.values()] if isinstance(given, dwf.App) else given
    return sdk_app(functions, _finish)


def play(handler: Handler, kind: str = "async def", **settings: Any) -> Played:
    """Serve the handler, send the event, and let everything happen."""
    return set_up(handler, kind, **settings).to_end()


class Fails:
    """A body that raises for the first `times` executions, with their number in the message."""

    def __init__(
        self, times: int = 99, error: type[Exception] = ValueError, returns: object = None
    ) -> None:
        self.calls = 0
        self._times = times
        self._error = error
        self._returns = returns

    def __call__(self) -> object:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error(f"boom {self.calls}")
        return self._returns


def plain(handler: Handler) -> Handler:
    """Make the plain `def` handler that does what an `async def` one does."""

    def twin(ctx: dwf.ContextSync) -> object:
        return _finish(handler(_Awaitably(ctx)))

    return twin


def _finish(coroutine: Coroutine[Any, Any, object]) -> object:
    """Run a coroutine that never has to wait, since every step in it is a plain call."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a handler played as plain `def` awaits nothing but steps")


class _Awaitably:
    """A `ContextSync` whose steps can be awaited."""

    def __init__(self, ctx: dwf.ContextSync) -> None:
        self._ctx = ctx
        self.step = _Steps(ctx.step)
        self.group = _Group(ctx.group)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)


class _Steps:
    def __init__(self, step: dwf.StepSync) -> None:
        self._step = step

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        method = getattr(self._step, name)

        async def call(*args: Any, **kwargs: Any) -> object:
            return method(*args, **kwargs)

        return call


class _Group:
    def __init__(self, group: dwf.GroupSync) -> None:
        self._group = group

    async def parallel(
        self,
        callables: tuple[Callable[[], Coroutine[Any, Any, object]], ...],
        parallel_mode: dwf.ParallelMode = dwf.ParallelMode.WAIT,
    ) -> tuple[object, ...]:
        branches = tuple(lambda branch=branch: _finish(branch()) for branch in callables)
        return self._group.parallel(branches, parallel_mode)
