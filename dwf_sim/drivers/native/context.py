"""What a handler is given: the event, the steps, and what is known of the run (A45)."""

from __future__ import annotations

import datetime
import logging
from functools import cached_property
from typing import cast

from dwf_sim.drivers.native.entry import Entry
from dwf_sim.drivers.native.group import Group, GroupSync
from dwf_sim.drivers.native.logger import RunLogger
from dwf_sim.drivers.native.step import Step
from dwf_sim.drivers.native.step_sync import StepSync
from dwf_sim.model.event import Event, StoredEvent
from dwf_sim.model.payload import decode


class _ContextBase:
    _entry: Entry
    _logger: logging.Logger

    @cached_property
    def logger(self) -> RunLogger:
        """Logs to the app's logger and the trace, each line once (A210)."""
        return RunLogger(self._entry, self._logger)

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 0; each step has its own count (A61, A62)."""
        return self._entry.request.attempt

    @property
    def run_id(self) -> str:
        """The id of the run, a ULID."""
        return self._entry.request.run_id

    @cached_property
    def events(self) -> list[Event]:
        """The events the run was started with; more than one for a batch."""
        return [_event_of(stored) for stored in self._entry.request.events]

    @property
    def event(self) -> Event:
        """The first of the events."""
        return self.events[0]

    @property
    def now(self) -> datetime.datetime:
        """The virtual time, with zone UTC."""
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        return epoch + datetime.timedelta(milliseconds=self._entry.bench.clock)


class Context(_ContextBase):
    """The context of an `async def` handler: what is known of its run, and its steps (A45)."""

    def __init__(self, entry: Entry, logger: logging.Logger, step: Step) -> None:
        self._entry = entry
        self._logger = logger
        self.step = step

    @cached_property
    def group(self) -> Group:
        """Steps in parallel (A38)."""
        return Group(self._entry)


class ContextSync(_ContextBase):
    """The context of a plain `def` handler: what is known of its run, and its steps (A45)."""

    def __init__(self, entry: Entry, logger: logging.Logger, step: StepSync) -> None:
        self._entry = entry
        self._logger = logger
        self.step = step

    @cached_property
    def group(self) -> GroupSync:
        """Steps in parallel (A38)."""
        return GroupSync(self._entry)


def _event_of(stored: StoredEvent) -> Event:
    """Read an event anew for each request, so that no handler can change it for the next."""
    data = cast("dict[str, object]", decode(stored.data))
    return Event(stored.name, data, id=stored.id, ts=stored.ts, v=stored.v)
