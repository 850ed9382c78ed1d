"""The settings of flow control, named as in the vendor's SDK.

Values only: what they do is in `flow/`, one file each; what is allowed in them besides their types
is checked when a function is registered, by `model/registration.py`. A `key` is an expression over
`event`, evaluated for each run. Durations are given as "1h30m", a timedelta, or an int of
milliseconds, and kept as milliseconds.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.given import check_choice, check_int, check_optional_text, check_span, check_text
from dwf_sim.model.settings import as_ms

Scope: TypeAlias = Literal["fn", "env", "account"]


@attrs.frozen(kw_only=True)
class Concurrency:
    """At most so many requests of a function in flight at a time, for each value of `key` (B78).

    With a scope of "env" or "account", functions that write the same key share one count (B86).
    Runs that sleep, wait or are about to be retried are not in flight (B81, B83). Raises
    `ConfigError` for a value that cannot be.
    """

    limit: int
    key: str | None = None
    scope: Scope | None = None

    def __attrs_post_init__(self) -> None:
        check_int("limit of a Concurrency", self.limit)
        check_optional_text("key of a Concurrency", self.key)
        check_choice("scope of a Concurrency", self.scope, (None, "fn", "env", "account"))


@attrs.frozen(kw_only=True)
class Throttle:
    """Delay the starts of runs: from idle `limit + burst` at once, then one each period / limit.

    One more than `limit`, because a burst of 1 is the default, as in the vendor's SDK (B68-B70).
    `period` is a text such as "1m", a `timedelta` or an int of milliseconds. Raises `ConfigError`
    for a value that cannot be, `DurationError` for a time that is none.
    """

    limit: int
    period: int = attrs.field(converter=to_ms)
    burst: int = 1
    key: str | None = None

    def __attrs_post_init__(self) -> None:
        check_int("limit of a Throttle", self.limit)
        check_span("period of a Throttle", self.period)
        check_int("burst of a Throttle", self.burst)
        check_optional_text("key of a Throttle", self.key)


@attrs.frozen(kw_only=True)
class RateLimit:
    """Refuse runs above a rate: a tenth of `limit` and one more at once, then one each
    period / limit (B60, B61). An event whose key is false or missing is let in (B55).

    `period` is a text such as "1m", a `timedelta` or an int of milliseconds. Raises `ConfigError`
    for a value that cannot be, `DurationError` for a time that is none.
    """

    limit: int
    period: int = attrs.field(converter=to_ms)
    key: str | None = None

    def __attrs_post_init__(self) -> None:
        check_int("limit of a RateLimit", self.limit)
        check_span("period of a RateLimit", self.period)
        check_optional_text("key of a RateLimit", self.key)


def once_a_day(key: str) -> RateLimit:
    """Give the rate limit that an idempotency key is registered as (B53)."""
    return RateLimit(limit=1, period="24h", key=key)


def _none_if_empty(key: str | None) -> str | None:
    """Take an empty key for none, as the engine does for this one setting (B101)."""
    return None if key == "" else key


@attrs.frozen(kw_only=True)
class Debounce:
    """Start one run, for the newest event, once none has come for a `period` (B93-B103).

    `timeout` is how long that may go on, counted from the first event. Both are texts such as
    "1m", `timedelta`s or ints of milliseconds. Raises `ConfigError` for a value that cannot be,
    `DurationError` for a time that is none.
    """

    period: int = attrs.field(converter=to_ms)
    key: str | None = attrs.field(default=None, converter=_none_if_empty)
    timeout: int | None = attrs.field(default=None, converter=as_ms)

    def __attrs_post_init__(self) -> None:
        check_span("period of a Debounce", self.period)
        check_optional_text("key of a Debounce", self.key)
        check_span("timeout of a Debounce", self.timeout)


@attrs.frozen(kw_only=True)
class Batch:
    """Start one run for up to `max_size` events, or for what came within `timeout` (B104-B114).

    Events for which `if_exp` is not true start a run of their own at once (B108). `timeout` is a
    text such as "1m", a `timedelta` or an int of milliseconds. Raises `ConfigError` for a value
    that cannot be, `DurationError` for a time that is none.
    """

    max_size: int
    timeout: int | None = attrs.field(default=None, converter=as_ms)
    key: str | None = None
    if_exp: str | None = None

    def __attrs_post_init__(self) -> None:
        check_int("max_size of a Batch", self.max_size)
        check_span("timeout of a Batch", self.timeout)
        check_optional_text("key of a Batch", self.key)
        check_optional_text("if_exp of a Batch", self.if_exp)


@attrs.frozen(kw_only=True)
class Priority:
    """Start a run as if it had been created so many seconds earlier as `run` says (B115-B122).

    An expression with an int value, such as "int(event.data.priority)"; negative means later.
    Raises `ConfigError` when it is no text.
    """

    run: str

    def __attrs_post_init__(self) -> None:
        check_text("run of a Priority", self.run)


@attrs.frozen(kw_only=True)
class Singleton:
    """Let only one run exist at a time, for each value of `key` (B123-B128).

    `mode` says what becomes of the two: "skip" the new one, or "cancel" the old one.
    Raises `ConfigError` for any other.
    """

    mode: Literal["skip", "cancel"]
    key: str | None = None

    def __attrs_post_init__(self) -> None:
        check_choice("mode of a Singleton", self.mode, ("skip", "cancel"))
        check_optional_text("key of a Singleton", self.key)
