"""The driver of one native function: enters its handler for each request."""

from __future__ import annotations

import logging

import attrs

from dwf_sim.drivers.base import BODY, Bench
from dwf_sim.drivers.native.call import DISCOVERY, RACE
from dwf_sim.drivers.native.context import Context, ContextSync
from dwf_sim.drivers.native.entry import Entry
from dwf_sim.drivers.native.function import Function
from dwf_sim.drivers.native.step import Step
from dwf_sim.drivers.native.step_sync import StepSync
from dwf_sim.model.messages import Request


class NativeDriver:
    """Calls a function's handler."""

    def __init__(self, function: Function[object]) -> None:
        self._function = function
        self._logger = function.logger or logging.getLogger("dwf_sim")

    @property
    def handler(self) -> object:
        """The user's own function."""
        return self._function.handler

    def without_checkpoints(self) -> NativeDriver:
        """Give a driver that ends each request at its first new step, as without checkpointing."""
        if self._function.checkpointing is None:
            return self
        return NativeDriver(attrs.evolve(self._function, checkpointing=None))

    def begin(self, request: Request, bench: Bench) -> None:
        """Enter the handler; an `async def` one as a task of the virtual event loop."""
        if BODY.get() is not None:  # A simulation that runs inside a step of another.
            BODY.set(None)
            DISCOVERY.set(None)
            RACE.set(False)
        entry = Entry(request, bench, self._function.checkpointing)
        if not bench.enter():
            return
        app_id = self._function.config.app_id
        if self._function.is_async:
            context = Context(entry, self._logger, Step(entry, app_id))
            bench.spawn(entry.run(self._function.handler, context))
        else:
            context_sync = ContextSync(entry, self._logger, StepSync(entry, app_id))
            entry.run_sync(self._function.handler, context_sync)
