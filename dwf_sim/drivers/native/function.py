"""Functions as users hold them: the handler together with what it was registered with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import attrs

from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.function import FunctionConfig

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(eq=False)
class Function(Generic[T_co]):
    """A durable function, made by `App.create_function`; the type is what its handler returns."""

    config: FunctionConfig
    fn_id: str
    handler: Callable[[Any], Awaitable[T_co]] | Callable[[Any], T_co]
    is_async: bool
    logger: Any = None
    checkpointing: Checkpointing | None = None
    on_failure: Function[Any] | None = None

    @property
    def parts(self) -> tuple[Function[Any], ...]:
        """The functions it is to the engine: itself, and its failure handler if it has one."""
        return (self,) if self.on_failure is None else (self, self.on_failure)

    @property
    def id(self) -> str:
        """The full id, `<app id>-<function id>`."""
        return self.config.id


@attrs.frozen
class FunctionReference:
    """A function known by its ids only, as in another app or another language (A132)."""

    function_id: str
    app_id: str | None = None


def reference_function(function_id: str, *, app_id: str | None = None) -> FunctionReference:
    """Refer to a function by id, to invoke it (A132); without `app_id`, one of the caller's app."""
    return FunctionReference(function_id, app_id)
