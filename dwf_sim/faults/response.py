"""Responses that go astray: the worker has done its work and the engine never learns of it."""

from __future__ import annotations

import attrs

from dwf_sim.faults.base import RESPONSE, Fault


@attrs.frozen(kw_only=True)
class LoseResponse(Fault):
    """The connection breaks before the response is through; that uses up an attempt (A221)."""

    @property
    def phases(self) -> tuple[str, ...]:
        """Only responses can be lost."""
        return (RESPONSE,)

    def __str__(self) -> str:
        what = "that ends the function" if self.step == "" else f"that reports {self.where()}"
        return f"lose the response {what}{self.circumstances()}"


def lose(
    step: str | None = None,
    *,
    run: str | None = None,
    attempt: int | None = None,
    times: int = 1,
) -> LoseResponse:
    """Lose the response that reports a step; step "" is the response that ends the function."""
    return LoseResponse(step=step, run=run, attempt=attempt, times=times)
