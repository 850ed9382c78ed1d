"""Latency: how long things take in virtual time, so that a design's cost can be read off."""

from __future__ import annotations

import datetime
from typing import TypeAlias

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.sim.choices import Choices

Delay: TypeAlias = int | str | datetime.timedelta
Range: TypeAlias = tuple[int, int]


def _as_range(given: Delay | tuple[Delay, Delay]) -> Range:
    pair: tuple[Delay, ...] = given if isinstance(given, tuple) else (given, given)
    bounds = tuple(to_ms(delay) for delay in pair)
    if len(bounds) != 2 or not 0 <= bounds[0] <= bounds[1]:
        raise ConfigError(
            f"latency is {shown(given)}; a latency is a duration, or a pair (shortest, longest)"
        )
    return bounds[0], bounds[1]


@attrs.frozen(kw_only=True)
class Latency:
    """What a `request`, a `hop` through the queue and the body of a `step` take.

    Each is a text such as "20ms", a `timedelta` or an int of milliseconds, or a pair of these,
    `("20ms", "90ms")`, drawn evenly. Zero by default. A checkpoint takes no time, so that a
    function with checkpointing shows the requests and hops it saves. Raises `ConfigError` for a
    range that is none, `DurationError` for a time that is none.
    """

    request: Range = attrs.field(default=(0, 0), converter=_as_range)
    hop: Range = attrs.field(default=(0, 0), converter=_as_range)
    step: Range = attrs.field(default=(0, 0), converter=_as_range)

    def draw_request(self, choices: Choices) -> int:
        """Draw how long it takes until a request reaches its worker, in milliseconds."""
        return _draw(self.hop, choices, "latency hop") + _draw(
            self.request, choices, "latency request"
        )

    def draw_step(self, choices: Choices) -> int:
        """Draw how long a step's body takes besides what it does, in milliseconds."""
        return _draw(self.step, choices, "latency step")


def _draw(bounds: Range, choices: Choices, stream: str) -> int:
    low, high = bounds
    return low if low == high else choices.integer(stream, low, high)
