"""The steps of an `async def` handler: `await ctx.step.run("id", function, …)` and the rest."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ParamSpec, TypeVar, overload

from dwf_sim.drivers.changed import watched_body
from dwf_sim.drivers.inputs import inputs_of
from dwf_sim.drivers.lost import note_lost
from dwf_sim.drivers.native import asking
from dwf_sim.drivers.native.asking import Duration
from dwf_sim.drivers.native.call import StepCall
from dwf_sim.drivers.native.entry import Entry
from dwf_sim.drivers.native.function import Function, FunctionReference
from dwf_sim.drivers.native.outcomes import recall
from dwf_sim.duration import to_ms
from dwf_sim.model.event import Event

P = ParamSpec("P")
T = TypeVar("T")


class Step:
    """Steps: what is done once, remembered, and not done again on replay (A5, A16).

    The first argument of each is the step's id. Durations are texts ("1h30m"), timedeltas or
    ints of milliseconds. What a step cannot take raises `UsageError` or a kind of it, such as
    `DurationError`, at once; a step that has failed for good raises `StepError` (A69).
    """

    def __init__(self, entry: Entry, app_id: str) -> None:
        self._entry = entry
        self._app_id = app_id

    @overload
    def run(
        self,
        step_id: str,
        handler: Callable[P, Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Coroutine[Any, Any, T]: ...

    @overload
    def run(
        self, step_id: str, handler: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, T]: ...

    def run(
        self, step_id: str, handler: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Coroutine[Any, Any, Any]:
        """Run a function, `async def` or plain, and remember what it returns, as JSON.

        It is retried on errors, each step by its own budget (A61); used up, `StepError` is
        raised here (A69). `NonRetriableError` and `RetryAfterError` come through as they are (A67).
        A result that is no JSON fails the request, which is retried (A76).
        """
        entry = self._entry
        call = entry.call(step_id, None)
        body = asking.body_of(handler, args, kwargs)
        if entry.bench.is_watched:
            inputs = inputs_of(handler, args, kwargs, sys._getframe(1))
            entry.replay.take(call.label, inputs, "run", handler)
        coroutine = entry.unbegun[call] = _run(entry, call, body)
        return coroutine

    def sleep(self, step_id: str, duration: Duration) -> Coroutine[Any, Any, None]:
        """Sleep for a `duration`; raises `DurationError` for what is none.

        The engine rounds to whole seconds, so 400 ms is no time at all (A93).
        """
        until = self._entry.bench.clock + to_ms(duration)
        return self._begin(step_id, asking.sleep_until(until), _as_is)

    def sleep_until(self, step_id: str, until: datetime.datetime) -> Coroutine[Any, Any, None]:
        """Sleep `until` a datetime; one that is past costs a request and no time (A95).

        Raises `UsageError` for what is no datetime.
        """
        return self._begin(step_id, asking.sleep_until_datetime(until), _as_is)

    def wait_for_event(
        self,
        step_id: str,
        *,
        event: str,
        timeout: Duration,
        if_exp: str | None = None,
        match: str | None = None,
    ) -> Coroutine[Any, Any, Event | None]:
        """Wait for the next event of this name; None when `timeout` comes first (A100-A110).

        `match="data.orderId"` takes only an event that is equal to the run's own event there;
        `if_exp` is an expression over `event` and `async`. The timeout is in whole seconds, or
        `FunctionConfigInvalidError` is raised (A108); for what cannot be else, `UsageError`.
        """
        make = asking.wait_for_event(event, timeout, if_exp, match)
        return self._begin(step_id, make, asking.event_of)

    def wait_for_signal(
        self, step_id: str, *, signal: str, timeout: Duration, on_conflict: str
    ) -> Coroutine[Any, Any, dict[str, Any] | None]:
        """Wait for a signal: `{"signal": …, "data": …}`, or None on `timeout` (A120-A123).

        When another run waits for the same one, "fail" ends this run, "replace" takes its place.
        Raises as `wait_for_event` does; see `Step.wait_for_event`.
        """
        return self._begin(step_id, asking.wait_for_signal(signal, timeout, on_conflict), _as_is)

    def send_signal(
        self, step_id: str, *, signal: str, data: object = None
    ) -> Coroutine[Any, Any, dict[str, str]]:
        """Send a signal: `{"run_id": …}` of the run that waited, `{}` when none did (A124).

        Data that is no JSON fails the step, by an `UnserializableError`.
        """
        return self.run(step_id, asking.send_signal, signal, data)

    def send_event(
        self, step_id: str, events: Event | list[Event]
    ) -> Coroutine[Any, Any, list[str]]:
        """Send events, once per step; returns their internal ids in order (A145-A149).

        What the event API refuses is a `SendEventsError` of the step, which is retried; data that
        is no JSON fails it, by an `UnserializableError`.
        """
        return self.run(step_id, asking.send_events, asking.as_events(events))

    def invoke(
        self,
        step_id: str,
        *,
        function: Function[T] | FunctionReference,
        data: Mapping[str, object] | None = None,
        timeout: Duration | None = None,
        v: str | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Run another function and return its result; its error is raised as `StepError` (A136).

        Without a `timeout` it waits a year; the function goes on when that is over (A135).
        """
        target = asking.target_of(function, self._app_id)
        return self._begin(step_id, asking.invoke(target, data, timeout, v), _as_is)

    def invoke_by_id(
        self,
        step_id: str,
        *,
        app_id: str | None = None,
        function_id: str,
        data: Mapping[str, object] | None = None,
        timeout: Duration | None = None,
        v: str | None = None,
    ) -> Coroutine[Any, Any, object]:
        """Run a function known by its ids; without `app_id`, one of this app (A132).

        `timeout` and the rest are as for `invoke`; see `Step.invoke`.
        """
        target = asking.target_by_ids(app_id, function_id, self._app_id)
        return self._begin(step_id, asking.invoke(target, data, timeout, v), _as_is)

    def _begin(
        self, step_id: str, make: asking.Make, read: Callable[[object], Any]
    ) -> Coroutine[Any, Any, Any]:
        entry = self._entry
        call = entry.call(step_id, make)
        if entry.bench.is_watched:
            op = make(call)
            entry.replay.take(call.label, asking.inputs_of(op), asking.kind_of(op))
        coroutine = entry.unbegun[call] = _settle(entry, call, read)
        return coroutine


async def _run(entry: Entry, call: StepCall, body: Callable[[], object]) -> Any:
    if not entry.meet(call) and not await entry.arrive(call):
        run_id = entry.request.run_id
        note_lost(entry.bench, run_id, call.label, body)
        if entry.bench.is_watched:
            body = watched_body(entry.bench, run_id, call.label, body)
        await entry.execute(call, body)
    return recall(call)


async def _settle(entry: Entry, call: StepCall, read: Callable[[object], Any]) -> Any:
    if not entry.meet(call):
        await entry.arrive(call)
    return read(recall(call))


def _as_is(memo: object) -> Any:
    return memo
