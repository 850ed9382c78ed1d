"""The gateway: the event API, where events are refused or accepted and given their ids."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs

from dwf_sim.drivers.base import BODY, NOWHERE, OUTSIDER, EffectPlace, Pulse, WorkerKilled
from dwf_sim.errors import SendEventsError
from dwf_sim.faults.base import ACK, Site
from dwf_sim.given import hint_of_event, shown
from dwf_sim.model.event import Event, StoredEvent, store_event
from dwf_sim.model.ids import Mint
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import SignalSent
from dwf_sim.model.payload import encode
from dwf_sim.model.records import Complained, EffectCalled, FaultStruck, SignalReceived
from dwf_sim.sim.activity import ACTIVITY
from dwf_sim.sim.runner import Runner
from dwf_sim.sim.strays import Strays

# How often the vendor's Python SDK sends what is not answered, and how long it waits at first.
SENDS_MAX = 5
RESEND_MS = 100


class Gateway:
    """Takes what producers send. User code inside a simulation finds it on its event loop."""

    def __init__(self, runner: Runner, mint: Mint, limits: Limits) -> None:
        self._runner = runner
        self._mint = mint
        self._limits = limits
        self.oracles: object = None  # Who takes what user code claims.
        self.repeatable: dict[tuple[str, str], None] = {}  # Effects that need no key.
        self._strays = Strays(runner)
        runner.outlet, runner.on_timer = self, self._strays.note_timer
        self._answered: dict[str, int] = {}  # How many sends by name, while there are faults.

    def send(self, events: Sequence[Event]) -> list[str]:
        """Accept events one by one and return their internal ids, in order (B10, B12-B15).

        Raises `SendEventsError` at the first that is refused; those before it are accepted.
        """
        self.refuse_the_dead()
        if BODY.get() is None and ACTIVITY.get() is not None:
            self.note_outside(f"a send of {_names(events)}")
        ids: list[str] = []
        taken: list[StoredEvent] = []
        for event in events:
            if len(ids) == self._limits.events_per_send:
                raise SendEventsError(
                    f"Cannot have more than {len(ids)} events in a batch; {len(events)} were sent "
                    "at once: send them in several calls",
                    ids,
                )
            try:
                taken.append(self._accept(event))
            except SendEventsError as error:
                raise SendEventsError(str(error), ids) from None
            ids.append(taken[-1].internal_id)
        if not self._runner.plan.is_empty:
            self._acknowledge(taken)
        return ids

    def signal(self, signal: str, data: object) -> str | None:
        """Send a signal and return the id of the run that was waiting, if one was (A124)."""
        self.refuse_the_dead()
        if BODY.get() is None:
            self.note_outside(f"a send of signal {shown(signal)}")
        for effect in self._runner.tell(SignalSent(signal, encode(data)), self._cause()):
            if isinstance(effect, SignalReceived):
                return effect.run
        raise AssertionError("the engine notes every signal")

    def place_effect(self) -> EffectPlace:
        """Count an effect of the step or the handler that is running; the dead have none."""
        self.refuse_the_dead()
        activity = ACTIVITY.get()
        if activity is None:
            return NOWHERE
        step = activity.step
        nth = activity.effects[step] = activity.effects.get(step, 0) + 1
        label = self._runner.engine.state.runs[activity.run_id].label
        return EffectPlace(activity.run_id, label, step, nth)

    def note_effect(
        self,
        ledger: str,
        operation: str,
        key: str | None,
        place: EffectPlace,
        *,
        is_repeat: bool,
        may_repeat: bool,
    ) -> None:
        """Note an external effect, and let the worker die of it if it is to."""
        record = EffectCalled(
            ledger, operation, key, is_repeat, place.run, place.step, place.nth, may_repeat
        )
        self._runner.emit(record, self._cause())
        if may_repeat and key is None:
            self.repeatable[ledger, operation] = None
        if BODY.get() is None:
            self.note_outside(f"{ledger} {operation}")
        activity = ACTIVITY.get()
        if activity is not None and activity.step is not None and activity.on_effect is not None:
            activity.on_effect(place.nth)
            self.refuse_the_dead()

    def complain(self, text: str) -> None:
        """Note a mistake of user code, of the run it belongs to."""
        activity = ACTIVITY.get()
        if activity is not None and not activity.is_buried:
            self._runner.emit(Complained(activity.run_id, text), activity.cause)

    def note_outside(self, what: str) -> None:
        """Report something that is done just now, if a handler does it outside of steps."""
        self._strays.note(what)

    def refuse_the_dead(self) -> None:
        """A dead worker's stack is unwound through its `finally` blocks, but does nothing."""
        activity = ACTIVITY.get()
        if activity is not None and activity.is_buried:
            raise WorkerKilled

    def pulse(self) -> Pulse:
        """Say who runs this now; it can be asked later whether that worker is still alive."""
        activity = ACTIVITY.get()
        if activity is None:
            return OUTSIDER
        label = self._runner.engine.state.runs[activity.run_id].label
        who = label if activity.step is None else f"step {activity.step!r} of {label}"
        return Pulse(activity, who, lambda: not activity.is_buried)

    def _acknowledge(self, events: Sequence[StoredEvent]) -> None:
        """Answer a send; while the answer is lost, its events come again (A146).

        The sender goes on at once, since a plain call cannot wait here; the copies come when they
        would.
        """
        cause, delay = self._cause(), 0
        for nth in range(SENDS_MAX):
            lost = self._ack_lost_for(events, cause)
            if lost is None:
                return
            cause, delay = lost, delay + RESEND_MS * 2**nth
            if nth + 1 < SENDS_MAX:
                at = self._runner.agenda.now + delay
                self._runner.agenda.at(at, self._take_again, events, cause)
        if events:
            raise SendEventsError(
                f"never received response while sending events: {SENDS_MAX} acknowledgements "
                "were lost by a fault, and all has arrived"
            )

    def _ack_lost_for(self, events: Sequence[StoredEvent], cause: int | None) -> int | None:
        """Say whether a fault loses the answer, by the entry of the trace that says so."""
        plan = self._runner.plan
        for name in dict.fromkeys(event.name for event in events):
            nth = self._answered[name] = self._answered.get(name, 0) + 1
            site = Site("", name, 0, ACK, nth)
            fault = plan.strike(site)
            if fault is not None:
                first = next(event for event in events if event.name == name)
                struck = FaultStruck(None, str(fault), str(site), first.internal_id)
                return self._runner.emit(struck, cause)
        return None

    def _take_again(self, events: Sequence[StoredEvent], cause: int | None) -> None:
        now = self._runner.agenda.now
        for event in events:
            self._runner.accept(event.with_ids(event.internal_id, event.id, now), cause)

    def _accept(self, event: object) -> StoredEvent:
        if not isinstance(event, Event):
            raise SendEventsError(
                f"event is {shown(event)}; send takes an Event, a list of them, or a name and data"
                f"{hint_of_event(event)}"
            )
        now, ahead = self._runner.agenda.now, self._runner.clock_ahead
        if ahead and not event.ts and ACTIVITY.get() is not None:
            event = attrs.evolve(event, ts=now + ahead)  # The SDK stamps it where it stands.
        stored = store_event(
            event, internal_id=self._mint.ulid(now), now=now, bytes_max=self._limits.event_bytes
        )
        self._runner.accept(stored, self._cause())
        return stored

    def _cause(self) -> int | None:
        """What led to what user code does: the step or the handler it stands in, if that is of this
        simulation. A handler may have one of its own, whose records have other numbers."""
        activity = ACTIVITY.get()
        is_mine = asyncio._get_running_loop() is self._runner.agenda
        return activity.cause if activity is not None and is_mine else None


def _names(events: Sequence[Event]) -> str:
    names = dict.fromkeys(str(getattr(event, "name", event)) for event in events)
    return ", ".join(map(shown, names))
