"""What users gave: how an error shows it, and the checks that all configuration needs.

An error's text may end in a trace, and equal simulations have equal traces. So nothing is shown
that differs from process to process: no memory addresses, no order of a set.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from dwf_sim.errors import ConfigError, UsageError

F = TypeVar("F", bound=Callable[..., Any])

_SHOWN_LENGTH_MAX = 120
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def shown(value: object) -> str:
    """Write a value for a message: without memory addresses, and cut off if it is long."""
    try:
        text = _REPR.repr(value)
    except Exception:  # A broken __repr__ must not hide the real mistake.
        return f"<{type(value).__name__} object>"
    return text if len(text) <= _SHOWN_LENGTH_MAX else f"{text[:_SHOWN_LENGTH_MAX]}..."


def meant(given: str, allowed: Iterable[str]) -> str:
    """Say what a name may be, and which one it resembles."""
    names = sorted(allowed)
    close = difflib.get_close_matches(given, names, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{hint}it is one of {', '.join(names)}"


def keywords_of(function: Callable[..., object]) -> list[str]:
    """Name the arguments of a function, but for those that it only passes on."""
    parameters = inspect.signature(function).parameters.values()
    return [
        each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]


def check_keywords(what: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse keywords that would be passed on and that nobody takes."""
    names = [*allowed]
    for name in given:
        if name not in names:
            raise ConfigError(f"{what} was given {name}=, which nobody takes: {meant(name, names)}")


def says_keywords(function: F) -> F:
    """Have a function refuse a keyword it does not take with `ConfigError`, which has a near one.

    For what is called once for a function or a simulation: each call costs a frame more.
    """
    names = [name for name in keywords_of(function) if name != "self"]
    what = function.__qualname__.removesuffix(".__init__")

    @functools.wraps(function)
    def called(*args: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        check_keywords(what, keywords, names)
        return function(*args, **keywords)

    made: Any = called
    made.__kwdefaults__ = function.__kwdefaults__  # `Simulation` asks for its own.
    return cast("F", made)


def hint_of_event(given: object) -> str:
    """Say how to make an event of something that only looks like one; "" if it does not."""
    if isinstance(given, Mapping):
        parts, how = given, "**given"
    else:
        parts, how = getattr(given, "__dict__", {}), "given.name, given.data"
    if isinstance(parts, Mapping) and not isinstance(given, type) and {"name", "data"} <= {*parts}:
        return f"; to make one of it: Event({how})"
    return hint_of_model(given)


def hint_of_model(given: object) -> str:
    """Say how to write a model of pydantic as a dict; "" if it is none."""
    is_model = hasattr(given, "model_dump") and not isinstance(given, type)
    return "; a model of pydantic is written as a dict by given.model_dump()" if is_model else ""


def check_text(name: str, given: object, error: type[UsageError] = ConfigError) -> None:
    """Refuse anything but a text that is not empty."""
    if not isinstance(given, str) or not given:
        raise error(f"{name} is {shown(given)}; it must be a text that is not empty")


def check_optional_text(name: str, given: object, error: type[UsageError] = ConfigError) -> None:
    """Refuse anything but a text or None."""
    if given is not None and not isinstance(given, str):
        raise error(f"{name} is {shown(given)}; it must be a text, or None to leave it out")


def check_count(name: str, given: object, least: int) -> None:
    """Refuse anything but an int from `least` on."""
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise ConfigError(f"{name} is {shown(given)}; allowed are ints from {least} on")


def check_int(name: str, given: object) -> None:
    """Refuse anything but an int; which ones make sense, the engine says at registration."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise ConfigError(f"{name} is {shown(given)}; it must be an int, such as 5")


def check_choice(name: str, given: object, allowed: Sequence[object]) -> None:
    """Refuse anything but one of a few values."""
    if given not in allowed:
        values = ", ".join(map(repr, allowed))
        raise ConfigError(f"{name} is {shown(given)}; it is one of {values}")


def check_span(name: str, ms: int | None) -> None:
    """Refuse a length of time below zero."""
    if ms is not None and ms < 0:
        raise ConfigError(f"{name} is {ms} ms; time only goes forward: give 0 or more")


class _Repr(reprlib.Repr):
    """The library's short `repr`, which sorts sets; what it asks of objects loses its addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _SHOWN_LENGTH_MAX

    def repr_instance(self, x: object, level: int) -> str:  # noqa: ARG002  # The library's contract.
        text = repr(x)
        if _ADDRESS.search(text) is None:
            return text
        name = getattr(x, "__qualname__", None) if callable(x) else None
        return name if isinstance(name, str) else _ADDRESS.sub("", text)


_REPR = _Repr()
