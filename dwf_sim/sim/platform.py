"""The platform: what the machines that run user code allow, and what they forget."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.given import shown


def _as_limit(given: int | str | datetime.timedelta | None) -> int | None:
    return None if given is None else to_ms(given)


@attrs.frozen(kw_only=True)
class Worker:
    """What workers are like: `Simulation(worker=Worker(max_request="10s"))`.

    `max_request` is how long a request may take in virtual time, a text such as "10s", a
    `timedelta` or an int of milliseconds: one that has no answer by then is killed, and the
    platform answers 504 in its place, which uses up an attempt (A222). `on_restart` is called,
    without arguments, whenever a worker has died: there, set back what a new process would not
    remember, such as a cache in a module. Raises `ConfigError` for a value that cannot be,
    `DurationError` for a time that is none.
    """

    max_request: int | None = attrs.field(default=None, converter=_as_limit)
    on_restart: Callable[[], object] | None = None

    def __attrs_post_init__(self) -> None:
        if self.max_request is not None and self.max_request < 1:
            raise ConfigError(
                f"max_request of a Worker is {self.max_request} ms; give a duration such as "
                '"10s", or None for no limit'
            )
        if self.on_restart is not None and not callable(self.on_restart):
            raise ConfigError(
                f"on_restart of a Worker is {shown(self.on_restart)}; give a function that takes "
                "no arguments, or leave it out"
            )
