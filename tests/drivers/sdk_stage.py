"""The stage's other half: a handler written for dwf_sim, played as a function of the vendor's SDK.

The steps it awaits become the SDK's: durations are timedeltas there, and errors of other classes.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import inngest

import dwf_sim as dwf
from dwf_sim.drivers.native.function import FunctionReference
from dwf_sim.duration import to_ms
from dwf_sim.expressions import match_expression

__tracebackhide__ = True  # What a handler does is reported at its own line.

Handler = Callable[[Any], Any]


def sdk_handler(
    handler: Handler, finish: Callable[[Any], Any], kind: str, client: inngest.Inngest
) -> Any:
    """Make a handler for the SDK that does what one for dwf_sim does."""

    async def send(events: list[dwf.Event]) -> list[str]:
        made = [_event(event) for event in events]
        return await client.send(made) if kind == "sdk async def" else client.send_sync(made)

    async def twin(ctx: inngest.Context) -> object:
        with _outwards():
            return await handler(_Context(ctx, _Steps(ctx.step), _Group(ctx.group), send))

    def plain_twin(ctx: inngest.ContextSync) -> object:
        with _outwards():
            if not inspect.iscoroutinefunction(handler):
                return handler(_Context(ctx, _PlainSteps(ctx.step), ctx.group, send))
            group = _GroupSync(ctx.group, finish)
            return finish(handler(_Context(ctx, _StepsSync(ctx.step), group, send)))

    return twin if kind == "sdk async def" else plain_twin


@contextlib.contextmanager
def _outwards() -> Iterator[None]:
    """Make the SDK's errors of ours, on their way out of a handler or a body."""
    try:
        yield
    except dwf.StepError as error:
        raise inngest.StepError(error.message, error.name, error.stack) from error
    except dwf.NonRetriableError as error:
        raise _named(inngest.NonRetriableError, error)(str(error)) from error
    except dwf.RetryAfterError as error:
        given: Any = error.retry_after
        is_text = isinstance(given, str)
        made = _named(inngest.RetryAfterError, error)
        raise made(str(error), _span(given) if is_text else given) from error


def _named(kind: type[Exception], error: Exception) -> Any:
    """Make a class of the SDK's that has the name of an error's own, which the run's error has."""
    name = type(error).__name__
    if isinstance(error.__cause__, kind):  # It came from a step, where it had that name.
        name = type(error.__cause__).__name__
    return kind if name == kind.__name__ else type(name, (kind,), {})


@contextlib.contextmanager
def _inwards() -> Iterator[None]:
    """Make ours of the SDK's errors, on their way from a step into a handler."""
    try:
        yield
    except inngest.StepError as error:
        raise dwf.StepError(error.message, name=error.name, stack=error.stack) from error
    except inngest.NonRetriableError as error:
        raise dwf.NonRetriableError(str(error)) from error
    except inngest.RetryAfterError as error:
        raise dwf.RetryAfterError(str(error), error.retry_after) from error


def _span(given: Any) -> datetime.timedelta:
    return datetime.timedelta(milliseconds=to_ms(given))


class _Context:
    def __init__(self, ctx: Any, step: Any, group: Any, send: Callable[..., Any]) -> None:
        self._ctx = ctx
        self.step = step
        self.group = group
        self.send_by_client = send

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)


class _Steps:
    def __init__(self, step: Any) -> None:
        self._step = step

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(step_id: str, *args: Any, **kwargs: Any) -> object:
            step, given, keywords = _as_the_sdk(name, args, kwargs)
            with _inwards():
                return await getattr(self._step, step)(step_id, *given, **keywords)

        return call


class _PlainSteps:
    def __init__(self, step: Any) -> None:
        self._step = step

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(step_id: str, *args: Any, **kwargs: Any) -> object:
            step, given, keywords = _as_the_sdk(name, args, kwargs)
            with _inwards():
                return getattr(self._step, step)(step_id, *given, **keywords)

        return call


class _StepsSync(_PlainSteps):
    """Plain steps that can be awaited."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = super().__getattr__(name)

        async def call(*args: Any, **kwargs: Any) -> object:
            return method(*args, **kwargs)

        return call


def _as_the_sdk(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Write a call of a step as the SDK has it."""
    target = kwargs.get("function")
    if isinstance(target, FunctionReference):
        del kwargs["function"]
        kwargs |= {"app_id": target.app_id, "function_id": target.function_id}
        return "invoke_by_id", args, _keywords(kwargs)
    if name == "run" and kwargs:
        args, kwargs = (functools.partial(args[0], **kwargs), *args[1:]), {}
    return name, _arguments(name, args), _keywords(kwargs)


def _arguments(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    if name == "sleep":
        return (_span(args[0]),)
    if name == "send_event":
        events = args[0] if isinstance(args[0], list) else [args[0]]
        return ([_event(event) for event in events],)
    return (_body(args[0]), *args[1:]) if name == "run" else args


def _event(event: dwf.Event) -> inngest.Event:
    data: Any = dict(event.data)
    return inngest.Event(name=event.name, data=data, id=event.id, ts=event.ts)


def _keywords(kwargs: dict[str, Any]) -> dict[str, Any]:
    timeout, match = kwargs.get("timeout"), kwargs.pop("match", None)
    if timeout is not None:
        kwargs["timeout"] = _span(timeout)
    if match is not None:
        kwargs["if_exp"] = match_expression(match)
    return kwargs


def _body(body: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(body)
    def plain(*args: Any) -> Any:
        with _outwards():
            output = body(*args)
        return _awaited(output) if inspect.isawaitable(output) else output

    return plain


async def _awaited(output: Any) -> Any:
    with _outwards():
        return await output


class _Group:
    def __init__(self, group: Any) -> None:
        self._group = group

    async def parallel(self, callables: Any, mode: dwf.ParallelMode = dwf.ParallelMode.WAIT) -> Any:
        return await self._group.parallel(callables, inngest.ParallelMode[mode.name])


class _GroupSync:
    def __init__(self, group: Any, finish: Callable[[Any], Any]) -> None:
        self._group = group
        self._finish = finish

    async def parallel(self, callables: Any, mode: dwf.ParallelMode = dwf.ParallelMode.WAIT) -> Any:
        branches = tuple(lambda branch=branch: self._finish(branch()) for branch in callables)
        return self._group.parallel(branches, inngest.ParallelMode[mode.name])
