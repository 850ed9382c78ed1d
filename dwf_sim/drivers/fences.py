"""Fences: user code that leaves the simulation gets an error at that line (design §7)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from typing import NoReturn

from dwf_sim.errors import ConfigError, ForbiddenCallError

_STAND_IN = "give the step a stand-in, or record the call in a Ledger"

# What is fenced: the owner, the name there, and what to do instead.
_FENCED: dict[str, tuple[tuple[object, str, str], ...]] = {
    "sleep": ((time, "sleep", "use `await asyncio.sleep(...)`, or ctx.step.sleep"),),
    "threads": ((threading.Thread, "start", "run it inline, or as an asyncio task"),),
    "sockets": ((socket.socket, "__init__", _STAND_IN),),
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
        self._undo: list[tuple[object, str, object]] = []

    def close(self) -> None:
        """Put the fences up."""
        for kind in self._kinds:
            for owner, name, remedy in _FENCED[kind]:
                if hasattr(owner, name):
                    self._replace(owner, name, _fence(f"{_name_of(owner)}.{name}", kind, remedy))
        if "sleep" in self._kinds:
            fence = _fence("time.sleep", "sleep", _FENCED["sleep"][0][2])
            for module, name in _importers_of_sleep():
                self._replace(module, name, fence)

    def open(self) -> None:
        """Take the fences down, in the opposite order."""
        while self._undo:
            owner, name, original = self._undo.pop()
            setattr(owner, name, original)

    def _replace(self, owner: object, name: str, fence: object) -> None:
        self._undo.append((owner, name, getattr(owner, name)))
        setattr(owner, name, fence)


def _fence(what: str, kind: str, remedy: str) -> Callable[..., NoReturn]:
    def fence(*args: object, **kwargs: object) -> NoReturn:
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
