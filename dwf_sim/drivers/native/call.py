"""One use of a step in one request: its id, its place among the others, and what it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

import attrs

from dwf_sim.drivers.native.interrupts import Interrupt, interrupt_in
from dwf_sim.model.ops import Op, StepPlanned


@attrs.define(eq=False)
class StepCall:
    """`ctx.step…(id, …)` as the driver sees it. `make_op` is None for a step with a body."""

    name: str
    index: int
    label: str
    hash: str
    make_op: Callable[[StepCall], Op] | None
    race: bool = False
    is_planned_only: bool = False  # Inside `group.parallel`, a body never runs at once (A27).
    memo: str | None = None
    future: asyncio.Future[None] | None = None

    def op(self) -> Op:
        """Write what the step asks for when it is reported."""
        if self.make_op is not None:
            return self.make_op(self)
        return StepPlanned(self.hash, self.name, self.index, self.race)


@attrs.define(eq=False)
class Discovery:
    """What `group.parallel` has found of its steps while it goes through its callables."""

    race: bool
    calls: list[StepCall] = attrs.field(factory=list)
    answered: Interrupt | None = None

    def note(self, error: BaseException) -> None:
        """A callable was left: go on with the next, even after the one step this request runs."""
        interrupt = interrupt_in(error)
        if interrupt is None:
            raise error
        if interrupt.response is not None:
            self.answered = interrupt

    def hand_over(self, outer: Discovery | None) -> None:
        """Leave the handler if a step was run; a group within a group reports by the outer one."""
        if self.answered is not None:
            raise self.answered
        if self.calls and outer is not None:
            for call in self.calls:
                call.race = call.race or outer.race
            outer.calls.extend(self.calls)
            raise Interrupt


# Which `group.parallel` we are in, and whether in a race.
DISCOVERY: ContextVar[Discovery | None] = ContextVar("dwf_sim_discovery", default=None)
RACE: ContextVar[bool] = ContextVar("dwf_sim_race", default=False)
