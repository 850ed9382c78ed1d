"""The settings of a function, taken from what a user gave: wrong types are refused here.

What the engine refuses besides is in `model/registration.py`; both raise `ConfigError` at the line
that makes the function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from dwf_sim.errors import ConfigError
from dwf_sim.given import check_count, check_optional_text, shown
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.event import FAILED
from dwf_sim.model.flow_control import Concurrency, RateLimit, once_a_day
from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.registration import problems
from dwf_sim.model.settings import Cancel, Timeouts

S = TypeVar("S")


def as_triggers(fn_id: str, given: object) -> tuple[TriggerEvent | TriggerCron, ...]:
    """Take one trigger or a list of them."""
    triggers = tuple(given) if isinstance(given, list | tuple) else (given,)
    return tuple(_as_trigger(fn_id, trigger) for trigger in triggers)


def _as_trigger(fn_id: str, given: object) -> TriggerEvent | TriggerCron:
    if not isinstance(given, TriggerEvent | TriggerCron):
        raise ConfigError(
            f"trigger of {fn_id!r} is {shown(given)}; a trigger is TriggerEvent(event='…') or "
            "TriggerCron(cron='…'), or a list of those, which is empty for a function that is "
            "only invoked"
        )
    return given


def as_retries(fn_id: str, given: int) -> int:
    """Take a number of retries; more than 20 are clamped later (A60)."""
    check_count(f"retries of {fn_id!r}", given, 0)
    return given


def as_cancels(fn_id: str, given: Sequence[Cancel]) -> tuple[Cancel, ...]:
    """Take a list of cancellations."""
    if not isinstance(given, list | tuple):
        raise ConfigError(f"cancel of {fn_id!r} is {shown(given)}; it is a list of Cancel(event=…)")
    for cancel in given:
        if not isinstance(cancel, Cancel):
            raise ConfigError(
                f"{fn_id!r}: cancel holds {shown(cancel)}; it is a list of Cancel(event=…)"
            )
    return tuple(given)


def as_timeouts(fn_id: str, given: Timeouts | None) -> Timeouts:
    """Take timeouts, or none."""
    if given is not None and not isinstance(given, Timeouts):
        raise ConfigError(f"timeouts of {fn_id!r} is {shown(given)}; it is Timeouts(finish='1h')")
    return given or Timeouts()


def as_checkpointing(
    name: str, given: Checkpointing | bool | None, otherwise: Checkpointing | None
) -> Checkpointing | None:
    """Take checkpointing as given: on, off, or not at all, which leaves it as it is otherwise."""
    if given is None:
        return otherwise
    if isinstance(given, bool):
        return Checkpointing() if given else None
    if not isinstance(given, Checkpointing):
        raise ConfigError(
            f"checkpointing of {name!r} is {shown(given)}; it is Checkpointing(buffered_steps=3), "
            "True for its defaults, or False"
        )
    return given


def as_optional(name: str, given: S | None, kind: type[S]) -> S | None:
    """Take settings of this class, or none."""
    if given is not None and not isinstance(given, kind):
        raise ConfigError(f"{name} is {shown(given)}; make it with {kind.__name__}(…)")
    return given


def as_concurrency(fn_id: str, given: object) -> tuple[Concurrency, ...]:
    """Take a limit, one with its key and scope, or a list of those (B78)."""
    if given is None:
        return ()
    if isinstance(given, int) and not isinstance(given, bool):
        return (Concurrency(limit=given),)
    limits = tuple(given) if isinstance(given, list | tuple) else (given,)
    for limit in limits:
        if not isinstance(limit, Concurrency):
            raise ConfigError(
                f"concurrency of {fn_id!r} is {shown(limit)}; it is an int, "
                "Concurrency(limit=…), or a list of those with their keys"
            )
    return limits


def as_rate_limit(fn_id: str, given: RateLimit | None, idempotency: str | None) -> RateLimit | None:
    """Take a rate limit; an idempotency key is one, and takes the place of any other (B53)."""
    check_optional_text(f"idempotency of {fn_id!r}", idempotency)
    limit = as_optional(f"rate_limit of {fn_id!r}", given, RateLimit)
    return limit if idempotency is None else once_a_day(idempotency)


def check_handler(name: str, given: object) -> None:
    """Refuse what cannot be called."""
    if not callable(given):
        raise ConfigError(f"{name} is {shown(given)}; it must be a function that takes ctx")


def failure_config(config: FunctionConfig) -> FunctionConfig:
    """What a failure handler is registered with: one attempt, as the Python SDK's (A165)."""
    expression = f"event.data.function_id == '{config.id}'"
    return FunctionConfig(
        f"{config.id}-failure",
        config.app_id,
        f"{config.name} (failure)",
        (TriggerEvent(FAILED, expression),),
        0,
        config.request_version,
    )


def check_registers(fn_id: str, config: FunctionConfig) -> None:
    """Refuse what the engine would refuse, with all that is wrong (B317)."""
    match problems(config):
        case []:
            return
        case [problem]:
            raise ConfigError(f"{fn_id!r}: {problem}")
        case found:
            listed = "".join(f"\n* {problem}" for problem in found)
            raise ConfigError(f"{fn_id!r} has {len(found)} problems:{listed}")
