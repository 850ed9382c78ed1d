"""Apps: where functions are made, in the vocabulary of the vendor's client."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar, overload

from dwf_sim.drivers.base import Outlet
from dwf_sim.drivers.native.context import Context, ContextSync
from dwf_sim.drivers.native.function import Function
from dwf_sim.drivers.native.settings import (
    as_cancels,
    as_checkpointing,
    as_concurrency,
    as_optional,
    as_rate_limit,
    as_retries,
    as_timeouts,
    as_triggers,
    check_handler,
    check_registers,
    failure_config,
)
from dwf_sim.drivers.outlets import Outlets
from dwf_sim.errors import ConfigError
from dwf_sim.given import check_optional_text, check_text, says_keywords
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.event import Event
from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
)
from dwf_sim.model.function import RETRIES_DEFAULT, FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.settings import Cancel, Timeouts

T = TypeVar("T")


class _Decorator(Protocol):
    @overload
    def __call__(self, handler: Callable[[Context], Awaitable[T]], /) -> Function[T]: ...

    @overload
    def __call__(self, handler: Callable[[ContextSync], T], /) -> Function[T]: ...

    def __call__(self, handler: Callable[[Any], Any], /) -> Function[Any]: ...


class App:
    """An app and its functions: `app = App("shop")`, then `@app.create_function(…)`.

    `logger` is what `ctx.logger` writes to; without `optimize_parallelism`, the handler is
    entered after each parallel step instead of after all of a group (A37). With `checkpointing`,
    `True` or `Checkpointing(…)`, a request goes on after a step instead of ending there (A202).
    Raises `ConfigError` for an id that is no text, and for settings that cannot be.
    """

    def __init__(
        self,
        app_id: str,
        *,
        logger: logging.Logger | None = None,
        optimize_parallelism: bool = True,
        checkpointing: Checkpointing | bool | None = None,
    ) -> None:
        check_text("app_id", app_id)
        self.app_id = app_id
        self.functions: dict[str, Function[Any]] = {}
        self._logger = logger
        self._optimize_parallelism = optimize_parallelism
        self._checkpointing = as_checkpointing(app_id, checkpointing, None)
        self._outlets = Outlets(app_id)

    @says_keywords
    def create_function(
        self,
        *,
        fn_id: str,
        trigger: TriggerEvent | TriggerCron | Sequence[TriggerEvent | TriggerCron],
        name: str | None = None,
        retries: int | None = None,
        cancel: Sequence[Cancel] = (),
        timeouts: Timeouts | None = None,
        batch_events: Batch | None = None,
        concurrency: int | Concurrency | Sequence[Concurrency] | None = None,
        debounce: Debounce | None = None,
        idempotency: str | None = None,
        priority: Priority | None = None,
        rate_limit: RateLimit | None = None,
        singleton: Singleton | None = None,
        throttle: Throttle | None = None,
        on_failure: Callable[[Any], Any] | None = None,
        optimize_parallelism: bool | None = None,
        checkpointing: Checkpointing | bool | None = None,
    ) -> _Decorator:
        """Make a durable function of an `async def` or plain `def` handler.

        `retries` follow the first attempt of each step and each stretch between steps, 4 if not
        given, 20 at most (A60, A61). `cancel` and `timeouts` end a run early (A150-A158).
        `on_failure` is the handler of a function of its own, `<id>-failure`, which is started once
        for each failed run with the event `inngest/function.failed` (A165-A167). It has none of
        the flow control that the other keywords ask for, each of which a class explains;
        `idempotency` is a key, for each value of which one run a day is started (B53).
        `optimize_parallelism` and `checkpointing` are as the app has them, unless given here.
        Raises `ConfigError` for what cannot be registered, `CronError` for a cron that is none,
        `ExpressionError` for an expression that does not parse.
        """
        check_text("fn_id", fn_id)
        check_optional_text(f"name of {fn_id!r}", name)
        if on_failure is not None:
            check_handler(f"on_failure of {fn_id!r}", on_failure)
        optimizes = (
            self._optimize_parallelism if optimize_parallelism is None else optimize_parallelism
        )
        config = FunctionConfig(
            id=f"{self.app_id}-{fn_id}",
            app_id=self.app_id,
            name=fn_id if name is None else name,
            triggers=as_triggers(fn_id, trigger),
            retries=RETRIES_DEFAULT if retries is None else as_retries(fn_id, retries),
            request_version=2 if optimizes else 1,
            cancel=as_cancels(fn_id, cancel),
            timeouts=as_timeouts(fn_id, timeouts),
            batch=as_optional(f"batch_events of {fn_id!r}", batch_events, Batch),
            rate_limit=as_rate_limit(fn_id, rate_limit, idempotency),
            debounce=as_optional(f"debounce of {fn_id!r}", debounce, Debounce),
            singleton=as_optional(f"singleton of {fn_id!r}", singleton, Singleton),
            concurrency=as_concurrency(fn_id, concurrency),
            throttle=as_optional(f"throttle of {fn_id!r}", throttle, Throttle),
            priority=as_optional(f"priority of {fn_id!r}", priority, Priority),
            idempotency=idempotency,
        )

        goes_on = as_checkpointing(fn_id, checkpointing, self._checkpointing)
        check_registers(fn_id, config)
        failure = failure_config(config)
        if on_failure is not None:
            check_registers(f"{fn_id}-failure", failure)

        def decorate(handler: Callable[[Any], Any], /) -> Function[Any]:
            fallback = (
                None
                if on_failure is None
                else self._make(f"{fn_id}-failure", failure, on_failure, goes_on)
            )
            function = self._make(fn_id, config, handler, goes_on, fallback)
            for part in function.parts:
                self._add(part)
            return function

        return decorate

    def send(self, events: Event | list[Event]) -> SentIds:
        """Send events to the simulation this app is served by; `await` it or not.

        Returns the events' internal ids. Inside a function it is a plain effect: it happens on
        every replay, unless it stands in a step. Raises `SendEventsError`.
        """
        return SentIds(self.outlet.send(events if isinstance(events, list) else [events]))

    @property
    def outlet(self) -> Outlet:
        """The simulation that user code running now belongs to."""
        return self._outlets.current()

    def attach(self, outlet: Outlet) -> None:
        """Note that a simulation serves this app."""
        self._outlets.add(outlet)

    def _make(
        self,
        fn_id: str,
        config: FunctionConfig,
        handler: Callable[[Any], Any],
        checkpointing: Checkpointing | None,
        on_failure: Function[Any] | None = None,
    ) -> Function[Any]:
        check_handler(f"handler of {fn_id!r}", handler)
        is_async = inspect.iscoroutinefunction(handler)
        return Function[Any](
            config, fn_id, handler, is_async, self._logger, checkpointing, on_failure
        )

    def _add(self, function: Function[Any]) -> None:
        fn_id = function.fn_id
        if fn_id in self.functions:
            raise ConfigError(
                f"fn_id {fn_id!r} is used twice in app {self.app_id!r}; give each its own. The "
                "failure handler of 'a' is the function 'a-failure'"
            )
        self.functions[fn_id] = function


class SentIds(list[str]):
    """Ids of sent events: a list that can also be awaited, as what the vendor's `send` gives."""

    def __await__(self) -> Generator[Any, None, list[str]]:
        yield from ()
        return self
