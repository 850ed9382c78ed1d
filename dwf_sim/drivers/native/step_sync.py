"""The steps of a plain `def` handler: `ctx.step.run("id", function, …)` without `await`."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from dwf_sim.drivers.changed import watched_body
from dwf_sim.drivers.inputs import inputs_of
from dwf_sim.drivers.lost import note_lost
from dwf_sim.drivers.native import asking
from dwf_sim.drivers.native.asking import Duration
from dwf_sim.drivers.native.entry import Entry
from dwf_sim.drivers.native.function import Function, FunctionReference
from dwf_sim.drivers.native.outcomes import recall
from dwf_sim.duration import to_ms
from dwf_sim.model.event import Event

P = ParamSpec("P")
T = TypeVar("T")


class StepSync:
    """The same steps as `Step`, each as a plain call; see there for what they mean (A5).

    What a step cannot take raises `UsageError` or a kind of it, one that has failed for
    good `StepError`, as there.
    """

    def __init__(self, entry: Entry, app_id: str) -> None:
        self._entry = entry
        self._app_id = app_id

    def run(self, step_id: str, handler: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function and remember what it returns; see `Step.run`."""
        body = asking.body_of(handler, args, kwargs)
        call = self._entry.call(step_id, None)
        if self._entry.bench.is_watched:
            inputs = inputs_of(handler, args, kwargs, sys._getframe(1))
            self._entry.replay.take(call.label, inputs, "run", handler)
        if not self._entry.arrive_sync(call):
            note_lost(self._entry.bench, self._entry.request.run_id, call.label, body)
            if self._entry.bench.is_watched:
                run_id = self._entry.request.run_id
                body = watched_body(self._entry.bench, run_id, call.label, body)
            self._entry.execute_sync(call, body)
        memo: Any = recall(call)
        return memo  # type: ignore[no-any-return]  # A memo is what the handler returned.

    def sleep(self, step_id: str, duration: Duration) -> None:
        """Sleep; see `Step.sleep`."""
        self._settle(step_id, asking.sleep_until(self._entry.bench.clock + to_ms(duration)))

    def sleep_until(self, step_id: str, until: datetime.datetime) -> None:
        """Sleep until a datetime; see `Step.sleep_until`."""
        self._settle(step_id, asking.sleep_until_datetime(until))

    def wait_for_event(
        self,
        step_id: str,
        *,
        event: str,
        timeout: Duration,
        if_exp: str | None = None,
        match: str | None = None,
    ) -> Event | None:
        """Wait for an event; see `Step.wait_for_event`."""
        make = asking.wait_for_event(event, timeout, if_exp, match)
        return asking.event_of(self._settle(step_id, make))

    def wait_for_signal(
        self, step_id: str, *, signal: str, timeout: Duration, on_conflict: str
    ) -> dict[str, Any] | None:
        """Wait for a signal; see `Step.wait_for_signal`."""
        memo = self._settle(step_id, asking.wait_for_signal(signal, timeout, on_conflict))
        return memo if isinstance(memo, dict) else None

    def send_signal(self, step_id: str, *, signal: str, data: object = None) -> dict[str, str]:
        """Send a signal; see `Step.send_signal`."""
        return self.run(step_id, asking.send_signal, signal, data)

    def send_event(self, step_id: str, events: Event | list[Event]) -> list[str]:
        """Send events; see `Step.send_event`."""
        return self.run(step_id, asking.send_events, asking.as_events(events))

    def invoke(
        self,
        step_id: str,
        *,
        function: Function[T] | FunctionReference,
        data: Mapping[str, object] | None = None,
        timeout: Duration | None = None,
        v: str | None = None,
    ) -> T:
        """Run another function; see `Step.invoke`."""
        target = asking.target_of(function, self._app_id)
        memo: Any = self._settle(step_id, asking.invoke(target, data, timeout, v))
        return memo  # type: ignore[no-any-return]  # A memo is what the function returned.

    def invoke_by_id(
        self,
        step_id: str,
        *,
        app_id: str | None = None,
        function_id: str,
        data: Mapping[str, object] | None = None,
        timeout: Duration | None = None,
        v: str | None = None,
    ) -> object:
        """Run a function known by its ids; see `Step.invoke_by_id`."""
        target = asking.target_by_ids(app_id, function_id, self._app_id)
        return self._settle(step_id, asking.invoke(target, data, timeout, v))

    def _settle(self, step_id: str, make: asking.Make) -> object:
        call = self._entry.call(step_id, make)
        if self._entry.bench.is_watched:
            op = make(call)
            self._entry.replay.take(call.label, asking.inputs_of(op), asking.kind_of(op))
        self._entry.arrive_sync(call)
        return recall(call)
