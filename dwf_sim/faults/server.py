"""The engine itself: it dies and comes back. In Python its name is `server`, since the package
`dwf_sim.engine` has the other one.

Times are texts such as "5s", `timedelta`s or ints of milliseconds; what is none raises
`DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.faults.base import Circumstances, Harm, Levers, Site
from dwf_sim.faults.place import RestartFault

__all__ = ["restart"]

Duration = int | str | datetime.timedelta


@attrs.frozen(kw_only=True)
class RestartEngine(RestartFault):
    """The engine's process dies and comes back with what it had stored; connections are gone."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"server.restart": {}}

    @property
    def harm(self) -> Harm:
        """Every request under way goes on, unheard."""
        return Harm.ENGINE_RESTART

    @property
    def instant(self) -> Site:
        """The engine."""
        return Site("", "", 0, "engine")

    def strike(self, levers: Levers, cause: int) -> None:
        """Restart by itself."""
        levers.restart_engine(cause)

    def __str__(self) -> str:
        return f"restart the engine {self.when()}"


def restart(
    step: str | None = None,
    *,
    phase: str | None = None,
    at_await: int | None = None,
    at_effect: int | None = None,
    at: Duration | None = None,
    **circumstances: Unpack[Circumstances],
) -> RestartEngine:
    """Restart the engine while a step is at work, or `at` a duration from the start.

    Runs, memos, waits and timers are stored and stay. Requests under way are lost to it: their
    handlers work on and nobody hears their answers. Its leases are over after 30 s; then the same
    attempts are sent again, so that none is used up (A223).
    """
    when = None if at is None else to_ms(at)
    return RestartEngine(
        step=step, phase=phase, at_await=at_await, at_effect=at_effect, at=when, **circumstances
    )
