"""What the virtual event loop refuses: threads, processes and the network (design §7)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NoReturn

from dwf_sim.drivers.base import Outlet
from dwf_sim.errors import ForbiddenCallError

_ExceptionHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]

_THREAD = "run it inline: a step's body may block, since virtual time does not pass meanwhile"
_NETWORK = "give the step body a stand-in of the service, or record the call in a Ledger"
_PROCESS = "give the step body a stand-in of the program"
_SIGNAL = "a kill is a fault here, such as crash.inside(…); to stop by a signal is the program's"
_END = "the simulation ends it; to end the handler, return"
_FACTORY = "leave the tasks of the loop as they are"
_DEBUG = "leave debug mode off"
_REFUSED = {
    "run_in_executor": ("starts a thread", _THREAD),
    "call_soon_threadsafe": ("is for other threads", _THREAD),
    "create_connection": ("opens a socket", _NETWORK),
    "create_server": ("opens a socket", _NETWORK),
    "create_datagram_endpoint": ("opens a socket", _NETWORK),
    "create_unix_connection": ("opens a socket", _NETWORK),
    "create_unix_server": ("opens a socket", _NETWORK),
    "connect_accepted_socket": ("uses a socket", _NETWORK),
    "connect_read_pipe": ("watches a file descriptor", _NETWORK),
    "connect_write_pipe": ("watches a file descriptor", _NETWORK),
    "getaddrinfo": ("asks the network", _NETWORK),
    "getnameinfo": ("asks the network", _NETWORK),
    "sendfile": ("uses a socket", _NETWORK),
    "start_tls": ("uses a socket", _NETWORK),
    "sock_accept": ("uses a socket", _NETWORK),
    "sock_recv": ("uses a socket", _NETWORK),
    "sock_recv_into": ("uses a socket", _NETWORK),
    "sock_recvfrom": ("uses a socket", _NETWORK),
    "sock_recvfrom_into": ("uses a socket", _NETWORK),
    "sock_sendall": ("uses a socket", _NETWORK),
    "sock_sendfile": ("uses a socket", _NETWORK),
    "sock_sendto": ("uses a socket", _NETWORK),
    "sock_connect": ("uses a socket", _NETWORK),
    "add_reader": ("watches a file descriptor", _NETWORK),
    "add_writer": ("watches a file descriptor", _NETWORK),
    "remove_reader": ("watches a file descriptor", _NETWORK),
    "remove_writer": ("watches a file descriptor", _NETWORK),
    "add_signal_handler": ("waits for a signal of the process", _SIGNAL),
    "remove_signal_handler": ("waits for a signal of the process", _SIGNAL),
    "subprocess_exec": ("starts a process", _PROCESS),
    "subprocess_shell": ("starts a process", _PROCESS),
    "run_forever": ("runs the loop", "the simulation runs it: use `await`"),
    "run_until_complete": ("runs the loop", "the simulation runs it: use `await`"),
    "stop": ("stops the loop", _END),
    "close": ("ends the loop", _END),
}


class Refusals(asyncio.AbstractEventLoop):
    """The part of an event loop that has no place in a simulation, refused with a remedy."""

    outlet: Outlet | None = None  # Where the sends of user code that runs here go.

    _exception_handler: _ExceptionHandler | None = None

    def get_task_factory(self) -> None:
        """There is none; anyio asks for it in each of its task groups."""

    def set_task_factory(self, factory: object) -> None:
        """Take none; tasks of another class would not be known to belong to their request."""
        if factory is not None:
            raise self._refusal("set_task_factory", "makes tasks of another class", _FACTORY)

    def get_debug(self) -> bool:
        """Asyncio's debug mode is off: it would time callbacks by the wall clock."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """Leave it off."""
        if enabled:
            raise self._refusal("set_debug", "times callbacks by the real clock", _DEBUG)

    def get_exception_handler(self) -> _ExceptionHandler | None:
        """Give what user code has set, if it has."""
        return self._exception_handler

    def set_exception_handler(self, handler: _ExceptionHandler | None) -> None:
        """Have this called for what asyncio complains about; None for its own default."""
        self._exception_handler = handler

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Hand on what asyncio wants to complain about."""
        if self._exception_handler is None:
            self.default_exception_handler(context)
        else:
            self._exception_handler(self, context)

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Log it, as asyncio's own default does."""
        logging.getLogger("asyncio").error(
            context.get("message"), exc_info=context.get("exception")
        )

    async def shutdown_asyncgens(self) -> None:
        """Those of a request are closed with it, by whoever drops them."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""

    def set_default_executor(self, executor: object) -> None:
        """Take any; `run_in_executor` is what is refused."""

    def _refusal(self, name: str, what: str, remedy: str) -> ForbiddenCallError:
        text = (
            f"loop.{name} {what}; inside a simulation nothing is real: {remedy} "
            "(Simulation(allow=…) is for calls outside of asyncio and does not open this)"
        )
        if self.outlet is not None:
            self.outlet.complain(text)  # User code may hide the error.
        return ForbiddenCallError(text)


def _refuse(name: str, what: str, remedy: str) -> Callable[..., NoReturn]:
    def refuse(self: Refusals, *args: Any, **kwargs: Any) -> NoReturn:
        for arg in args:
            if asyncio.iscoroutine(arg):
                arg.close()  # Else Python warns that it was never awaited.
        raise self._refusal(name, what, remedy)

    return refuse


for _name, (_what, _remedy) in _REFUSED.items():
    setattr(Refusals, _name, _refuse(_name, _what, _remedy))
