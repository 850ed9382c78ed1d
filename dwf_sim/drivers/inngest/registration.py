"""What an SDK function is registered with: the payload it would send to the server, read (W7).

Everything that is wrong with any function of an app is said at once, since the server refuses the
whole app for it (B317).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dwf_sim.drivers.inngest.sdk import SdkFunction
from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
    once_a_day,
)
from dwf_sim.model.function import RETRIES_DEFAULT, FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.registration import problems
from dwf_sim.model.settings import Cancel, Timeouts, registered_timeouts

T = TypeVar("T")
Written = Mapping[str, Any]

APP_URL = "http://simulation/api/inngest"


def configs_of(functions: Sequence[SdkFunction]) -> list[FunctionConfig]:
    """Read how functions and their failure handlers are registered; raises `ConfigError`."""
    configs: list[FunctionConfig] = []
    found: list[str] = []
    for function in functions:
        app_id = app_id_of(function)
        for written in _payloads(function, found):
            config = _Reader(app_id, written, found).config()
            if any(config.id == other.id for other in configs):
                found.append(_used_twice(config.id.removeprefix(f"{app_id}-"), function.local_id))
            configs.append(config)
    if found:
        listed = "".join(f"\n* {problem}" for problem in found)
        raise ConfigError(f"At least one function is invalid:{listed}")
    return configs


def app_id_of(function: SdkFunction) -> str:
    """Say which app a function was made for: its full id is `<app id>-<function id>`."""
    return function.id.removesuffix(f"-{function.local_id}")


def handlers_of(function: SdkFunction) -> dict[str, Callable[..., Any]]:
    """Give the code of a function, and of its failure handler, by the full id of each."""
    opts = vars(function)["_opts"]
    handlers = {function.id: vars(function)["_handler"]}
    if opts.on_failure is not None:
        handlers[f"{function.id}-failure"] = opts.on_failure
    return handlers


def _used_twice(local_id: str, function_id: str) -> str:
    whose = "" if local_id == function_id else f", once by the failure handler of {function_id!r}"
    return f"{local_id!r}: its id is used twice{whose}; give each its own"


def _payloads(function: SdkFunction, found: list[str]) -> list[Written]:
    """Have the SDK write what it would send; what it refuses itself is a problem too (B319)."""
    try:
        config = function.get_config(APP_URL)
        written = [part.to_dict() for part in (config.main, config.on_failure) if part is not None]
    except Exception as error:
        written = [error]
    found.extend(
        f"{function.local_id!r}: {part}" for part in written if isinstance(part, Exception)
    )
    return [part for part in written if not isinstance(part, Exception)]


class _Reader:
    """Reads one payload, and keeps what is wrong with it."""

    def __init__(self, app_id: str, written: Written, found: list[str]) -> None:
        self._app_id = app_id
        self._written = written
        self._found = found

    def config(self) -> FunctionConfig:
        """Read it all; what cannot be read is left out and a problem."""
        written = self._written
        retries = written["steps"]["step"].get("retries") or {}
        attempts = retries.get("attempts")
        idempotency = written["idempotency"]
        config = FunctionConfig(
            id=written["id"],
            app_id=self._app_id,
            name=written["name"],
            triggers=self._each("triggers", _trigger),
            retries=RETRIES_DEFAULT if attempts is None else attempts,
            cancel=self._each("cancel", _cancel),
            timeouts=self._one("timeouts", registered_timeouts) or Timeouts(),
            batch=self._one("batchEvents", _batch),
            rate_limit=(
                self._one("rateLimit", RateLimit)
                if idempotency is None
                else once_a_day(idempotency)
            ),
            debounce=self._one("debounce", Debounce),
            singleton=self._one("singleton", Singleton),
            concurrency=self._each("concurrency", Concurrency),
            throttle=self._one("throttle", _throttle),
            priority=self._one("priority", Priority),
            idempotency=idempotency,
        )
        for problem in problems(config):
            self._note(problem)
        return config

    def _one(self, key: str, make: Callable[..., T]) -> T | None:
        fields = self._written[key]
        return None if fields is None else self._made(make, fields)

    def _each(self, key: str, make: Callable[..., T]) -> tuple[T, ...]:
        made = (self._made(make, fields) for fields in self._written[key] or ())
        return tuple(part for part in made if part is not None)

    def _made(self, make: Callable[..., T], fields: Written) -> T | None:
        try:
            return make(**fields)
        except UsageError as error:
            self._note(str(error))
            return None

    def _note(self, problem: str) -> None:
        local_id = self._written["id"].removeprefix(f"{self._app_id}-")
        self._found.append(f"{local_id!r}: {problem}")


def _trigger(**fields: Any) -> TriggerEvent | TriggerCron:
    return TriggerCron(**fields) if "cron" in fields else TriggerEvent(**fields)


def _cancel(*, event: str, timeout: str | None = None, **rest: Any) -> Cancel:
    return Cancel(event, if_exp=rest.get("if"), timeout=timeout)


def _batch(**fields: Any) -> Batch:
    return Batch(
        max_size=fields["maxSize"],
        timeout=fields.get("timeout"),
        key=fields.get("key"),
        if_exp=fields.get("if"),
    )


def _throttle(*, burst: int | None = None, **rest: Any) -> Throttle:
    """The SDK says a burst of 1 if nothing else was given; None is sent as none at all (B70)."""
    return Throttle(burst=burst or 0, **rest)
