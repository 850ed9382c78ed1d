"""Code: where a function of either kind is found, and what tells its source from another."""

from __future__ import annotations

import hashlib
import inspect
import platform
import textwrap
from collections.abc import Callable, Iterable
from importlib import metadata
from typing import Any

from dwf_sim.drivers.native import App, Function
from dwf_sim.errors import UsageError
from dwf_sim.histories.history import History
from dwf_sim.world.serving import functions_in, is_of_sdk, load_given, load_module


def handlers_in(given: object) -> dict[str, Callable[..., Any]]:
    """Give the code of all functions among what can be served, by their full ids."""
    found: dict[str, Callable[..., Any]] = {}
    for function in functions_in(given):
        if isinstance(function, Function):
            found |= {part.id: part.handler for part in function.parts}
        elif is_of_sdk(function, "Function"):
            from dwf_sim.drivers.inngest import handlers_of

            found |= handlers_of(function)  # type: ignore[arg-type]  # It is one, by its class.
    return found


def digest_of(handler: Callable[..., Any]) -> str | None:
    """Hash the source of a handler; None when Python does not know it."""
    try:
        source = textwrap.dedent(inspect.getsource(handler))
    except (OSError, TypeError):
        return None
    return f"sha256:{hashlib.sha256(source.encode()).hexdigest()}"


def versions(given: object) -> dict[str, str | None]:
    """Say what a history is recorded with."""
    is_sdk = any(is_of_sdk(function, "Function") for function in functions_in(given))
    return {
        "dwf_sim": metadata.version("dwf_sim"),
        "python": platform.python_version(),
        "inngest": metadata.version("inngest") if is_sdk else None,
    }


def code_at(place: str) -> Any:
    """Import what can be served from a place such as "shop.orders:app"; raises `ConfigError`."""
    return load_given(place, "the code")


def code_of(history: History) -> Any:
    """Import the function of a history from the module it was recorded from.

    Raises `UsageError` when it is not there any more: then somebody has to say where it is.
    """
    where = "say where it is now: --durable-app package.module:app"
    if history.module is None:
        raise UsageError(f"{history.place}: module is null; {where}")
    try:
        module = load_module(history.module)
    except ImportError as error:
        raise UsageError(
            f"{history.place}: module {history.module!r} cannot be imported: {error}; {where}"
        ) from None
    for found in vars(module).values():
        if _holds(found, history.function):
            return found
    raise UsageError(
        f"{history.place}: module {history.module!r} has no function {history.function!r}; {where}"
    )


def _holds(thing: object, function_id: str) -> bool:
    is_servable = isinstance(thing, App | Function) or is_of_sdk(thing, "Function")
    is_list = isinstance(thing, list | tuple) and _are_functions(thing)
    return (is_servable or is_list) and function_id in handlers_in(thing)


def _are_functions(things: Iterable[object]) -> bool:
    found = [*things]
    return bool(found) and all(isinstance(f, Function) or is_of_sdk(f, "Function") for f in found)
