"""What the virtual event loop refuses: threads, processes and the network (design §7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

from dwf_sim.drivers.base import Outlet
from dwf_sim.errors import ForbiddenCallError

_THREAD = "run it inline: a step's body may block, since virtual time does not pass meanwhile"
_NETWORK = "give the step body a stand-in of the service, or record the call in a Ledger"
_PROCESS = "give the step body a stand-in of the program"
_REFUSED = {
    "run_in_executor": ("starts a thread", _THREAD),
    "call_soon_threadsafe": ("is for other threads", _THREAD),
    "create_connection": ("opens a socket", _NETWORK),
    "create_server": ("opens a socket", _NETWORK),
    "create_datagram_endpoint": ("opens a socket", _NETWORK),
    "create_unix_connection": ("opens a socket", _NETWORK),
    "create_unix_server": ("opens a socket", _NETWORK),
    "getaddrinfo": ("asks the network", _NETWORK),
    "sock_connect": ("uses a socket", _NETWORK),
    "add_reader": ("watches a file descriptor", _NETWORK),
    "add_writer": ("watches a file descriptor", _NETWORK),
    "subprocess_exec": ("starts a process", _PROCESS),
    "subprocess_shell": ("starts a process", _PROCESS),
    "run_forever": ("runs the loop", "the simulation runs it: use `await`"),
    "run_until_complete": ("runs the loop", "the simulation runs it: use `await`"),
}


def _refuse(name: str, what: str, remedy: str) -> Callable[..., NoReturn]:
    text = (
        f"loop.{name} {what}; inside a simulation nothing is real: {remedy} "
        "(Simulation(allow=…) is for calls outside of asyncio and does not open this)"
    )

    def refuse(self: Refusals, *args: Any, **kwargs: Any) -> NoReturn:
        for arg in args:
            if asyncio.iscoroutine(arg):
                arg.close()  # Else Python warns that it was never awaited.
        if self.outlet is not None:
            self.outlet.complain(text)  # User code may hide the error.
        raise ForbiddenCallError(text)

    return refuse


class Refusals(asyncio.AbstractEventLoop):
    """The part of an event loop that has no place in a simulation, refused with a remedy."""

    outlet: Outlet | None = None  # Where the sends of user code that runs here go.

    def get_task_factory(self) -> None:
        """There is none; anyio asks for it in each of its task groups."""

    def get_exception_handler(self) -> None:
        """There is none."""


for _name, (_what, _remedy) in _REFUSED.items():
    setattr(Refusals, _name, _refuse(_name, _what, _remedy))
