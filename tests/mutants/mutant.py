"""Mutants: engines and functions that are wrong in one way each; how they are listed and made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

import dwf_sim as dwf
from dwf_sim.engine import (
    engine,
)
from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep
from dwf_sim.model.effects import Effect
from dwf_sim.model.messages import Message

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]
# A story plays to its end, and gives what it was told besides errors: the first words of that
# are who notices.
Story = Callable[[], "list[str] | None"]

# Who notices, besides the invariants, and what that is.
OTHERS = {
    "budget": "the simulation repeats itself, and uses up its budget",
    "liveness": "`sim.heal`: a run does not come to its end",
    "mistake": "`sim.warnings`: the handler does what it must not",
    "oracle": "`sim.always`, `.sometimes` or `.eventually` of the test",
    "recovery": "`check_recovery`: with a fault it comes to something else",
    "replay": "the same simulation has another digest",
    "verdict": "`Ledger.verdicts`: an effect is duplicated or lost",
}
_VACUOUS = "the check proves nothing"


@attrs.frozen
class Mutant:
    """A defect that is planted, a story in which it shows, and who has to notice."""

    name: str
    notice: str
    story: Story
    plant: Plant

    @property
    def is_in_engine(self) -> bool:
        """Whether it is the engine that is wrong, and not a function of a user."""
        return not self.plant.__module__.endswith("of_users")


MUTANTS: list[Mutant] = []


def mutant(notice: str, story: Story) -> Callable[[Plant], Plant]:
    """Add a mutant to the list: its name is that of the function that plants it."""
    assert notice in OTHERS or notice in {k.name for k in (*INVARIANTS, EffectsOncePerStep)}

    def add(plant: Plant) -> Plant:
        MUTANTS.append(Mutant(plant.__name__.replace("_", " "), notice, story, plant))
        return plant

    return add


def noticed(story: Story) -> str:
    """Play a story and say who notices what; "" if all is well."""
    try:
        told = story()
    except dwf.InvariantViolated as error:
        return _said(error)
    except dwf.BudgetError as error:
        return f"budget: {error}"
    return "\n".join(told or ())


def _said(error: dwf.InvariantViolated) -> str:
    text = str(error)
    assert error.seq is not None or text.startswith(("liveness", _VACUOUS)), "it points nowhere"
    return f"oracle: {text}" if text.startswith(("'", _VACUOUS)) else text


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
