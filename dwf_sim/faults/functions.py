"""Functions that are paused for a while: their runs stand still, what would start one is missed.

That is what pausing does on the server (B134). Times are texts such as "5s", `timedelta`s or ints
of milliseconds; what is none raises `DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import Chance, Levers, Site, TimedFault, span
from dwf_sim.given import check_text

__all__ = ["pause"]


@attrs.frozen(kw_only=True)
class Pause(TimedFault):
    """A function is paused (B134) for a duration; for good where that is None."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"functions.pause": {}}

    function: str
    for_: int | None = span(None)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_text("function of a fault", self.function)
        if self.for_ is not None and self.for_ <= 0:
            raise ConfigError(f"for_ is {self.for_} ms; a pause lasts: give 1 or more, or None")

    @property
    def instant(self) -> Site:
        """The function."""
        return Site("", self.function, 0, "function")

    @property
    def lasts_ms(self) -> int | None:
        """For how many milliseconds it is paused."""
        return self.for_

    def can_strike(self, levers: Levers) -> bool:
        """A function that is not served cannot be paused."""
        return levers.serves(self.function)

    def strike(self, levers: Levers, cause: int) -> None:  # noqa: ARG002  # Nothing under way is touched.
        """Pause it."""
        levers.pause(self.function, self)

    def end(self, levers: Levers) -> None:
        """Let it go on, unless somebody else has paused it too."""
        levers.resume(self.function, self)

    def __str__(self) -> str:
        lasts = "for good" if self.for_ is None else f"for {format_duration(self.for_)}"
        return f"pause {self.function} {lasts}{self.when()}"


def pause(
    function: str,
    *,
    at: int | str | datetime.timedelta = 0,
    for_: int | str | datetime.timedelta | None = None,
    **chance: Unpack[Chance],
) -> Pause:
    """Pause a function, by its full id such as "shop-process-order", and let it go on later.

    `at` says when, from the start, and `for_` how long it lasts; without that, for good. One that
    is not served at that instant is paused as soon as it is.
    """
    lasts = None if for_ is None else to_ms(for_)
    return Pause(function=function, at=to_ms(at), for_=lasts, **chance)
