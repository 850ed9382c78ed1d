"""The plan in force: which faults of a plan can still strike, and which have."""

from __future__ import annotations

import copy

import attrs

from dwf_sim.errors import UsageError
from dwf_sim.faults.base import Fault, Levers, Site
from dwf_sim.model.records import FaultStruck
from dwf_sim.sim.agenda import Agenda
from dwf_sim.sim.choices import Choices
from dwf_sim.sim.trace import Trace

_CHANCE_OF = 2**53  # As fine as a float between 0 and 1.


@attrs.frozen
class Struck:
    """A fault that has struck: at which site, and `at` which time, in milliseconds since 1970."""

    fault: Fault
    site: Site
    at: int

    def __str__(self) -> str:
        return f"{self.site}: {self.fault}"


class PlanInForce:
    """Asks the faults in order at each site, and sees to those that strike by the clock."""

    def __init__(
        self, start: int, agenda: Agenda, choices: Choices, trace: Trace, *, is_pilot: bool = False
    ) -> None:
        self.struck: list[Struck] = []
        self._sites: list[Site] = []  # Those come to, for a pilot.
        self.is_empty = not is_pilot  # Of faults at sites. Asked at every site, so no method.
        self._is_pilot = is_pilot
        self._start = start
        self._agenda = agenda
        self._choices = choices
        self._trace = trace
        self.added: list[tuple[int, Fault]] = []  # When, in ms after the start, in that order.
        self._left: list[tuple[Fault, int | None]] = []
        self._visits: dict[Site, int] | None = {} if is_pilot else None  # None: nobody asks.
        self._holding: list[tuple[Fault, Levers]] = []  # Struck by themselves, and not undone.
        self._unable: list[tuple[Fault, Levers]] = []  # Their time has come, not what they strike.
        self._healed = 0  # How often.

    def add(self, fault: Fault, levers: Levers) -> None:
        """Put one more fault in force."""
        if any(fault is other for other in self.planned):
            fault = copy.copy(fault)  # Given twice it is two faults, each of which may strike.
        self.added.append((self._agenda.now - self._start, fault))
        if fault.strikes_at is not None:
            at = self._start + fault.strikes_at
            if at <= self._agenda.now:
                self._strike_now(fault, levers)
            else:  # Nobody waits for a fault: it strikes while time goes on for something else.
                self._agenda.at(
                    at, self._strike_unless_healed, fault, levers, self._healed, is_endless=True
                )
            return
        if fault.visit is not None and self._visits is None:
            self._visits = {}
        self._left.append((fault, fault.times))
        self.is_empty = False

    def heal(self) -> None:
        """Call off all that has not struck by now, and undo what holds."""
        self._healed += 1
        self._left.clear()
        self._unable.clear()
        self.is_empty = not self._is_pilot
        while self._holding:
            fault, levers = self._holding.pop(0)
            fault.end(levers)

    @property
    def planned(self) -> tuple[Fault, ...]:
        """All faults that were put in force."""
        return tuple(fault for _, fault in self.added)

    @property
    def unstruck(self) -> tuple[Fault, ...]:
        """The faults that have not struck once."""
        return tuple(
            fault
            for fault in self.planned
            if all(fault is not struck.fault for struck in self.struck)
        )

    def listed(self) -> tuple[Site, ...]:
        """The sites come to so far. Raises `UsageError` unless this is a pilot."""
        if not self._is_pilot:
            raise UsageError(
                "this simulation does not list the sites that it comes to: make it with "
                "Simulation(pilot=True)"
            )
        return tuple(self._sites)

    def strike(self, site: Site) -> Fault | None:
        """Use up one strike of the first fault that hits this site, if there is one."""
        if self._visits is not None:
            visit = self._visits[site] = self._visits.get(site, 0) + 1
            site = attrs.evolve(site, visit=visit)
        if self._is_pilot:
            self._sites.append(site)
        elapsed = self._agenda.now - self._start
        for nth, (fault, times) in enumerate(self._left):
            if fault.hits(site) and fault.is_on(elapsed) and self._is_drawn(fault):
                self.struck.append(Struck(fault, site, self._agenda.now))
                if times is not None and times > 1:
                    self._left[nth] = (fault, times - 1)
                elif times is not None:
                    del self._left[nth]
                    self.is_empty = not self._left and not self._is_pilot
                return fault
        return None

    def _is_drawn(self, fault: Fault) -> bool:
        """Draw a fault that strikes by chance, each kind from a stream of its own."""
        if fault.chance == 1:
            return True
        stream = f"faults/{fault.kind_name}"
        return self._choices.integer(stream, 0, _CHANCE_OF - 1) < fault.chance * _CHANCE_OF

    def _strike_unless_healed(self, fault: Fault, levers: Levers, healed: int) -> None:
        if self._healed == healed:
            self._strike_now(fault, levers)

    def strike_what_is_served(self) -> None:
        """Let those strike whose time had come before what they strike was served."""
        unable, self._unable = self._unable, []
        for fault, levers in unable:
            self._strike_if_able(fault, levers)

    def _strike_now(self, fault: Fault, levers: Levers) -> None:
        if self._is_drawn(fault):
            self._strike_if_able(fault, levers)

    def _strike_if_able(self, fault: Fault, levers: Levers) -> None:
        if not fault.can_strike(levers):
            self._unable.append((fault, levers))
            return
        now = self._agenda.now
        self.struck.append(Struck(fault, fault.instant, now))
        struck = FaultStruck(None, str(fault), str(fault.instant))
        fault.strike(levers, self._trace.append(now, None, struck))
        self._holding.append((fault, levers))
        if fault.lasts_ms is not None:  # This end is waited for: somebody may be held up till then.
            self._agenda.at(now + fault.lasts_ms, self._end, fault, levers)

    def _end(self, fault: Fault, levers: Levers) -> None:
        for nth, (held, _) in enumerate(self._holding):
            if held is fault:
                del self._holding[nth]
                fault.end(levers)
                return
