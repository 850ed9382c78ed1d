"""The stage: a simulation in which a play is played as a course has it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dwf_sim.faults import Fault
from dwf_sim.given import keywords_of
from dwf_sim.model.event import Event
from dwf_sim.search.course import Course
from dwf_sim.search.subject import Sending
from dwf_sim.sim.agenda import Choose
from dwf_sim.world.serving import as_event, events_of
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import Sent

if TYPE_CHECKING:
    from dwf_sim.world.serving import AnyEvent, Servable


# What a simulation is made with: what a course decides, and the rest.
OF_THE_COURSE = ("seed", "faults", "interleave", "pilot")
SETTINGS = tuple(name for name in keywords_of(Simulation) if name not in OF_THE_COURSE)


def staged(
    seed: int = 0,
    *,
    faults: Iterable[Fault] = (),
    interleave: str | Choose = "fifo",
    left_out: Iterable[int] = (),
    pauses: Iterable[Iterable[int]] = (),
    **settings: Any,
) -> Stage:
    """Make a simulation in which a play does less, or sooner, as a test that was pasted has it.

    `left_out` are the events that the play does not send, by number from 0; `pauses` replace its
    calls of `advance`: number, milliseconds. The rest is as in `Simulation`.
    """
    chosen = tuple((first, second) for first, second in pauses)
    course = Course(seed=seed, faults=tuple(faults), left_out=tuple(left_out), pauses=chosen)
    return Stage(course, interleave, settings)


class Stage(Simulation):
    """Leaves events of the play out and shortens its pauses, and notes what it served and sent."""

    def __init__(
        self, course: Course, interleave: str | Choose, settings: Mapping[str, Any]
    ) -> None:
        super().__init__(course.seed, faults=course.faults, interleave=interleave, **settings)
        self.served: list[object] = []
        self.sendings: list[Sending] = []  # As they were really sent.
        self.pauses: list[int] = []  # How long the play let time pass, in milliseconds.
        self.numbers: list[int] = []  # Of the events that were sent, in the play.
        self._count = 0
        self._left_out = course.left_out
        self._pauses = dict(course.pauses)

    def serve(self, functions: Servable, *others: object) -> Stage:
        """Note what is served."""
        self.served.append(functions)
        return super().serve(functions, *others)

    def send(
        self, event: AnyEvent | str | Sequence[AnyEvent], data: Mapping[str, object] | None = None
    ) -> Sent:
        """Send what is not left out."""
        kept = []
        for each in events_of(event, data):
            if self._count not in self._left_out:
                kept.append(each)
                self._note(each)
            self._count += 1
        return super().send(kept)

    def advance(self, duration: int | str | datetime.timedelta) -> None:
        """Let as much time pass as the course has it."""
        chosen = self._pauses.get(len(self.pauses), duration)
        before = self.now_ms
        nth = len(self.pauses)
        self.pauses.append(0)
        super().advance(chosen)
        self.pauses[nth] = self.now_ms - before

    def _note(self, given: object) -> None:
        event = as_event(given)
        if isinstance(event, Event):
            at = self.now_ms - self.start_ms
            self.sendings.append(Sending(at, event.name, dict(event.data), event.id or ""))
            self.numbers.append(self._count)
