"""A function's settings, named as in the vendor's SDK.

Values only: what they do is in `engine/`, what is allowed in them in
`model/registration.py`. Durations are given as "1h30m", a timedelta, or an int of
milliseconds, and kept as milliseconds.
"""

from __future__ import annotations

import datetime
from typing import TypeAlias

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError, DurationError
from dwf_sim.expressions import match_expression
from dwf_sim.given import check_optional_text, check_span, check_text

Duration: TypeAlias = int | str | datetime.timedelta


def as_ms(given: Duration | None) -> int | None:
    """Take a duration, or none."""
    return None if given is None else to_ms(given)


@attrs.frozen
class Cancel:
    """Cancel a run when this event arrives after it was scheduled (A150-A152).

    `match="data.orderId"` only if both events are equal there; `if_exp` only if this expression
    over `event` and `async` is true. `timeout` is how long it may happen, a text
    such as "1h", a `timedelta` or an int of milliseconds; a year if not given. Raises `ConfigError`
    for a value that cannot be, `DurationError` for a time that is none.
    """

    event: str
    match: str | None = attrs.field(default=None, kw_only=True)
    if_exp: str | None = attrs.field(default=None, kw_only=True)
    timeout: int | None = attrs.field(default=None, kw_only=True, converter=as_ms)

    def __attrs_post_init__(self) -> None:
        check_text("event of a Cancel", self.event)
        check_optional_text("match of a Cancel", self.match)
        check_optional_text("if_exp of a Cancel", self.if_exp)
        if self.match is not None and self.if_exp is not None:
            raise ConfigError(
                f"a Cancel has match={self.match!r} and if_exp={self.if_exp!r}; give one of them: "
                f"match stands for {match_expression(self.match)!r}, to which && can add the other"
            )
        check_span("timeout of a Cancel", self.timeout)

    @property
    def expression(self) -> str | None:
        """What must hold, if anything."""
        return self.if_exp if self.match is None else match_expression(self.match)


@attrs.frozen(kw_only=True)
class Timeouts:
    """Cancel a run that has not started, or not finished, in time (A155-A158).

    `start` counts from scheduling to the first request, `finish` from there to the end. A time has
    to be exceeded, so a limit of an hour strikes a millisecond after it (A157). Both are texts such
    as "1h", `timedelta`s or ints of milliseconds. Raises `ConfigError` for a value that cannot be,
    `DurationError` for a time that is none.

    `unreadable` is a text in place of either that is no duration, as it can be registered past an
    SDK; it is refused, but for `Quirks(unreadable_timeout_stalls=True)`.
    """

    start: int | None = attrs.field(default=None, converter=as_ms)
    finish: int | None = attrs.field(default=None, converter=as_ms)
    unreadable: str | None = None

    def __attrs_post_init__(self) -> None:
        check_span("start of Timeouts", self.start)
        check_span("finish of Timeouts", self.finish)


def registered_timeouts(**texts: str | None) -> Timeouts:
    """Take timeouts as they were registered past the SDK's checks; none of them is refused here."""
    readable: dict[str, int | None] = {}
    unreadable: str | None = None
    for name, text in texts.items():
        try:
            readable[name] = as_ms(text)
        except DurationError:
            unreadable = text
    return Timeouts(**readable, unreadable=unreadable)
