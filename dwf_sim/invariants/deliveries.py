"""Deliveries: no event that came in is lost on its way to a run (B29-B36, B129)."""

from __future__ import annotations

from dwf_sim.invariants.base import Awaiting, Watches
from dwf_sim.invariants.facts import Facts, is_of_timer
from dwf_sim.model.event import INVOKED
from dwf_sim.model.payload import decode
from dwf_sim.model.records import EventHeld, EventReceived, FaultStruck, RunScheduled, RunSkipped
from dwf_sim.model.served import CronTicked, FunctionServed

_RATE_LIMIT = "rate limit"  # It has had its say before another policy holds an event.


class NoEventLost(Awaiting):
    """For each function that an event is for there is a run, a reason, or somebody who holds it.

    What is held is let go, or refused with a reason, by the time that was given. And no function
    is started by an event that none of its triggers takes.
    """

    name = "no event lost"
    says = "each event leads, for each function it is for, to a run, a reason or a hold that ends"
    rules = ("B29", "B33", "B34", "B35", "B129", "A131")

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._newest = "", "", ""
        self._named: dict[str, list[tuple[str, tuple[str | None, ...]]]] = {}

    def watches(self) -> Watches:
        """Look at events and at what becomes of them."""
        return {
            FunctionServed: self._served,
            EventReceived: self._event,
            CronTicked: self._tick,
            RunScheduled: self._scheduled,
            RunSkipped: self._skipped,
            EventHeld: self._held,
            FaultStruck: self._fault,
        }

    def _served(self, _record: FunctionServed, _at: int, _seq: int) -> None:
        self._named.clear()

    def _event(self, record: EventReceived, at: int, seq: int) -> None:
        for function, conditions in self._candidates(record.name):
            if any(self.facts.holds(condition, record.event, at) for condition in conditions):
                self._expect(function, record.event, at, seq)
        if record.name == INVOKED:
            function = invoked_function(record)
            if function in self.facts.functions:
                self._expect(function, record.event, at, seq)

    def _candidates(self, name: str) -> list[tuple[str, tuple[str | None, ...]]]:
        """List the functions with triggers of this name, and the conditions of these."""
        found = self._named.get(name)
        if found is None:
            served = self.facts.functions.values()
            all_of = [
                (each.function, tuple(c for text, c in each.triggers if accepts(text, name)))
                for each in served
            ]
            found = self._named[name] = [pair for pair in all_of if pair[1]]
        return found

    def _expect(self, function: str, event: str, at: int, seq: int) -> None:
        text = f"{function} takes event {event}, and nothing became of it"
        self.expected.add((function, event), at, text, seq)

    def _tick(self, record: CronTicked, at: int, seq: int) -> None:
        text = f"{record.function} ticked, and nothing became of it"
        self.expected.add((record.function, None), at, text, seq)

    def _scheduled(self, record: RunScheduled, at: int, seq: int) -> None:
        for event in record.events:
            self.expected.meet((record.function, event))
            self.expected.meet((record.function, event, "held"))
        if record.by == "cron":
            self.expected.meet((record.function, None))
        elif record.by == "event" and not self._may_start(record, at):
            text = f"{record.function} started for an event that none of its triggers takes"
            self.broken(text, seq, record.run)

    def _may_start(self, record: RunScheduled, at: int) -> bool:
        event, served = self.facts.events.get(record.events[0]), self.facts.settings.get(record.run)
        if event is None or served is None:
            return True
        return any(
            accepts(name, event.name) and self.facts.holds(condition, event.event, at) is not False
            for name, condition in served.triggers
        )

    def _skipped(self, record: RunSkipped, at: int, seq: int) -> None:
        self.expected.meet((record.function, record.event))
        self.expected.meet((record.function, None))
        held = self.expected.meet((record.function, record.event, "held"))
        if held is not None and held.by == at and record.policy == _RATE_LIMIT:
            text = f"{record.policy} refused event {record.event}, which it had let pass before"
            self.broken(f"{text} it was held", seq)

    def _held(self, record: EventHeld, _at: int, seq: int) -> None:
        self.expected.meet((record.function, record.event))
        self.expected.meet((record.function, None))
        text = f"{record.policy} held event {record.event} of {record.function}, and never let go"
        self._newest = record.function, record.event, "held"
        self.expected.add(self._newest, record.until, text, seq)

    def _fault(self, record: FaultStruck, _at: int, _seq: int) -> None:
        """The timer of what was held last is late."""
        if record.run is None and is_of_timer(record):
            self.expected.meet(self._newest)


def accepts(trigger: str, name: str) -> bool:
    """Say whether a trigger's text accepts an event name: itself, or up to a `*` (B33)."""
    if trigger == name:
        return True
    return (
        len(trigger) > 1
        and trigger[-1] == "*"
        and trigger[-2] in "/."
        and (name.startswith(trigger[:-1]))
    )


def invoked_function(record: EventReceived) -> str:
    """Name the function that an invoking event calls (A131)."""
    return _meta(record).get("fn_id", "")


def correlation(record: EventReceived) -> str:
    """Give the id by which the invoking run and the invoked one know each other (A131)."""
    return _meta(record).get("correlation_id", "")


def _meta(record: EventReceived) -> dict[str, str]:
    data = decode(record.data)
    meta = data.get("_inngest") if isinstance(data, dict) else None
    return meta if isinstance(meta, dict) else {}
