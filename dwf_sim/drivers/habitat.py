"""What user code sees of the world while a simulation runs: its clock, its chance, its fences.

Everything is put in place when a simulation begins to move and taken away when it stops, however
it stops; several simulations in one process take turns.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack

from dwf_sim.drivers.copies import Copies
from dwf_sim.drivers.entropy import Entropy
from dwf_sim.drivers.fences import Fences
from dwf_sim.drivers.frozen import FrozenClock
from dwf_sim.drivers.log_lines import LogLines


class VirtualHabitat:
    """The virtual clock, seeded chance, and fences around what is not simulated.

    `allow` names fences to leave open: "sockets", "threads", "processes", "sleep".
    While watching, log lines of user code are heard of.
    """

    def __init__(
        self, seed: int, allow: Collection[str] = (), *, is_watching: bool = False
    ) -> None:
        self._clock = FrozenClock()
        self._entropy = Entropy(seed)
        self._fences = Fences(allow)
        self._copies = Copies()
        self._log_lines = LogLines() if is_watching else None
        self._exits: ExitStack | None = None

    def enter(self, now: int) -> None:
        """Put the virtual world in place; `now` is in milliseconds since 1970."""
        assert self._exits is None, "a habitat is entered once at a time"
        with ExitStack() as stack:
            self._put_in_place(now, stack)
            self._copies.note()
            self._exits = stack.pop_all()

    def _put_in_place(self, now: int, stack: ExitStack) -> None:
        fences = self._fences.close()
        stack.callback(self._fences.open)
        self._entropy.enter()
        stack.callback(self._entropy.leave)
        faces = self._clock.start(now)
        stack.callback(self._clock.stop)
        self._copies.replace(fences + faces, but_in=self._clock.strangers)
        stack.callback(self._copies.put_back)
        if self._log_lines is not None:
            self._log_lines.start()
            stack.callback(self._log_lines.stop)

    def move_to(self, now: int) -> None:
        """Set the clock."""
        self._clock.move_to(now)

    def nudge(self) -> None:
        """Let the clock show a microsecond more than at the nudge before at this instant."""
        self._clock.nudge()

    def shift(self, ahead: int) -> None:
        """Let the clock show so many milliseconds more from the next move on."""
        self._clock.shift(ahead)

    def leave(self) -> None:
        """Put the real world back."""
        assert self._exits is not None, "a habitat is left after it was entered"
        exits, self._exits = self._exits, None
        exits.close()
