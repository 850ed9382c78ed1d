"""Mutants: engines that are wrong in one way each; how they are listed and made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from dwf_sim.engine import (
    engine,
)
from dwf_sim.model.effects import Effect
from dwf_sim.model.messages import Message

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


@attrs.frozen
class Mutant:
    """A defect that is planted, a story in which it shows, and who has to notice."""

    name: str
    invariant: str
    story: Callable[[], None]
    plant: Plant


MUTANTS: list[Mutant] = []


def mutant(invariant: str, story: Callable[[], None]) -> Callable[[Plant], Plant]:
    """Add a mutant to the list: its name is that of the function that plants it."""

    def add(plant: Plant) -> Plant:
        MUTANTS.append(Mutant(plant.__name__.replace("_", " "), invariant, story, plant))
        return plant

    return add


def gives(answer: object) -> Callable[..., Any]:
    """A function that gives this, whatever it is asked."""
    return lambda *_, **__: answer


def note(patch: Patch, kind: type[object], times: int) -> None:
    """Have the engine note each record of a kind so many times."""
    handle = engine.Engine.handle

    def edited(self: engine.Engine, now: int, message: Message) -> list[Effect]:
        effects = handle(self, now, message)
        return [e for e in effects for _ in range(times if isinstance(e, kind) else 1)]

    patch.setattr(engine.Engine, "handle", edited)
