"""The gateway: the event API, where events are refused or accepted and given their ids."""

from __future__ import annotations

from collections.abc import Sequence

from dwf_sim.drivers.base import WorkerKilled
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
        _refuse_the_dead()
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
        _refuse_the_dead()
        for effect in self._runner.tell(SignalSent(signal, encode(data)), _cause()):
            if isinstance(effect, SignalReceived):
                return effect.run
        raise AssertionError("the engine notes every signal")

    def note_effect(self, ledger: str, operation: str, key: str | None, *, is_repeat: bool) -> None:
        """Note an external effect, and by which run and step; the dead have none."""
        _refuse_the_dead()
        activity = ACTIVITY.get()
        run_id, step = (activity.run_id, activity.step) if activity else (None, None)
        record = EffectCalled(ledger, operation, key, is_repeat, run_id, step)
        self._runner.emit(record, _cause())

    def settle_effect(self) -> None:
        """Let a fault strike where a step has just made an external effect."""
        activity = ACTIVITY.get()
        if activity is not None and activity.after_effect is not None:
            activity.after_effect()

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


def _refuse_the_dead() -> None:
    """A killed plain `def` handler is unwound through its `finally` blocks, but does nothing."""
    activity = ACTIVITY.get()
    if activity is not None and activity.is_buried:
        raise WorkerKilled


def _cause() -> int | None:
    """What led to what user code does: the step or the handler it stands in."""
    activity = ACTIVITY.get()
    return None if activity is None else activity.cause
