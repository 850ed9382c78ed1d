"""What the engine refuses when an app is registered (B300-B317), and what it lets pass.

One bad function makes the engine refuse its whole app, with a list of all that is wrong. Each text
here begins with the server's own words, then says what was given and what to do. Throttles,
singletons and timeouts are not looked at there, and so not here either (B316).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from dwf_sim.cron import parse_cron, parse_jitter
from dwf_sim.duration import format_duration
from dwf_sim.errors import CronError, ExpressionError
from dwf_sim.expressions import check, check_parses, check_restricted
from dwf_sim.given import shown
from dwf_sim.model.flow_control import Batch, Concurrency, Debounce, RateLimit
from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent

TRIGGERS_MAX = 10
EVENT_NAME_BYTES_MAX = 255
CONCURRENCY_LIMITS_MAX = 2
CANCELS_MAX = 5
BATCH_SIZE_MIN = 2
BATCH_TIMEOUT_MS_MIN = 1_000
DEBOUNCE_MS_MIN = 1_000
DEBOUNCE_MS_MAX = 168 * 3_600_000
RATE_LIMIT_MS_MAX = 24 * 3_600_000

_SENT_UNITS = (
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
)


def problems(config: FunctionConfig) -> list[str]:
    """List all for which the engine would refuse a function; nothing, and it can be registered."""
    return [*_of_name(config), *_of_triggers(config), *_of_settings(config)]


def _of_name(config: FunctionConfig) -> Iterator[str]:
    if not config.name:
        yield "A function name is required; it is ''; give a text, or leave the name out"


def _of_triggers(config: FunctionConfig) -> Iterator[str]:
    count = len(config.triggers)
    if count > TRIGGERS_MAX:
        yield (
            f"This function exceeds the max number of triggers: {TRIGGERS_MAX}; it has {count}; "
            "use a pattern such as 'shop/*', or several functions"
        )
    yield from _of_duplicates(config)
    for trigger in config.triggers:
        if isinstance(trigger, TriggerEvent):
            yield from _of_event(trigger)
        else:
            yield from _of_cron(trigger)


def _of_duplicates(config: FunctionConfig) -> Iterator[str]:
    """Refuse what is there twice; one event may stand in several, with other filters (B30)."""
    repeated = [trigger for trigger, count in Counter(config.triggers).items() if count > 1]
    for trigger in repeated:
        name = (
            f"event: {trigger.event}"
            if isinstance(trigger, TriggerEvent)
            else f"cron: {trigger.cron}"
        )
        yield f"duplicate trigger {name}; it is given more than once; leave out all but one"
    crons = Counter(trigger.cron for trigger in dict.fromkeys(config.cron_triggers))
    for cron, count in crons.items():
        if count > 1:
            yield (
                f"duplicate cron expression: {cron}; it is given with {count} jitters; "
                "leave out all but one"
            )


def _of_event(trigger: TriggerEvent) -> Iterator[str]:
    size = len(trigger.event.encode("utf-8", "surrogatepass"))
    if size > EVENT_NAME_BYTES_MAX:
        yield (
            f"event name is too long. maximum length is {EVENT_NAME_BYTES_MAX} characters; "
            f"{shown(trigger.event)} has {size} bytes; shorten it"
        )
    lead = f"invalid trigger expression on '{trigger.event}'"
    yield from _of_expression(lead, trigger.expression, check)


def _of_cron(trigger: TriggerCron) -> Iterator[str]:
    try:
        parse_cron(trigger.cron)
        if trigger.jitter is not None:
            parse_jitter(format_duration(trigger.jitter))
    except CronError as error:
        yield str(error)


def _of_settings(config: FunctionConfig) -> Iterator[str]:
    yield from _of_concurrency(config.concurrency)
    if config.batch is not None:
        yield from _of_batch(config.batch)
        yield from _of_batch_with_others(config)
    if config.priority is not None:
        yield from _of_expression(
            "Priority.Run expression is invalid", config.priority.run, check_parses
        )
    yield from _of_cancels(config)
    if config.debounce is not None:
        yield from _of_debounce(config.debounce)
    if config.rate_limit is not None:
        yield from _of_rate_limit(config.rate_limit)


def _of_concurrency(limits: tuple[Concurrency, ...]) -> Iterator[str]:
    if len(limits) > CONCURRENCY_LIMITS_MAX:
        yield (
            "There are more concurrency limits specified than the allowed max of: "
            f"{CONCURRENCY_LIMITS_MAX}; {len(limits)} are given; leave some out"
        )
    for limit in limits:
        if limit.scope in ("env", "account") and limit.key is None:
            yield (
                f"A concurrency key must be specified for {limit.scope.capitalize()} scoped "
                f"limits; {limit} has none; give a key, such as \"'everything'\" with its quotes"
            )
        yield from _of_expression(f"Invalid concurrency key '{limit.key}'", limit.key, check_parses)


def _of_batch(batch: Batch) -> Iterator[str]:
    if batch.max_size < BATCH_SIZE_MIN:
        yield (
            f"batch size cannot be smaller than {BATCH_SIZE_MIN}: {batch.max_size}; "
            "give 2 or more, or no batch_events"
        )
    yield from _of_batch_timeout(batch.timeout)
    yield from _of_expression("batch key expression is invalid", batch.key, check)
    yield from _of_expression("batch if expression is invalid", batch.if_exp, check)


def _of_batch_timeout(timeout: int | None) -> Iterator[str]:
    sent = "" if timeout is None else _as_sent(timeout)
    if timeout is None:
        yield f"invalid timeout string: {sent}; a Batch must have a timeout, such as '5s'"
    elif timeout < BATCH_TIMEOUT_MS_MIN:
        yield f"batch timeout should be more than 1s; it is {sent}; give '1s' or more"
    elif sent[-1] in "dw":  # Go's own grammar of durations stands behind this one setting.
        yield (
            f"invalid timeout string: {sent}; the vendor's SDK sends whole days in days or weeks, "
            "and the server reads no unit above hours here; give a second less or more"
        )


def _of_batch_with_others(config: FunctionConfig) -> Iterator[str]:
    both = "both are given; leave one out, or make two functions"
    if config.cancel:
        yield f"Batching and cancellation are mutually exclusive; {both}"
    if config.debounce is not None:
        yield f"Batching and debouncing are mutually exclusive; {both}"
    if config.singleton is not None:
        yield f"Batching and singletons are mutually exclusive; {both}"
    if config.priority is not None:
        yield f"A function cannot specify Priority.Run and Batch together; {both}"


def _of_cancels(config: FunctionConfig) -> Iterator[str]:
    count = len(config.cancel)
    if count > CANCELS_MAX:
        yield (
            f"This function exceeds the max number of cancellation events: {CANCELS_MAX}; "
            f"it has {count}; leave some out"
        )
    for cancel in config.cancel:
        yield from _of_expression(
            "Cancellation expression is invalid", cancel.expression, check_restricted
        )


def _of_debounce(debounce: Debounce) -> Iterator[str]:
    yield from _of_expression("Debounce expression is invalid", debounce.key, check)
    lead = f"The debounce period of '{_as_sent(debounce.period)}' is"
    if debounce.period < DEBOUNCE_MS_MIN:
        yield f"{lead} less than the min of: 1s; give from '1s' to '168h'"
    if debounce.period > DEBOUNCE_MS_MAX:
        yield f"{lead} greater than the max of: 168h0m0s; give from '1s' to '168h'"


def _of_rate_limit(limit: RateLimit) -> Iterator[str]:
    if limit.limit <= 0:
        yield f"limit must be greater than 0; the rate limit's is {limit.limit}; give 1 or more"
    yield from _of_expression("key is invalid", limit.key, check, "the key of the rate limit")
    if limit.period > RATE_LIMIT_MS_MAX:
        yield (
            "period must be less than 24h0m0s; the rate limit's is "
            f"{_as_sent(limit.period)}; give '24h' or less"
        )


def _of_expression(
    lead: str,
    text: str | None,
    checked: Callable[[str], None],
    what: str = "the expression",
) -> Iterator[str]:
    if text is None:
        return
    try:
        checked(text)
    except ExpressionError as error:
        yield f"{lead}: {error}; {what} is {shown(text)}"


def _as_sent(ms: int) -> str:
    """Write a duration as the vendor's SDK sends it: in the largest unit that leaves no rest."""
    unit, size_ms = next((unit, size) for unit, size in _SENT_UNITS if ms % size == 0)
    return f"{ms // size_ms}{unit}" if ms else "0s"
