"""Workers that are restarted, cut off, or out of reach for a while.

Times are texts such as "5s", `timedelta`s or ints of milliseconds; what is none raises
`DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.faults.base import REQUEST, Chance, Circumstances, Harm, Levers, Site
from dwf_sim.faults.place import PlacedFault, RestartFault
from dwf_sim.faults.storm import Storm

__all__ = ["restart", "storm", "zombie"]

Duration = int | str | datetime.timedelta


@attrs.frozen(kw_only=True)
class RestartWorker(RestartFault):
    """The worker's process dies and another takes its place: all its requests die with it.

    Each app has one worker. At an instant, those of all apps are restarted.
    """

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"worker.restart": {}}

    @property
    def harm(self) -> Harm:
        """All that the worker has under way dies."""
        return Harm.RESTART

    @property
    def instant(self) -> Site:
        """The workers."""
        return Site("", "", 0, "workers")

    def strike(self, levers: Levers, cause: int) -> None:
        """Restart by itself."""
        levers.restart_workers(cause)

    def __str__(self) -> str:
        which = "the worker" if self.at is None else "all workers"
        return f"restart {which} {self.when()}"


@attrs.frozen(kw_only=True)
class CutOffWorker(PlacedFault):
    """The worker cannot reach the engine until its lease is over, and works on: a zombie."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"worker.zombie": {}}

    @property
    def harm(self) -> Harm:
        """The request goes on, unheard."""
        return Harm.CUT_OFF

    def __str__(self) -> str:
        return f"cut the worker off {self.place()}, and let it work on"


def restart(
    step: str | None = None,
    *,
    phase: str | None = None,
    at_await: int | None = None,
    at_effect: int | None = None,
    at: Duration | None = None,
    **circumstances: Unpack[Circumstances],
) -> RestartWorker:
    """Restart the worker of an app: whatever it has under way dies, as in a crash (A80, A221).

    It strikes at a step as a crash does: before its body, at an await or an effect inside it, or
    with `phase="after_effect"` when it has returned. With `at`, a duration from the start, the
    workers of all apps are restarted then. A new process has lost what the old one remembered:
    give `Worker(on_restart=…)` a function that forgets it.
    """
    when = None if at is None else to_ms(at)
    return RestartWorker(
        step=step, phase=phase, at_await=at_await, at_effect=at_effect, at=when, **circumstances
    )


def zombie(
    step: str | None = None,
    *,
    phase: str | None = None,
    at_await: int | None = None,
    at_effect: int | None = None,
    **circumstances: Unpack[Circumstances],
) -> CutOffWorker:
    """Cut a worker off when a step begins, or inside it, and let it work on.

    The engine loses its lease after 30 s and sends the same attempt to another worker (A223), so
    that the step is done twice. What the zombie answers arrives later and is ignored (A228).
    """
    return CutOffWorker(
        step=step, phase=phase, at_await=at_await, at_effect=at_effect, **circumstances
    )


def storm(
    *, at: Duration, lasts: Duration, status: int | None = 503, **chance: Unpack[Chance]
) -> Storm:
    """Let no request reach a worker, from the instant `at` on, for as long as it `lasts`.

    `at` counts from the beginning of the simulation. No handler is entered, and the engine is
    answered with `status`, 500 to 599 (A222), or with None the connection is refused (A80).
    """
    return Storm(phase=REQUEST, at=to_ms(at), lasts=to_ms(lasts), status=status, **chance)
