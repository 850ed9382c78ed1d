"""Crashes: the worker dies while it works on a request, and the connection closes (A80, A221).

A killed worker runs nothing more: coroutines are dropped without their `finally` blocks. Only a
plain `def` handler cannot be dropped; its stack is unwound.
"""

from __future__ import annotations

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import AFTER_EFFECT, BEFORE, INSIDE, Fault, Site
from dwf_sim.given import shown

_SENTENCES = {
    BEFORE: "kill the worker before {step} began{more}",
    INSIDE: "kill the worker inside {step}, at await {at_await}{more}",
    AFTER_EFFECT: "kill the worker after {step} returned and before it was recorded{more}",
}


@attrs.frozen(kw_only=True)
class Crash(Fault):
    """The worker dies at `phase` of a step; `at_await` counts the awaits of its body from 1."""

    phase: str
    at_await: int = 1

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.phase not in tuple(_SENTENCES):
            given, allowed = shown(self.phase), ", ".join(_SENTENCES)
            raise ConfigError(f"phase is {given}; a crash has one of the phases {allowed}")
        if not isinstance(self.at_await, int) or self.at_await < 1:
            raise ConfigError(f"at_await is {shown(self.at_await)}; the first await of a step is 1")

    @property
    def phases(self) -> tuple[str, ...]:
        """A crash strikes at its own phase only."""
        return (self.phase,)

    def hits(self, site: Site) -> bool:
        """Strike inside a step at the chosen await only."""
        return super().hits(site) and (self.phase != INSIDE or site.nth == self.at_await)

    def __str__(self) -> str:
        step = "the handler" if self.step == "" else self.where()
        if self.phase == BEFORE and self.step is None:
            step = "the handler or a step"  # It strikes where the handler is entered, too.
        return _SENTENCES[self.phase].format(
            step=step, at_await=self.at_await, more=self.circumstances()
        )


def before(
    step: str | None = None,
    *,
    run: str | None = None,
    attempt: int | None = None,
    times: int = 1,
) -> Crash:
    """Kill the worker before a step's body begins; step "" is the handler itself.

    Without a step, wherever one of the two comes first: that is where the handler is entered.
    """
    return Crash(phase=BEFORE, step=step, run=run, attempt=attempt, times=times)


def inside(
    step: str | None = None,
    *,
    at_await: int = 1,
    run: str | None = None,
    attempt: int | None = None,
    times: int = 1,
) -> Crash:
    """Kill the worker at an await of a step's body, counted from 1."""
    return Crash(phase=INSIDE, step=step, at_await=at_await, run=run, attempt=attempt, times=times)


def after_effect(
    step: str | None = None,
    *,
    run: str | None = None,
    attempt: int | None = None,
    times: int = 1,
) -> Crash:
    """Kill the worker after a step's body returned and before anything of it was recorded."""
    return Crash(phase=AFTER_EFFECT, step=step, run=run, attempt=attempt, times=times)
