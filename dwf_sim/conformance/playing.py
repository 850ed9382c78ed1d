"""Plays a recording in a simulation: serves its functions, sends what it sends, when it sends it.

Which driver runs the functions is a parameter; a driver takes part with one function that serves
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from dwf_sim.conformance.native import NATIVE_NEEDS, native_vocabulary, serve_native
from dwf_sim.conformance.notebook import Notebook
from dwf_sim.conformance.program import event_of, operations
from dwf_sim.conformance.program_values import fill
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.refusals import Refusal, Refused
from dwf_sim.conformance.starting import start_of
from dwf_sim.errors import SendEventsError, UsageError
from dwf_sim.faults.base import AFTER_EFFECT, Site
from dwf_sim.faults.crash import Crash
from dwf_sim.model.event import Event
from dwf_sim.model.quirks import Quirks
from dwf_sim.world.simulation import Simulation

Serve: TypeAlias = Callable[[Simulation, Recording, Notebook], None]
Action: TypeAlias = Callable[[], None]


@attrs.frozen
class PlayedBy:
    """A driver that can play recordings; `needs` are those of a recording that it meets."""

    serve: Serve
    needs: tuple[str, ...]

    def lacks(self, recording: Recording) -> list[str]:
        """List what a recording needs and the driver has not."""
        return [need for need in recording.needs if need not in self.needs]


def _native() -> PlayedBy:
    return PlayedBy(serve_native, NATIVE_NEEDS)


def _vendor() -> PlayedBy:
    """Import the vendor's SDK no sooner than somebody asks for it; raises `ConfigError`."""
    from dwf_sim.conformance.vendor import serve_vendor

    return PlayedBy(serve_vendor, ())


DRIVERS: Mapping[str, Callable[[], PlayedBy]] = {"native": _native, "inngest": _vendor}

AS_RECORDED = Quirks(**dict.fromkeys(attrs.fields_dict(Quirks), True))
"""All the ways of the recorded server, those too that are off unless they are asked for."""

AFTERWARDS = "60s"
"""How long after the observation a run's status is read: recordings were read some time later."""

_NO_EVENT = "Request body must contain an event object or an array of event objects"
_EVENT_FIELDS = ("name", "data", "id", "ts", "user", "v")


@attrs.define
class Played:
    """What became of a recording here; instants are milliseconds since 1970."""

    simulation: Simulation
    notebook: Notebook
    until_ms: int
    refusal: Refusal | None = None
    sends: dict[int, SendResult] = attrs.field(factory=dict)  # By their place in the recording.
    cancels: list[int] = attrs.field(factory=list)
    signals: list[str | None] = attrs.field(factory=list)


@attrs.frozen
class SendResult:
    """What the event API answered; `is_said` is false where it is not known what the server says,
    and `quotes_parser` true where it would quote one that has its own words."""

    at: float
    ids: list[str]
    error: str | None = None
    is_said: bool = True
    quotes_parser: bool = False


def driver_of(name: str) -> PlayedBy:
    """Find a driver by its name; raises `UsageError`, also for one that is not installed."""
    if name not in DRIVERS:
        raise UsageError(f"driver is {name!r}; it is one of {', '.join(DRIVERS)}")
    return DRIVERS[name]()


def play(
    recording: Recording, driver: str = "native", *, seed: int = 0, interleave: str = "fifo"
) -> Played:
    """Let a recording happen again; raises `UsageError` for a driver that there is not.

    With `interleave="random"`, what happens at one instant happens in the order of the seed.
    """
    played_by = driver_of(driver)
    simulation = Simulation(
        seed,
        start=start_of(recording),
        quirks=AS_RECORDED,
        interleave=interleave,
    )
    start_ms = simulation.now_ms
    notebook = Notebook(lambda: (simulation.now_ms - start_ms) / 1000)
    if any("crash" in op for given in recording.functions for op in operations(given)):
        simulation.inject(_RecordedCrash(simulation=simulation, notebook=notebook))
    played = Played(simulation, notebook, start_ms + round(recording.until * 1000))
    try:
        played_by.serve(simulation, recording, notebook)
    except Refused as refused:
        played.refusal = refused.refusal
        return played
    for at_ms, action in _actions(recording, played):
        simulation.advance(max(0, start_ms + at_ms - simulation.now_ms))
        action()
    simulation.advance(played.until_ms - simulation.now_ms)
    return played


@attrs.frozen(kw_only=True)
class _RecordedCrash(Crash):
    """Kill the worker when a step's body is over that is to crash: what it did is lost, as where it
    was recorded. The notebook knows, since it counts executions by run and step."""

    simulation: Simulation
    notebook: Notebook
    phase: str = AFTER_EFFECT
    times: int | None = None

    def hits(self, site: Site) -> bool:
        """Say whether this fault strikes at a site."""
        if site.phase != AFTER_EFFECT:
            return False
        run = next(run for run in self.simulation.runs if run.label == site.run)
        return self.notebook.dies(run.id, site.step)


def _actions(recording: Recording, played: Played) -> list[tuple[int, Action]]:
    """List what happens from outside, by milliseconds since the case began."""
    sends = [
        (_ms(send), _sender(place, send, played)) for place, send in enumerate(recording.sends)
    ]
    cancels = [(_ms(cancel), _canceller(cancel, played)) for cancel in recording.cancels]
    signals = [(_ms(signal), _signaller(signal, played)) for signal in recording.signals]
    return sorted([*sends, *cancels, *signals], key=lambda timed: timed[0])


def _ms(timed: Mapping[str, Any]) -> int:
    return round(float(timed["at"]) * 1000)


def _sender(place: int, send: Mapping[str, Any], played: Played) -> Action:
    words = native_vocabulary(played.simulation.now)

    def act() -> None:
        at = played.notebook.clock()
        try:
            if "raw" not in send:
                events = [event_of(event, words) for event in send["events"]]
                result = SendResult(at, played.simulation.send(events).ids)
            else:
                result = _send_raw(at, send["raw"], played.simulation)
        except SendEventsError as error:
            result = SendResult(at, error.ids, str(error))
        played.sends[place] = result

    return act


def _send_raw(at: float, body: Any, simulation: Simulation) -> SendResult:
    """Send a body as it is, which no client here can do: what there is to say of one that holds no
    event is said as the event API says it. A text is the body itself."""
    if isinstance(body, str):
        try:
            body = json.loads(body) if body else []  # Nothing at all is no event.
        except ValueError as error:
            return SendResult(at, [], str(error), quotes_parser=True)
    bodies = body if isinstance(body, list) else [body]
    if not isinstance(body, list | dict):
        return SendResult(at, [], _NO_EVENT)
    if not all(isinstance(one, dict) for one in bodies):
        return SendResult(at, [], is_said=False)
    return SendResult(at, simulation.send([_as_event(one) for one in bodies]).ids)


def _signaller(signal: Mapping[str, Any], played: Played) -> Action:
    def act() -> None:
        run = played.simulation.signal(signal["signal"], signal.get("data"))
        played.signals.append(None if run is None else run.id)

    return act


def _as_event(body: Mapping[str, Any]) -> Event:
    """Make an event of any object, so that the event API says what it thinks of it."""
    fields = {key: fill(content) for key, content in body.items() if key in _EVENT_FIELDS}
    return Event(**{"name": "", **fields})


def _canceller(cancel: Mapping[str, Any], played: Played) -> Action:
    def act() -> None:
        runs = {run.id: run for run in played.simulation.runs}
        entered = dict.fromkeys(note.run for note in played.notebook.entries)
        function_id = f"app-{cancel['function']}"
        meant = [runs[run] for run in entered if runs[run].function_id == function_id]
        nth = cancel.get("nth", 0)
        if nth < len(meant):
            played.simulation.cancel(meant[nth])
        played.cancels.append(200 if nth < len(meant) else 404)

    return act
