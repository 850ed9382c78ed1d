"""Versions: with what a finding was made, and what of that is another now."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import platform
from collections.abc import Iterable, Mapping
from typing import Any

from dwf_sim.drivers.native import App, Function


def versions_of(served: Iterable[object]) -> dict[str, Any]:
    """List the versions of this package, of Python and of the vendor's SDK, and for each function
    a hash of its handler's source."""
    return {
        "dwf_sim": _installed("dwf_sim"),
        "python": platform.python_version(),
        "sdk": _installed("inngest"),
        "functions": _sources(served),
    }


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say what is not as it was, one sentence each."""
    names = {"dwf_sim": "dwf_sim", "python": "Python", "sdk": "the inngest package"}
    found = [
        f"{name} was {then.get(key) or 'not there'}, and is {now.get(key) or 'not there'}"
        for key, name in names.items()
        if then.get(key) != now.get(key)
    ]
    before, after = then.get("functions") or {}, now.get("functions") or {}
    for function in dict.fromkeys((*before, *after)):
        if function not in after:
            found.append(f"function {function} is gone")
        elif function not in before:
            found.append(f"function {function} is new")
        elif before[function] != after[function]:
            found.append(f"the source of function {function} has changed")
    return found


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _sources(served: Iterable[object]) -> dict[str, str]:
    return {
        function.id: _hash(function.handler)
        for given in served
        for whole in _functions(given)
        for function in whole.parts
    }


def _functions(given: object) -> Iterable[Function[Any]]:
    if isinstance(given, App):
        return given.functions.values()
    functions = given if isinstance(given, list | tuple) else [given]
    return [each for each in functions if isinstance(each, Function)]


def _hash(handler: object) -> str:
    try:
        text = inspect.getsource(handler)  # type: ignore[arg-type]  # Or it says that it is none.
    except (OSError, TypeError):
        return "unknown"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
