"""What a function is to the engine: its id, its triggers and its settings, without its code."""

from __future__ import annotations

from functools import cached_property

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import check_optional_text, check_text, shown
from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
)
from dwf_sim.model.settings import Cancel, Timeouts, as_ms

RETRIES_DEFAULT = 4
RETRIES_MAX = 20


@attrs.frozen
class TriggerEvent:
    """Start a run for each event of this name: exact, or a pattern such as `app/*` (B33).

    With `expression`, only for events for which it is true (B34). Raises `ConfigError` for what is
    no text.
    """

    event: str
    expression: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.event:
            raise ConfigError(
                "An event trigger must specify an event name: event of a TriggerEvent is "
                f"{shown(self.event)}; it must be a text that is not empty, or a pattern as 'app/*'"
            )
        check_text("event of a TriggerEvent", self.event)
        check_optional_text("expression of a TriggerEvent", self.expression)


@attrs.frozen
class TriggerCron:
    """Start a run at each tick of a cron schedule: "0 9 * * 1-5", with a zone in front if it is
    not UTC: "TZ=Europe/Paris 0 9 * * *" (B38-B43).

    With `jitter`, a text such as "1m", a `timedelta` or an int of milliseconds, each is put off by
    at least a second and less than the jitter (B44, B45). Raises `ConfigError` for what is no text,
    `DurationError` for a jitter that is no time; `App.create_function` raises `CronError`.
    """

    cron: str
    jitter: int | None = attrs.field(default=None, converter=as_ms)

    def __attrs_post_init__(self) -> None:
        check_text("cron of a TriggerCron", self.cron)


@attrs.frozen(slots=False)  # With slots, a `cached_property` makes every field slow.
class FunctionConfig:
    """A registered function. `id` is `<app id>-<function id>`; `retries` follow the first attempt.

    `request_version` 1 means unoptimized parallelism: no joining of parallel steps (A37).
    """

    id: str
    app_id: str
    name: str
    triggers: tuple[TriggerEvent | TriggerCron, ...]
    retries: int = attrs.field(default=RETRIES_DEFAULT)
    request_version: int = 2
    cancel: tuple[Cancel, ...] = ()
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    batch: Batch | None = None
    rate_limit: RateLimit | None = None
    debounce: Debounce | None = None
    singleton: Singleton | None = None
    concurrency: tuple[Concurrency, ...] = ()
    throttle: Throttle | None = None
    priority: Priority | None = None
    idempotency: str | None = None  # Registered as the rate limit that it is (B53).

    @cached_property
    def event_triggers(self) -> tuple[TriggerEvent, ...]:
        """The triggers that are events."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, TriggerEvent))

    @property
    def cron_triggers(self) -> tuple[TriggerCron, ...]:
        """The triggers that are schedules."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, TriggerCron))

    @cached_property
    def attempts_max(self) -> int:
        """How often one item is tried: retries beyond 20 are clamped (A60)."""
        return min(self.retries, RETRIES_MAX) + 1
