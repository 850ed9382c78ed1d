"""What may be registered: the settings of a function, checked where they are given (B300-B315).

The engine refuses an app as a whole when one function is bad; here the line that makes the
function says what is wrong with it. Each check raises `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from dwf_sim.errors import ConfigError, ExpressionError
from dwf_sim.expressions import check, check_restricted
from dwf_sim.given import check_count, check_optional_text, shown
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.event import FAILED
from dwf_sim.model.flow_control import Concurrency, RateLimit, once_a_day
from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.payload import byte_count
from dwf_sim.model.settings import Cancel, Timeouts

CANCELS_MAX = 5
TRIGGERS_MAX = 10
EVENT_BYTES_MAX = 255

S = TypeVar("S")


def as_triggers(
    fn_id: str,
    given: TriggerEvent | TriggerCron | Sequence[TriggerEvent | TriggerCron],
) -> tuple[TriggerEvent | TriggerCron, ...]:
    """Take one trigger or a list of them, as the engine would take them (B29-B32, B303)."""
    listed = tuple(given) if isinstance(given, list | tuple) else (given,)
    triggers = tuple(_as_trigger(fn_id, trigger) for trigger in listed)
    if len(triggers) > TRIGGERS_MAX:
        raise ConfigError(
            f"{fn_id!r}: This function exceeds the max number of triggers: {TRIGGERS_MAX}; it has "
            f"{len(triggers)}: a pattern such as 'app/*' takes many names"
        )
    for nth, trigger in enumerate(triggers):
        if trigger in triggers[:nth] and isinstance(trigger, TriggerEvent):
            raise ConfigError(
                f"{fn_id!r}: duplicate trigger event: {trigger.event}; triggers of one name differ "
                "by their expression: leave one of these out"
            )
    return triggers


def _as_trigger(fn_id: str, given: object) -> TriggerEvent | TriggerCron:
    if isinstance(given, TriggerCron):
        return given
    if not isinstance(given, TriggerEvent):
        raise ConfigError(
            f"trigger of {fn_id!r} is {shown(given)}; a trigger is TriggerEvent(event='…') or "
            "TriggerCron(cron='…'), or a list of those, which is empty for a function that is "
            "only invoked"
        )
    if byte_count(given.event) > EVENT_BYTES_MAX:
        raise ConfigError(
            f"{fn_id!r}: event name is too long. maximum length is {EVENT_BYTES_MAX} characters; "
            f"{shown(given.event)} has {byte_count(given.event)} bytes: choose a shorter name"
        )
    _check_expression(fn_id, given)
    return given


def _check_expression(fn_id: str, trigger: TriggerEvent) -> None:
    """Refuse a filter the engine would refuse (B221, B305)."""
    if trigger.expression is None:
        return
    try:
        check(trigger.expression)
    except ExpressionError as error:
        raise ConfigError(
            f"{fn_id!r}: invalid trigger expression on {trigger.event!r}: {error}"
        ) from None


def as_name(fn_id: str, given: str | None) -> str:
    """Take a name for people; without one it is the id (B301)."""
    check_optional_text(f"name of {fn_id!r}", given)
    if given == "":
        raise ConfigError(
            f"{fn_id!r}: A function name is required; name is '': leave it out to use the id"
        )
    return fn_id if given is None else given


def as_retries(fn_id: str, given: int) -> int:
    """Take a number of retries; more than 20 are clamped later (A60)."""
    check_count(f"retries of {fn_id!r}", given, 0)
    return given


def as_cancels(fn_id: str, given: Sequence[Cancel]) -> tuple[Cancel, ...]:
    """Refuse what the engine would refuse (A191, B222, B312)."""
    if not isinstance(given, list | tuple):
        raise ConfigError(f"cancel of {fn_id!r} is {shown(given)}; it is a list of Cancel(event=…)")
    if len(given) > CANCELS_MAX:
        raise ConfigError(
            f"{fn_id!r}: This function exceeds the max number of cancellation events: "
            f"{CANCELS_MAX}; it has {len(given)}"
        )
    for cancel in given:
        if not isinstance(cancel, Cancel):
            raise ConfigError(
                f"{fn_id!r}: cancel holds {shown(cancel)}; it is a list of Cancel(event=…)"
            )
        if cancel.if_exp is None:
            continue
        try:
            check_restricted(cancel.if_exp)
        except ExpressionError as error:
            raise ConfigError(f"{fn_id!r}: Cancellation expression is invalid: {error}") from None
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
