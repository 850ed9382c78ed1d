"""Where in the work on a step a fault strikes: before its body, inside it, or after it."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import attrs

from dwf_sim.duration import format_duration
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import AFTER_EFFECT, BEFORE, EFFECT, INSIDE, Fault, Site, span
from dwf_sim.given import check_choice, check_count, shown

P = TypeVar("P", bound="PlacedFault")

PLACES = {
    BEFORE: "before {step} began",
    INSIDE: "inside {step}, {nth}",
    AFTER_EFFECT: "after {step} returned and before it was recorded",
}


@attrs.frozen(kw_only=True)
class PlacedFault(Fault):
    """A fault at a `phase` of the work on a step: `before` its body, `inside` it, `after_effect`.

    Inside, `at_await` counts the awaits of the body from 1, and `at_effect` the external effects:
    it then strikes right after that one.
    """

    phase: str = BEFORE
    at_await: int = 1
    at_effect: int | None = None

    def __attrs_post_init__(self) -> None:
        check_choice("phase", self.phase, tuple(self.places()))
        super().__attrs_post_init__()
        if type(self.at_await) is not int or self.at_await < 1:
            raise ConfigError(f"at_await is {shown(self.at_await)}; the first await of a step is 1")
        if self.at_effect is not None:
            check_count("at_effect", self.at_effect, 1)

    @classmethod
    def places(cls) -> dict[str, str]:
        """The phases it can have, with the words for each."""
        return PLACES

    @property
    def phases(self) -> tuple[str, ...]:
        """Its own phase only; inside a step, either awaits or effects."""
        return (EFFECT,) if self._is_at_effect else (self.phase,)

    @property
    def _is_at_effect(self) -> bool:
        return self.phase == INSIDE and self.at_effect is not None

    def hits(self, site: Site) -> bool:
        """Strike inside a step at the chosen await or effect only."""
        chosen = self.at_effect if self._is_at_effect else self.at_await
        return super().hits(site) and (self.phase != INSIDE or site.nth == chosen)

    def at_site(self, site: Site) -> Self:
        """Give the same fault for one site alone, an await or effect included."""
        here = super().at_site(site)
        if site.phase == EFFECT:
            return attrs.evolve(here, at_effect=site.nth)
        return attrs.evolve(here, at_await=site.nth) if site.phase == INSIDE else here

    def place(self) -> str:
        """Name the place for a sentence."""
        step = "the handler" if self.step == "" else self.where()
        if self.phase == BEFORE and self.step is None:
            step = "the handler or a step"  # It strikes where the handler is entered, too.
        kind, nth = ("effect", self.at_effect) if self._is_at_effect else ("await", self.at_await)
        way = "right after" if self._is_at_effect else "at"
        words = self.places()[self.phase].format(step=step, nth=f"{way} {kind} {nth}")
        return words + self.circumstances()


@attrs.frozen(kw_only=True)
class RestartFault(PlacedFault):
    """A restart at a place, or else at an instant: `at` milliseconds after the start."""

    at: int | None = span(None)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.at is None:
            return
        if self.at < 0:
            raise ConfigError(
                f"at is {self.at} ms; it is counted from the simulation's start: give 0 or more"
            )
        if (self.step, self.run, self.attempt, self.visit, self.times) != (None,) * 4 + (1,):
            raise ConfigError(
                f"at is {self.at} ms; a fault strikes at an instant or at a step, not both: leave "
                "out step, run, attempt, visit and times, or at"
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
        if self.at is None:
            return self.place()
        return f"at {format_duration(self.at)}{self.circumstances()}"


def placed(
    made: type[P],
    step: str | None,
    phase: str | None,
    at_await: int | None,
    at_effect: int | None,
    **rest: Any,
) -> P:
    """Make a fault of what users say of its place: without a phase it is inside the step if a place
    in there is given, else before it."""
    if phase is None:
        phase = BEFORE if at_await is None and at_effect is None else INSIDE
    nth_await, nth_effect = inside_of(at_await, at_effect)
    return made(step=step, phase=phase, at_await=nth_await, at_effect=nth_effect, **rest)


def inside_of(at_await: int | None, at_effect: int | None) -> tuple[int, int | None]:
    """Take one of the two, or neither: the first await."""
    if at_await is not None and at_effect is not None:
        raise ConfigError(
            f"at_await is {shown(at_await)} and at_effect is {shown(at_effect)}; give one of them"
        )
    return (1 if at_await is None else at_await), at_effect
