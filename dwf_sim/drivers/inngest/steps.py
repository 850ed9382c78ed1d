"""Steps that are watched: the SDK's own objects of one request, which become these.

Only what counts a step id itself is here; `sleep` and `send_event` are made of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from dwf_sim.drivers.inngest.sdk import inngest
from dwf_sim.drivers.inputs import inputs_of, texts_of
from dwf_sim.drivers.native import Function

if TYPE_CHECKING:
    from dwf_sim.drivers.inngest.visit import Visit


class WatchedStep(inngest.Step):
    """The steps of an `async def` handler."""

    visit: Visit
    make_ai: Callable[[Any], Any]

    @property
    def ai(self) -> Any:  # type: ignore[override]  # An attribute of the SDK's own.
        """Make them when they are asked for."""
        return self.visit.ai(self)

    async def run(  # type: ignore[override]  # Whatever it is given is passed on.
        self, step_id: str, handler: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Stand around the body."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            inputs = inputs_of(handler, args, {}, sys._getframe(1))
            self.visit.take(step_id, index, inputs, "run", handler)
        body = partial(self.visit.body, step_id, index, handler)
        return await super().run(step_id, body, *args, **kwargs)

    async def sleep_until(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, {}, "sleep")
        return await super().sleep_until(step_id, *args, **kwargs)

    async def wait_for_event(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, texts_of(kwargs), "wait")
        return await super().wait_for_event(step_id, *args, **kwargs)

    async def invoke_by_id(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, texts_of(kwargs), "invoke")
        return await super().invoke_by_id(step_id, *args, **kwargs)

    async def invoke(self, step_id: str, *, function: Any, **kwargs: Any) -> Any:
        """Invoke a function by its object, one written for dwf_sim too."""
        if isinstance(function, Function):
            return await self.invoke_by_id(step_id, **_by_id(function), **kwargs)
        return await super().invoke(step_id, function=function, **kwargs)


class WatchedStepSync(inngest.StepSync):
    """The steps of a plain `def` handler."""

    visit: Visit
    make_ai: Callable[[Any], Any]

    @property
    def ai(self) -> Any:  # type: ignore[override]  # An attribute of the SDK's own.
        """Make them when they are asked for."""
        return self.visit.ai(self)

    def run(  # type: ignore[override]  # Whatever it is given is passed on.
        self, step_id: str, handler: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Stand around the body."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            inputs = inputs_of(handler, args, {}, sys._getframe(1))
            self.visit.take(step_id, index, inputs, "run", handler)
        body = partial(self.visit.body_sync, step_id, index, handler)
        return super().run(step_id, body, *args, **kwargs)

    def sleep_until(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, {}, "sleep")
        return super().sleep_until(step_id, *args, **kwargs)

    def wait_for_event(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, texts_of(kwargs), "wait")
        return super().wait_for_event(step_id, *args, **kwargs)

    def invoke_by_id(self, step_id: str, *args: Any, **kwargs: Any) -> Any:
        """Count."""
        index = self.visit.count(step_id)
        if self.visit.bench.is_watched:
            self.visit.take(step_id, index, texts_of(kwargs), "invoke")
        return super().invoke_by_id(step_id, *args, **kwargs)

    def invoke(self, step_id: str, *, function: Any, **kwargs: Any) -> Any:
        """Invoke a function by its object, one written for dwf_sim too."""
        if isinstance(function, Function):
            return self.invoke_by_id(step_id, **_by_id(function), **kwargs)
        return super().invoke(step_id, function=function, **kwargs)


def _by_id(function: Function[Any]) -> dict[str, str]:
    return {"app_id": function.config.app_id, "function_id": function.fn_id}
