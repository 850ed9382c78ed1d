"""The gateway: the event API, where events are refused or accepted and given their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dwf_sim.drivers.base import NOWHERE, EffectPlace, WorkerKilled
from dwf_sim.errors import SendEventsError
from dwf_sim.given import shown
from dwf_sim.model.event import Event, store_event
from dwf_sim.model.ids import Mint
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import SignalSent
from dwf_sim.model.payload import encode
from dwf_sim.model.records import EffectCalled, SignalReceived
from dwf_sim.sim.activity import ACTIVITY
from dwf_sim.sim.runner import Runner


class Gateway:
    """Takes what producers send. User code inside a simulation finds it on its event loop."""

    def __init__(self, runner: Runner, mint: Mint, limits: Limits) -> None:
        self._runner = runner
        self._mint = mint
        self._limits = limits

    def send(self, events: Sequence[Event]) -> list[str]:
        """Accept events one by one and return their internal ids, in order (B10, B12-B15).

        Raises `SendEventsError` at the first that is refused; those before it are accepted.
        """
        self.refuse_the_dead()
        ids: list[str] = []
        for event in events:
            if len(ids) == self._limits.events_per_send:
                raise SendEventsError(
                    f"Cannot have more than {len(ids)} events in a batch; {len(events)} were sent "
                    "at once: send them in several calls",
                    ids,
                )
            try:
                ids.append(self._accept(event))
            except SendEventsError as error:
                raise SendEventsError(str(error), ids) from None
        return ids

    def signal(self, signal: str, data: object) -> str | None:
        """Send a signal and return the id of the run that was waiting, if one was (A124)."""
        self.refuse_the_dead()
        for effect in self._runner.tell(SignalSent(signal, encode(data)), _cause()):
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
        record = EffectCalled(ledger, operation, key, is_repeat, place.run, place.step, place.nth)
        self._runner.emit(record, _cause())
        activity = ACTIVITY.get()
        if activity is not None and activity.step is not None and activity.on_effect is not None:
            activity.on_effect(place.nth)
            self.refuse_the_dead()

    def refuse_the_dead(self) -> None:
        """A dead worker's stack is unwound through its `finally` blocks, but does nothing."""
        activity = ACTIVITY.get()
        if activity is not None and activity.is_buried:
            raise WorkerKilled

    def pulse(self) -> Callable[[], bool]:
        """Give a function that says whether the worker that runs this now is still alive."""
        activity = ACTIVITY.get()
        return lambda: activity is None or not activity.is_buried

    def _accept(self, event: object) -> str:
        if not isinstance(event, Event):
            raise SendEventsError(
                f"event is {shown(event)}; send takes an Event, a list of them, or a name and data"
            )
        now = self._runner.agenda.now
        stored = store_event(
            event, internal_id=self._mint.ulid(now), now=now, bytes_max=self._limits.event_bytes
        )
        self._runner.accept(stored, _cause())
        return stored.internal_id


def _cause() -> int | None:
    """What led to what user code does: the step or the handler it stands in."""
    activity = ACTIVITY.get()
    return None if activity is None else activity.cause
