"""The plan in force: which faults of a plan can still strike."""

from __future__ import annotations

from collections.abc import Callable

from dwf_sim.faults.base import TIME, Fault, Site


class PlanInForce:
    """Asks the faults in order, and counts how often each has struck."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._left: list[tuple[Fault, int]] = []
        self._struck: list[Fault] = []
        self._elapsed: Callable[[], int] = lambda: 0
        self._at: Callable[[int, Fault], None] | None = None
        self.is_empty = True  # Asked at every site, so no method.
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Put one more fault in force."""
        self._left.append((fault, fault.times))
        self.is_empty = False
        if self._at is not None and fault.strikes_at is not None:
            self._at(fault.strikes_at, fault)

    def keep_time(self, elapsed: Callable[[], int], at: Callable[[int, Fault], None]) -> None:
        """Take the clock: how many milliseconds have passed, and what is told of faults that
        strike at an instant."""
        self._elapsed, self._at = elapsed, at
        for fault, _ in self._left:
            if fault.strikes_at is not None:
                at(fault.strikes_at, fault)

    @property
    def unstruck(self) -> tuple[Fault, ...]:
        """The faults that have not struck once."""
        return tuple(
            fault for fault, _ in self._left if not any(fault is struck for struck in self._struck)
        )

    def strike(self, site: Site) -> Fault | None:
        """Use up one strike of the first fault that hits this site, if there is one."""
        for nth, (fault, _) in enumerate(self._left):
            if fault.hits(site) and fault.is_on(self._elapsed()):
                self._use_up(nth)
                return fault
        return None

    def strike_now(self, fault: Fault) -> Site | None:
        """Use up a fault whose instant has come; None when it is not in force any more."""
        for nth, (left, _) in enumerate(self._left):
            if left is fault:
                self._use_up(nth)
                return Site("", "", 0, TIME, self._elapsed())
        return None

    def _use_up(self, nth: int) -> None:
        fault, times = self._left[nth]
        self._struck.append(fault)
        if fault.is_lasting:
            return
        if times > 1:
            self._left[nth] = (fault, times - 1)
        else:
            del self._left[nth]
            self.is_empty = not self._left
