"""Fences: user code that leaves the simulation gets an error at that line (design §7)."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from types import FrameType, ModuleType

from dwf_sim.drivers.bindings import LIBRARIES
from dwf_sim.drivers.outlets import forbidden
from dwf_sim.errors import ConfigError

_KEY = "; or let it through with Simulation(allow=[{!r}])"
_MARK = "dwf_sim_fence"
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

# The virtual loop is the running one, also in a plain `def`: these fail there with Python's own
# text, or leave half a loop behind. Opening them would not make them work.
_LOOP = "make the handler or body `async def` and use `await`"
_LOOPS = (
    (asyncio, "run", _LOOP),
    (asyncio, "new_event_loop", _LOOP),
    (asyncio.events, "new_event_loop", _LOOP),
    (asyncio.Runner, "run", _LOOP),
)

# Debuggers may do what user code may not: some start a thread, or open a socket, where they stop.
_DEBUGGERS = ("pdb", "bdb", "IPython", "ipdb", "pudb", "debugpy", "pydevd", "_pydevd_bundle")


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
        self._are_up = False

    def close(self) -> list[tuple[object, object]]:
        """Put the fences up, for this thread; tell originals and fences of functions."""
        stand_ins: list[tuple[object, object]] = []
        self._are_up = True
        fenced = [(*entry, _KEY.format(kind)) for kind in self._kinds for entry in _FENCED[kind]]
        for owner, name, remedy, key in (*fenced, *((*entry, "") for entry in _LOOPS)):
            if hasattr(owner, name):
                original, fence = getattr(owner, name), self._fence(owner, name, remedy + key)
                self._undo.append((owner, name, original))
                setattr(owner, name, fence)
                if isinstance(owner, ModuleType):
                    stand_ins.append((original, fence))
        return stand_ins

    def open(self) -> None:
        """Take the fences down, in the opposite order."""
        self._are_up = False
        while self._undo:
            setattr(*self._undo.pop())

    def _fence(self, owner: object, name: str, remedy: str) -> Callable[..., object]:
        """Make a stand-in that refuses the thread of the simulation and lets others through.

        Somebody may have kept it: when the fences are down it does what is there without it.
        """
        original: Callable[..., object] = getattr(owner, name)
        thread, what = threading.get_ident(), f"{_name_of(owner)}.{name}"
        mark = object()  # By which it knows itself; by its name it would keep itself alive.

        def fence(*args: object, **kwargs: object) -> object:
            if not self._are_up:
                there = getattr(owner, name)
                is_this_one = getattr(there, _MARK, None) is mark
                return (original if is_this_one else there)(*args, **kwargs)
            if threading.get_ident() != thread or _serves_debugger(sys._getframe(1)):
                return original(*args, **kwargs)
            for arg in args:
                if asyncio.iscoroutine(arg):
                    arg.close()  # Else Python warns that it was never awaited.
            raise forbidden(
                f"{what} was called inside a simulation, where nothing is real: {remedy}"
            )

        vars(fence)[_MARK] = mark
        return fence


def _serves_debugger(frame: FrameType | None) -> bool:
    """Say whether a debugger calls, be it through others that are installed; not who it debugs."""
    while frame is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] in _DEBUGGERS:
            return True
        frame = frame.f_back
    return False


def _name_of(owner: object) -> str:
    return str(getattr(owner, "__qualname__", None) or getattr(owner, "__name__", repr(owner)))
