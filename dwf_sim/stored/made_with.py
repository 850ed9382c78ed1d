"""What a failure was seen with: versions, and the source of the functions; and what has changed."""

from __future__ import annotations

import hashlib
import inspect
import platform
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any

from dwf_sim.stored.file import FORMAT
from dwf_sim.world.simulation import Simulation

_LENGTH = 16  # Hexadecimal digits of a hash that are kept.


def made_with(simulation: Simulation) -> dict[str, Any]:
    """Say with which versions a simulation was made.

    By the id of each function, the hashes of its own source and of the file that has it.
    """
    return {
        "dwf_sim": _version("dwf_sim"),
        "python": platform.python_version(),
        "inngest": _version("inngest"),
        "functions": {name: _sources(handler) for name, handler in simulation.handlers.items()},
    }


def changes(stored: Mapping[str, Any], simulation: Simulation) -> tuple[str, ...]:
    """Say what is another now than when a failure was stored; it is played all the same.

    `stored` is the file's content; what it does not say is not compared.
    """
    before = stored.get("made_with")
    return tuple(_changes(stored, before if isinstance(before, dict) else {}, simulation))


def _changes(
    stored: Mapping[str, Any], before: Mapping[str, Any], simulation: Simulation
) -> Iterator[str]:
    now = made_with(simulation)
    if stored["format"] != FORMAT:
        yield f"the file's format is {stored['format']}, and this dwf_sim writes {FORMAT}"
    for name in ("dwf_sim", "python", "inngest"):
        if name in before and before[name] != now[name]:
            yield f"{name} was {before[name] or 'not there'}, and is {now[name] or 'not there'}"
    functions = before.get("functions")
    if not isinstance(functions, dict):
        return
    for name, source in functions.items():
        if name not in now["functions"]:
            yield f"function {name} was served, and is not"
        elif source != now["functions"][name]:
            yield f"function {name} {_other(source, now['functions'][name])}"
    for name in now["functions"]:
        if name not in functions:
            yield f"function {name} is served, and was not"


def _other(before: Any, now: list[str | None]) -> str:
    if isinstance(before, list) and before[:1] == now[:1]:
        return "is as it was, and the rest of its file is not"
    return "has another source"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sources(handler: Any) -> list[str | None]:
    """Hash a function's own lines, and its file; None where there are none to be had."""
    return [_hash(inspect.getsource, handler), _hash(_text_of_file, handler)]


def _text_of_file(handler: Any) -> str:
    return "".join(inspect.findsource(handler)[0])


def _hash(read: Callable[[Any], str], handler: Any) -> str | None:
    try:
        text = read(handler)
    except (OSError, TypeError):
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
