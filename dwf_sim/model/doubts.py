"""What the engine takes at registration and its author can hardly mean: told as warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dwf_sim.cron import parse_cron
from dwf_sim.errors import CronError, ExpressionError
from dwf_sim.expressions import check
from dwf_sim.model.function import FunctionConfig

_BARE_PATH = re.compile(r"\s*event(\.\w+)+\s*")


def doubts(config: FunctionConfig) -> list[str]:
    """List what is accepted and yet looks like a mistake, each with what it amounts to."""
    return [*_of_keys(config), *_of_numbers(config), *_of_pairs(config), *_of_crons(config)]


def _of_keys(config: FunctionConfig) -> Iterator[str]:
    """The engine checks neither of the first two (B72, B123), and of the last only the form."""
    if config.throttle is not None and config.throttle.key is not None:
        yield from _of_key("throttle", config.throttle.key, "all runs share one throttle")
    if config.singleton is not None and config.singleton.key is not None:
        yield from _of_key("singleton", config.singleton.key, "no run is a singleton")
    for limit in config.concurrency:
        if limit.key is not None:
            yield from _of_key("concurrency", limit.key, "all runs share one limit")
    priority = config.priority
    if priority is not None:
        yield from _of_key("priority", priority.run, "no run has a priority")
        if _BARE_PATH.fullmatch(priority.run):
            yield (
                f"priority {priority.run!r} is never an int, since numbers of events are doubles, "
                f"so no run has a priority: write int({priority.run.strip()})"
            )


def _of_key(setting: str, key: str, effect: str) -> Iterator[str]:
    try:
        check(key)
    except ExpressionError as error:
        yield f"key {key!r} of {setting} never has a value, so {effect}: {error}"


def _of_numbers(config: FunctionConfig) -> Iterator[str]:
    for limit in config.concurrency:
        if limit.limit <= 0:
            effect = "no limit at all" if limit.key is None else "that no run ever starts"
            yield f"concurrency limit {limit.limit} means {effect}"
    throttle = config.throttle
    if throttle is None:
        return
    if throttle.limit <= 0:
        yield f"throttle limit {throttle.limit} counts as 1"
    if throttle.burst < 0:
        yield f"throttle burst {throttle.burst} makes starts rarer than the limit says"
    if throttle.period < 1000:
        yield (
            f"throttle period {throttle.period} ms is cut to whole seconds, so no run ever "
            "starts: an int is milliseconds; write '60s' for seconds"
        )


def _of_pairs(config: FunctionConfig) -> Iterator[str]:
    if config.batch is None or config.rate_limit is None:
        return
    name = "rate_limit" if config.idempotency is None else "idempotency"
    yield f"{name} is ignored for events that come in batches"


def _of_crons(config: FunctionConfig) -> Iterator[str]:
    for trigger in config.cron_triggers:
        try:
            is_ever = parse_cron(trigger.cron).next(0) is not None
        except CronError:
            continue
        if not is_ever:
            yield f"cron {trigger.cron!r} never ticks"
