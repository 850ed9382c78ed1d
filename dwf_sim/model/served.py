"""Records of functions: as they were registered, flat, and the ticks of their schedules."""

from __future__ import annotations

from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.value import value


@value
class FunctionServed:
    """A function was registered with these settings, which hold from now on.

    Durations are in milliseconds. Each setting is a tuple of what it was given, in the order of
    its class in `flow_control.py`; None where the function has none.
    """

    function: str
    attempts_max: int
    triggers: tuple[tuple[str, str | None], ...] = ()  # Name and expression.
    crons: tuple[tuple[str, int], ...] = ()  # Text and jitter.
    cancel: tuple[tuple[str, str | None, int | None], ...] = ()  # Name, expression, timeout.
    concurrency: tuple[tuple[int, str | None, str | None], ...] = ()  # Limit, key, scope.
    throttle: tuple[int, int, int, str | None] | None = None  # Limit, period, burst, key.
    rate_limit: tuple[int, int, str | None] | None = None  # Limit, period, key.
    debounce: tuple[int, str | None, int | None] | None = None  # Period, key, timeout.
    batch: tuple[int, int, str | None, str | None] | None = None  # Size, timeout, key, condition.
    singleton: tuple[str, str | None] | None = None  # Mode and key.
    priority: str | None = None  # Expression.


@value
class CronTicked:
    """A schedule of a function ticked; `tick` is the instant the schedule names."""

    function: str
    cron: str
    tick: int


def served(config: FunctionConfig) -> FunctionServed:
    """Write down how a function is registered."""
    throttle, rate, debounce = config.throttle, config.rate_limit, config.debounce
    batch, singleton = config.batch, config.singleton
    return FunctionServed(
        config.id,
        config.attempts_max,
        tuple((trigger.event, trigger.expression) for trigger in config.event_triggers),
        tuple((trigger.cron, trigger.jitter or 0) for trigger in config.cron_triggers),
        tuple((entry.event, entry.expression, entry.timeout) for entry in config.cancel),
        tuple((each.limit, each.key, each.scope) for each in config.concurrency),
        None
        if throttle is None
        else (throttle.limit, throttle.period, throttle.burst, throttle.key),
        None if rate is None else (rate.limit, rate.period, rate.key),
        None if debounce is None else (debounce.period, debounce.key, debounce.timeout),
        None if batch is None else (batch.max_size, batch.timeout or 0, batch.key, batch.if_exp),
        None if singleton is None else (singleton.mode, singleton.key),
        None if config.priority is None else config.priority.run,
    )
