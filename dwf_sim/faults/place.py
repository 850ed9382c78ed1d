"""Where in the work on a step a fault strikes: before its body, inside it, or after it."""

from __future__ import annotations

from typing import Self

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import (
    AFTER_EFFECT,
    BEFORE,
    EFFECT,
    INSIDE,
    Fault,
    Site,
    check_instant,
    moment,
    reporting,
    span,
)
from dwf_sim.given import check_choice, check_count, shown

PLACES = {
    BEFORE: "before {step} began",
    INSIDE: "inside {step}, {nth}",
    AFTER_EFFECT: "after {step} returned and before it was recorded",
}


@attrs.frozen(kw_only=True)
class PlacedFault(Fault):
    """A fault at a `phase` of the work on a step: `before` its body, `inside` it, `after_effect`.

    Inside, `at_await` counts the awaits of the body from 1, and `at_effect` the external effects:
    it then strikes right after that one. Without either it is the first await; without a phase,
    it is inside if one of them is given, else before.
    """

    phase: str | None = None
    at_await: int | None = None
    at_effect: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.phase is not None:
            check_choice("phase", self.phase, tuple(self.places()))
        super().__attrs_post_init__()
        at_await, at_effect = self.at_await, self.at_effect
        if at_await is not None and (type(at_await) is not int or at_await < 1):
            raise ConfigError(f"at_await is {shown(at_await)}; the first await of a step is 1")
        if at_effect is not None:
            check_count("at_effect", at_effect, 1)
        if at_await is not None and at_effect is not None:
            raise ConfigError(
                f"at_await is {at_await} and at_effect is {at_effect}; a fault strikes at an await "
                "or right after an effect: give one of them"
            )
        if self._place != INSIDE and (at_await, at_effect) != (None, None):
            name, nth = ("at_await", at_await) if at_effect is None else ("at_effect", at_effect)
            raise ConfigError(
                f"{name} is {nth} and phase is {self.phase!r}; awaits and effects are counted "
                f"inside a step: leave out {name}, or the phase"
            )

    @classmethod
    def places(cls) -> dict[str, str]:
        """The phases it can have, with the words for each."""
        return PLACES

    @property
    def phases(self) -> tuple[str, ...]:
        """Its own phase only; inside a step, either awaits or effects."""
        return (self._place if self.at_effect is None else EFFECT,)

    @property
    def _place(self) -> str:
        """Its phase, given or not."""
        if self.phase is not None:
            return self.phase
        return BEFORE if self.at_await is None and self.at_effect is None else INSIDE

    @property
    def _nth(self) -> int:
        return self.at_effect or self.at_await or 1

    def hits(self, site: Site) -> bool:
        """Strike inside a step at the chosen await or effect only."""
        return super().hits(site) and (self._place != INSIDE or site.nth == self._nth)

    def at_site(self, site: Site) -> Self:
        """Give the same fault for one site alone, an await or effect included."""
        here = super().at_site(site)
        if site.phase == EFFECT:
            return attrs.evolve(here, at_effect=site.nth)
        return attrs.evolve(here, at_await=site.nth) if site.phase == INSIDE else here

    def place(self) -> str:
        """Name the place for a sentence."""
        step = "the handler" if self.step == "" else self.where()
        if self._place == BEFORE and self.step is None:
            step = "the handler or a step"  # It strikes where the handler is entered, too.
        kind = "at await" if self.at_effect is None else "right after effect"
        words = self.places()[self._place]
        nth, response = f"{kind} {self._nth}", reporting(self.step)
        return words.format(step=step, nth=nth, response=response) + self.circumstances()


@attrs.frozen(kw_only=True)
class RestartFault(PlacedFault):
    """A restart at a place, or else at an instant: `at` milliseconds after the start."""

    at: int | None = span(None)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.at is None:
            return
        check_instant(self.at)
        for name in ("step", "run", "attempt", "visit", "times", "phase", "at_await", "at_effect"):
            given = getattr(self, name)
            if given != (1 if name == "times" else None):
                raise ConfigError(
                    f"at is {self.at} ms and {name} is {shown(given)}; {self.kind_name} strikes at "
                    f"an instant or at a step, not both: leave out at, or {name}"
                )

    @property
    def phases(self) -> tuple[str, ...]:
        """At an instant it strikes by itself, at no site."""
        return super().phases if self.at is None else ()

    @property
    def strikes_at(self) -> int | None:
        """When, if at an instant."""
        return self.at

    def when(self) -> str:
        """Name the place or the instant for a sentence."""
        return self.place() if self.at is None else moment(self.at) + self.circumstances()
