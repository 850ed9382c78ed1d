"""Crashes: the worker dies while it works on a request, and the connection closes (A80, A221).

A killed worker runs nothing more: coroutines are dropped without their `finally` blocks. Only what
is in the middle of a plain call cannot be dropped, be it a plain `def` handler or an external
effect; its stack is unwound, and nothing that it does on the way counts. A place, a number or a
chance that cannot be raises `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.faults.base import AFTER_ACK, AFTER_EFFECT, AFTER_MEMO, BEFORE, INSIDE, Circumstances
from dwf_sim.faults.place import PLACES, PlacedFault

__all__ = ["after_ack", "after_effect", "after_memo", "before", "inside"]

_PLACES = {
    **PLACES,
    AFTER_MEMO: "after {step} was saved and before what follows was queued",
    AFTER_ACK: "after the engine took {response}",
}


@attrs.frozen(kw_only=True)
class Crash(PlacedFault):
    """The worker dies at `phase` of a step; after its memo was saved, the engine does."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {
        f"crash.{phase}": {"phase": phase} for phase in _PLACES
    }
    MUTE: ClassVar[Mapping[str, tuple[str, ...]]] = {
        f"crash.{phase}": ("at_await", "at_effect") for phase in _PLACES if phase != INSIDE
    }

    phase: str = BEFORE

    @classmethod
    def places(cls) -> dict[str, str]:
        """A crash can also be on the engine's side."""
        return _PLACES

    def __str__(self) -> str:
        who = "engine" if self.phase == AFTER_MEMO else "worker"
        return f"kill the {who} {self.place()}"


def before(
    step: str | None = None,
    **circumstances: Unpack[Circumstances],
) -> Crash:
    """Kill the worker before a step's body begins; step "" is the handler itself.

    Without a step, wherever one of the two comes first: that is where the handler is entered.
    """
    return Crash(phase=BEFORE, step=step, **circumstances)


def inside(
    step: str | None = None,
    *,
    at_await: int | None = None,
    at_effect: int | None = None,
    **circumstances: Unpack[Circumstances],
) -> Crash:
    """Kill the worker inside a step's body: at an await, or right after an external effect.

    Both are counted from 1; without either, at the first await. Effects are calls of a `Ledger`.
    """
    return Crash(phase=INSIDE, step=step, at_await=at_await, at_effect=at_effect, **circumstances)


def after_effect(
    step: str | None = None,
    **circumstances: Unpack[Circumstances],
) -> Crash:
    """Kill the worker after a step's body returned and before anything of it was recorded."""
    return Crash(phase=AFTER_EFFECT, step=step, **circumstances)


def after_memo(
    step: str | None = None,
    **circumstances: Unpack[Circumstances],
) -> Crash:
    """Kill the engine after it saved a step's memo and before it queued what follows (A225).

    Its lease of the request is over after 30 s; then the same attempt is sent again, and the
    handler goes on after the step (A223). Of a request with checkpoints, the handler works on
    meanwhile, and its answer is lost.
    """
    return Crash(phase=AFTER_MEMO, step=step, **circumstances)


def after_ack(
    step: str | None = None,
    **circumstances: Unpack[Circumstances],
) -> Crash:
    """Kill the worker after the engine took its answer: only the worker's memory is lost.

    Step "" is the answer that ends the function. `Worker(on_restart=…)` is called, as after each
    death of a worker.
    """
    return Crash(phase=AFTER_ACK, step=step, **circumstances)
