"""Subjects: what is searched, made anew for each run, since runs must not know of each other."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from dwf_sim.drivers.native import App, Function
from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.given import check_text, shown
from dwf_sim.histories.code import handlers_in
from dwf_sim.model.event import Event
from dwf_sim.world.serving import is_of_sdk, load_given
from dwf_sim.world.simulation import Simulation

Play = Callable[[Simulation], object]


@attrs.frozen
class Sending:
    """An event of the input, and when it is sent: milliseconds after the start."""

    at: int
    name: str
    data: Mapping[str, Any] = attrs.field(factory=dict)
    id: str = ""


@attrs.frozen
class Subject:
    """A play, or functions with the events they are sent.

    `given` is a text `package.module:name`, or what such a text names: a play is a function of a
    simulation, which serves and sends; an app, or a function of nothing that makes one, is served,
    and sent `sendings`. `setup` is called before each run, to put back what is outside.
    """

    given: object
    sendings: tuple[Sending, ...] = ()
    setup: object = None

    @property
    def place(self) -> str | None:
        """Where it can be imported from; None if that is not known."""
        return self.given if isinstance(self.given, str) else place_of(self.given)

    @property
    def setup_place(self) -> str | None:
        """Where the setup can be imported from."""
        return self.setup if isinstance(self.setup, str) else place_of(self.setup)

    @property
    def is_play(self) -> bool:
        """Whether it is a play, which sends by itself."""
        return _is_play(_loaded(self.given))

    @property
    def is_made(self) -> bool:
        """Whether it is a function of nothing, which makes what is served."""
        thing = _loaded(self.given)
        return not _is_play(thing) and (inspect.isfunction(thing) or inspect.ismethod(thing))

    def load(self) -> None:
        """Import what it names. Raises `ConfigError` for what is not there."""
        _loaded(self.given)
        _loaded(self.setup)

    def play(self, simulation: Simulation) -> None:
        """Play it once, in a simulation that has not served anything."""
        if self.setup is not None:
            _loaded(self.setup)()
        thing = _loaded(self.given)
        if _is_play(thing):
            thing(simulation)
            return
        simulation.serve(thing() if self.is_made else thing)
        for sending in self.sendings:
            elapsed = simulation.now_ms - simulation.start_ms
            if sending.at > elapsed:
                simulation.advance(sending.at - elapsed)
            simulation.send(Event(sending.name, sending.data, id=sending.id))


def subject_of(
    given: object,
    event: Event | str | None = None,
    data: Mapping[str, Any] | None = None,
    *,
    events: Iterable[Any] = (),
    setup: object = None,
) -> Subject:
    """Take what users say. Raises `ConfigError` for what can be neither played nor served."""
    first = [] if event is None else [_sending((0, event, data))]
    if event is None and data is not None:
        raise ConfigError("data is given without an event; name the event that has it")
    if isinstance(events, str):
        raise ConfigError(
            f"events is {shown(events)}; it is a list of (at, name, data): give one event as "
            f"event={events!r}"
        )
    sendings = sorted([*first, *map(_sending, events)], key=lambda sending: sending.at)
    subject = Subject(given, tuple(sendings), setup)
    if setup is not None and not callable(_loaded(setup)):
        raise ConfigError(f"setup is {shown(setup)}; it is a function of nothing, or its place")
    if is_of_sdk(_loaded(given), "Inngest"):
        raise ConfigError(
            f"{shown(given)} is a client of the inngest package, and does not know its functions; "
            "give these, one or a list of them, as package.module:functions names one"
        )
    if subject.is_play and sendings:
        raise ConfigError("a play sends its own events; leave event and events out")
    if not subject.is_play and not sendings:
        raise ConfigError(
            f"{shown(given)} needs events: name one, or give a list of (at, name, data); or give a "
            "play instead, a function that takes a simulation, serves, and sends"
        )
    return subject


def place_of(given: object, *modules: str) -> str | None:
    """Find a module's global that is this very thing, as `package.module:name`.

    What can be served is looked for in the modules of its handlers, and in others that are named.
    """
    name, module = getattr(given, "__qualname__", None), getattr(given, "__module__", None)
    if isinstance(name, str) and isinstance(module, str):
        found = getattr(sys.modules.get(module), name, None)
        return f"{module}:{name}" if found is given and module != "__main__" else None
    if not _is_servable(given):
        return None
    handlers = [handler.__module__ for handler in handlers_in(given).values()]
    for module in dict.fromkeys((*modules, *handlers)):
        for name, thing in vars(sys.modules.get(module, sys)).items():
            if thing is given and module != "__main__":
                return f"{module}:{name}"
    return None


def _is_servable(given: object) -> bool:
    """Whether it can be an app, a function of either kind, a list of these, or a client's."""
    parts = given if isinstance(given, list | tuple) else [given]
    last = parts[-1] if parts else None
    return isinstance(last, App | Function | list | tuple) or is_of_sdk(last, "Function")


def _loaded(given: object) -> Any:
    return load_given(given, "what is played") if isinstance(given, str) else given


def _is_play(thing: object) -> bool:
    """Whether it takes a simulation: a function of one argument."""
    if isinstance(thing, App) or is_of_sdk(thing, "Function") or not callable(thing):
        return False
    required = [
        parameter
        for parameter in inspect.signature(thing).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return len(required) == 1


def _sending(given: object) -> Sending:
    """Take an event, or a time, a name and perhaps data."""
    if isinstance(given, Sending):
        return given
    if isinstance(given, Event):
        given = (0, given)
    if not isinstance(given, tuple | list) or not 2 <= len(given) <= 3:
        raise ConfigError(
            f"an event of the input is {shown(given)}; it is (at, name, data), such as "
            '("26h", "order/paid", {"orderId": 1}), or (at, Event(…))'
        )
    at, event, data = (*given, None)[:3]
    if isinstance(event, Event):
        if data is not None:
            raise ConfigError("an event holds its own data; leave data out")
        return Sending(to_ms(at), event.name, event.data, event.id)
    check_text("name of an event", event)
    return Sending(to_ms(at), event, {} if data is None else data)
