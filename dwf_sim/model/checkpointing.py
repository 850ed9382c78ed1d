"""Checkpointing as a setting: how much of a function is done in one request (A201)."""

from __future__ import annotations

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError, DurationError
from dwf_sim.given import check_count, shown
from dwf_sim.model.settings import Duration


def _as_interval(given: Duration) -> int:
    return _as_ms("max_interval of a Checkpointing", given)


def _as_runtime(given: Duration) -> int:
    return _as_ms("max_runtime of a Checkpointing", given)


def _as_ms(name: str, given: Duration) -> int:
    try:
        ms = to_ms(given)
    except DurationError as error:
        raise ConfigError(f"{name}: {error}") from None
    if ms < 0:
        raise ConfigError(f"{name} is {shown(given)}; give a duration such as '10s', or 0 for none")
    return ms


@attrs.frozen(kw_only=True)
class Checkpointing:
    """Go on after a step in the same request, and report it meanwhile (A202).

    The engine is told once `buffered_steps` are done, or at the end of the step during which
    `max_interval` is over. After `max_runtime` the next step gets a request of its own. Of the two
    0 means none. Steps that are not reported yet are lost with their worker, and done again. Times
    are texts such as "10s", `timedelta`s or ints of milliseconds. Raises `ConfigError` for a value
    that cannot be.

        app = dwf.App("shop", checkpointing=dwf.Checkpointing(buffered_steps=3))
    """

    buffered_steps: int = 1
    max_interval: int = attrs.field(default=0, converter=_as_interval)
    max_runtime: int = attrs.field(default=10_000, converter=_as_runtime)

    def __attrs_post_init__(self) -> None:
        check_count("buffered_steps of a Checkpointing", self.buffered_steps, 1)
