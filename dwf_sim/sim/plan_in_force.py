"""The plan in force: which faults of a plan can still strike."""

from __future__ import annotations

from dwf_sim.faults.base import Fault, Site


class PlanInForce:
    """Asks the faults in order, and counts how often each has struck."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._left = [(fault, fault.times) for fault in faults]
        self._struck: list[Fault] = []
        self.is_empty = not self._left  # Asked at every site, so no method.

    def add(self, fault: Fault) -> None:
        """Put one more fault in force."""
        self._left.append((fault, fault.times))
        self.is_empty = False

    @property
    def unstruck(self) -> tuple[Fault, ...]:
        """The faults that have not struck once."""
        return tuple(
            fault for fault, _ in self._left if not any(fault is struck for struck in self._struck)
        )

    def strike(self, site: Site) -> Fault | None:
        """Use up one strike of the first fault that hits this site, if there is one."""
        for nth, (fault, times) in enumerate(self._left):
            if fault.hits(site):
                self._struck.append(fault)
                if times > 1:
                    self._left[nth] = (fault, times - 1)
                else:
                    del self._left[nth]
                    self.is_empty = not self._left
                return fault
        return None
