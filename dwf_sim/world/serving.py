"""What `Simulation.serve` is given, sorted out: functions of either kind, with their drivers."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from dwf_sim.drivers.base import Driver, Outlet
from dwf_sim.drivers.native import App, Function, NativeDriver
from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.given import shown
from dwf_sim.model.event import Event
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.messages import FunctionsServed
from dwf_sim.model.quirks import Quirks
from dwf_sim.sim.runner import Runner

if TYPE_CHECKING:
    from dwf_sim.drivers.inngest import Client, SdkApp, SdkEvent, SdkFunction

    AnyEvent: TypeAlias = Event | SdkEvent
    AnyFunction: TypeAlias = Function[Any] | SdkFunction
    Servable: TypeAlias = (
        App | AnyFunction | Iterable[AnyFunction] | tuple[Client, Sequence[SdkFunction]]
    )


@attrs.frozen
class Served:
    """What a simulation is to register, who calls it, and what undoes the serving."""

    configs: tuple[FunctionConfig, ...]
    drivers: dict[str, Driver]
    undo: tuple[Callable[[], None], ...] = ()


class Serving:
    """The functions of one simulation: they are registered here, and let go when it is closed."""

    def __init__(self, runner: Runner, outlet: Outlet) -> None:
        self._runner = runner
        self._outlet = outlet
        self._undo = ExitStack()

    def serve(self, given: object, *others: object) -> None:
        """Register functions; what they send reaches the simulation. Raises `ConfigError`."""
        if others:
            raise ConfigError(
                f"serve was given {len(others) + 1} things, and takes one: an App, a list of "
                "functions, or a client of the inngest package with its functions, as a pair: "
                "serve((client, [functions]))"
            )
        served = sort_out(given, self._outlet, self._runner.engine.quirks)
        for undo in served.undo:
            self._undo.callback(undo)
        self._runner.drivers.update(served.drivers)
        self._runner.book.begin_anew()
        self._runner.tell(FunctionsServed(served.configs))
        self._runner.plan.strike_what_is_served()

    def close(self) -> None:
        """Let go of clients whose sends reached the simulation."""
        self._undo.close()


def load(place: str) -> Any:
    """Import what `package.module:name` names.

    Raises `ImportError` when the module cannot be loaded, `AttributeError` when it lacks the name.
    """
    module, _, name = place.partition(":")
    return getattr(load_module(module), name)


def load_module(name: str) -> ModuleType:
    """Import a module of the user's; raises `ImportError`, whatever its own code raises."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}{_line_of(error)}") from error


def _line_of(error: Exception) -> str:
    """Say which line of a module raised; of an error of syntax, its text says so."""
    if isinstance(error, SyntaxError):
        return ""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f" ({last.filename}, line {last.lineno})"


def load_given(place: str, what: str) -> Any:
    """Import what a user names for something; raises `ConfigError` if it is not there."""
    how = 'name it as package.module:name, importable from where you are, such as "shop.orders:app"'
    if ":" not in place:
        raise ConfigError(f"{what} is {shown(place)}; {how}")
    try:
        return load(place)
    except (ImportError, AttributeError) as error:
        reason = f"{what} is {shown(place)}, and that cannot be loaded: {error}"
        raise ConfigError(f"{reason}; {how}") from None


def sort_out(given: object, outlet: Outlet, quirks: Quirks) -> Served:
    """Take an app, functions, or a client of the SDK with its functions.

    Raises `ConfigError` for anything else, and for what the engine would refuse.
    """
    client, functions = _client_and_functions(given)
    if not functions:
        raise ConfigError("No functions registered within your app: create some first")
    own = [function for function in functions if isinstance(function, Function)]
    # An app has failure handlers among its functions, a list of functions need not have them.
    native = list(dict.fromkeys(part for function in own for part in function.parts))
    others = [function for function in functions if not isinstance(function, Function)]
    for function in others:
        if not is_of_sdk(function, "Function"):
            raise ConfigError(
                f"serve was given {shown(function)}; it takes an App, functions made by "
                "create_function, or a client of the inngest package with its functions: "
                "serve((client, [functions]))"
            )
    apps = _apps_of(client, others)
    configs = [function.config for function in native]
    configs += [config for app in apps for config in app.configs]
    _refuse_shared_ids(configs)
    if not quirks.unreadable_timeout_stalls:
        _refuse_unreadable(configs)
    drivers: dict[str, Driver] = {f.id: NativeDriver(f) for f in native}
    if isinstance(given, App):
        given.attach(outlet)
    undo = tuple([app.attach(outlet) for app in apps])
    drivers |= {key: driver for app in apps for key, driver in app.drivers().items()}
    return Served(tuple(configs), drivers, undo)


def is_of_sdk(given: object, name: str) -> bool:
    """Say whether something is of the SDK's class of this name, without importing the SDK."""
    return any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == "inngest"
        for kind in type(given).__mro__
    )


def function_id_of(given: object) -> object:
    """The full id of a function of either kind; whatever else is given, as it is."""
    is_function = isinstance(given, Function) or is_of_sdk(given, "Function")
    return getattr(given, "id") if is_function else given  # noqa: B009  # Of a class not imported.


def events_of(given: Any, data: Mapping[str, object] | None) -> list[Any]:
    """Take what `send` is given: a name and data, an event, or a list of events."""
    if isinstance(given, str):
        return [Event(given, {} if data is None else data)]
    if data is not None:
        raise UsageError("send takes a name and data, or events that hold their own data")
    return [as_event(one) for one in (given if isinstance(given, list) else [given])]


def as_event(given: Any) -> Any:
    """Take an event of the SDK for one of ours; whatever else is given stays as it is."""
    if not is_of_sdk(given, "Event"):
        return given
    return Event(given.name, given.data, id=given.id, ts=given.ts)


def functions_in(given: object) -> list[object]:
    """List the functions among what `serve` is given."""
    return _client_and_functions(given)[1]


def _refuse_shared_ids(configs: Iterable[FunctionConfig]) -> None:
    """Refuse two functions of one id, which would silently become one: the later."""
    seen: set[str] = set()
    for config in configs:
        if config.id in seen:
            raise ConfigError(
                f"id {config.id!r} is that of two of the functions; give each its own. A failure "
                "handler has its function's id with '-failure' at the end"
            )
        seen.add(config.id)


def _refuse_unreadable(configs: Iterable[FunctionConfig]) -> None:
    """Refuse timeouts that are no durations, unless the server's way with them is asked for."""
    for config in configs:
        if config.timeouts.unreadable is not None:
            raise ConfigError(
                f"a timeout of {config.id!r} is {config.timeouts.unreadable!r}, which is no "
                "duration; the server would register the function and start none of its runs: "
                'write it like "1h30m"'
            )


def _client_and_functions(given: object) -> tuple[Any, list[object]]:
    if isinstance(given, App):
        return None, [*given.functions.values()]
    if isinstance(given, tuple) and len(given) == 2 and is_of_sdk(given[0], "Inngest"):
        client, functions = given
        return client, [*functions] if isinstance(functions, Iterable) else [functions]
    if isinstance(given, Iterable) and not isinstance(given, str):
        return None, [*given]
    return None, [given]


def _apps_of(client: Any, functions: list[Any]) -> list[SdkApp]:
    """Sort functions of the SDK by app; the SDK is imported if there are any."""
    if not functions:
        return []
    from dwf_sim.drivers.inngest import apps_of

    return apps_of(functions, client)
