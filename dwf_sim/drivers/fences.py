"""Fences: user code that leaves the simulation gets an error at that line (design §7)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection

from dwf_sim.errors import ConfigError, ForbiddenCallError

_STAND_IN = "give the step a stand-in, or record the call in a Ledger"

# What is fenced: the owner, the name there, and what to do instead.
_FENCED: dict[str, tuple[tuple[object, str, str], ...]] = {
    "sleep": ((time, "sleep", "use `await asyncio.sleep(...)`, or ctx.step.sleep"),),
    "threads": ((threading.Thread, "start", "run it inline, or as an asyncio task"),),
    "sockets": (
        (socket.socket, "__init__", _STAND_IN),
        (socket, "getaddrinfo", _STAND_IN),
        (socket, "gethostbyname", _STAND_IN),
    ),
    "processes": (
        (subprocess.Popen, "__init__", _STAND_IN),
        (os, "fork", _STAND_IN),
        (os, "posix_spawn", _STAND_IN),
        (os, "system", _STAND_IN),
    ),
}

_real_sleep = time.sleep


class Fences:
    """Closed while a simulation runs, open otherwise; `allow` leaves some open for good."""

    def __init__(self, allow: Collection[str] = ()) -> None:
        unknown = [name for name in allow if name not in _FENCED]
        if unknown:
            raise ConfigError(
                f"allow holds {unknown[0]!r}; what can be allowed is {', '.join(_FENCED)}"
            )
        self._kinds = tuple(kind for kind in _FENCED if kind not in allow)
        self._undo: list[tuple[object, str, object, object]] = []
        self._known: set[str] = set()  # Only ever asked for membership.

    def close(self) -> None:
        """Put the fences up, for this thread."""
        self._known = set(sys.modules)
        for kind in self._kinds:
            for owner, name, remedy in _FENCED[kind]:
                if hasattr(owner, name):
                    self._replace(owner, name, _fence(owner, name, kind, remedy))
        if "sleep" in self._kinds:
            for module, name in _importers_of_sleep():
                self._replace(module, name, time.sleep)

    def open(self) -> None:
        """Take the fences down, in the opposite order, and out of what was imported meanwhile."""
        originals = {id(fence): original for _, _, original, fence in self._undo}
        while self._undo:
            owner, name, original, _ = self._undo.pop()
            setattr(owner, name, original)
        for module_name in [name for name in list(sys.modules) if name not in self._known]:
            module = sys.modules[module_name]
            for name, held in list(getattr(module, "__dict__", {}).items()):
                if id(held) in originals:
                    setattr(module, name, originals[id(held)])

    def _replace(self, owner: object, name: str, fence: object) -> None:
        self._undo.append((owner, name, getattr(owner, name), fence))
        setattr(owner, name, fence)


def _fence(owner: object, name: str, kind: str, remedy: str) -> Callable[..., object]:
    """Make a stand-in that refuses the thread of the simulation and lets other threads through."""
    original: Callable[..., object] = getattr(owner, name)
    thread, what = threading.get_ident(), f"{_name_of(owner)}.{name}"

    def fence(*args: object, **kwargs: object) -> object:
        if threading.get_ident() != thread:
            return original(*args, **kwargs)
        raise ForbiddenCallError(
            f"{what} was called inside a simulation, where nothing is real: {remedy}; "
            f"or let it through with Simulation(allow=[{kind!r}])"
        )

    return fence


def _name_of(owner: object) -> str:
    return str(getattr(owner, "__qualname__", None) or getattr(owner, "__name__", repr(owner)))


# Which names of which modules hold `time.sleep`, because somebody wrote `from time import sleep`.
# A module is looked at again when it has grown.
_looked_at: dict[str, tuple[int, tuple[str, ...]]] = {}


def _importers_of_sleep() -> list[tuple[object, str]]:
    found: list[tuple[object, str]] = []
    for module_name, module in list(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if module is time or type(names) is not dict:
            continue
        size, held = _looked_at.get(module_name, (-1, ()))
        if size != len(names):
            held = tuple(name for name, value in list(names.items()) if value is _real_sleep)
            _looked_at[module_name] = (len(names), held)
        found.extend(
            (module, name)
            for name in held
            if name != "_real_sleep" and names.get(name) is _real_sleep
        )
    return found
