"""Fences: user code that leaves the simulation gets an error at that line (design §7)."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Collection
from types import ModuleType

from dwf_sim.drivers.outlets import forbidden
from dwf_sim.errors import ConfigError

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

    def close(self) -> list[tuple[object, object]]:
        """Put the fences up, for this thread; tell originals and fences of functions."""
        stand_ins: list[tuple[object, object]] = []
        for kind in self._kinds:
            for owner, name, remedy in _FENCED[kind]:
                if hasattr(owner, name):
                    original, fence = getattr(owner, name), _fence(owner, name, kind, remedy)
                    self._undo.append((owner, name, original))
                    setattr(owner, name, fence)
                    if isinstance(owner, ModuleType):
                        stand_ins.append((original, fence))
        return stand_ins

    def open(self) -> None:
        """Take the fences down, in the opposite order."""
        while self._undo:
            setattr(*self._undo.pop())


def _fence(owner: object, name: str, kind: str, remedy: str) -> Callable[..., object]:
    """Make a stand-in that refuses the thread of the simulation and lets other threads through."""
    original: Callable[..., object] = getattr(owner, name)
    thread, what = threading.get_ident(), f"{_name_of(owner)}.{name}"

    def fence(*args: object, **kwargs: object) -> object:
        if threading.get_ident() != thread:
            return original(*args, **kwargs)
        raise forbidden(
            f"{what} was called inside a simulation, where nothing is real: {remedy}; "
            f"or let it through with Simulation(allow=[{kind!r}])"
        )

    return fence


def _name_of(owner: object) -> str:
    return str(getattr(owner, "__qualname__", None) or getattr(owner, "__name__", repr(owner)))
