"""Clients: what is sent with the SDK's client reaches the simulation while its app is served.

`send` and `send_sync` are replaced on the user's own client object, so that code which holds it
needs no change; when the last simulation that serves it is closed or gone, they are put back.
"""

from __future__ import annotations

import gc
import weakref
from typing import Any

from dwf_sim.drivers.base import Outlet
from dwf_sim.drivers.inngest.sdk import Client, MiddlewareManager, SendEventsError, inngest
from dwf_sim.drivers.outlets import Outlets
from dwf_sim.errors import SendEventsError as RefusedError
from dwf_sim.errors import UsageError
from dwf_sim.model.event import Event

_PATCHED = ("send", "send_sync")


def clients_of(app_id: str) -> list[Client]:
    """Find the clients of an app: a function of the SDK does not know which client made it."""
    found = _living(app_id)
    if len(found) > 1:
        gc.collect()  # One that nobody holds any more may still be lying about.
        found = _living(app_id)
    return found


def _living(app_id: str) -> list[Client]:
    return [
        client
        for client in gc.get_objects()
        if issubclass(type(client), inngest.Inngest)  # A proxy could lie to isinstance.
        and vars(client).get("app_id") == app_id
        and "is_served_copy" not in vars(client)
    ]


class Mailbox:
    """Stands in for a client's sends: the SDK's own middleware runs, then the event API answers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._outlets = Outlets(client.app_id)
        self._refs: list[weakref.ref[Outlet]] = []
        self._own = {name: vars(client)[name] for name in _PATCHED if name in vars(client)}

    def add(self, outlet: Outlet) -> None:
        """Let sends reach a simulation."""
        self._outlets.add(outlet)
        if all(ref() is not outlet for ref in self._refs):
            self._refs.append(weakref.ref(outlet, self._forget))

    def remove(self, outlet: Outlet) -> None:
        """Let sends reach a simulation no more; after the last one the client is as it was."""
        self._outlets.remove(outlet)
        for ref in [ref for ref in self._refs if ref() is outlet]:
            self._forget(ref)

    def put_in_place(self) -> None:
        """Replace what the client has."""
        vars(self._client).update(send=self.send, send_sync=self.send_sync)

    async def send(self, events: Any, *, skip_middleware: bool = False) -> list[str]:
        """Send one or more events, with the hooks of the client's middleware around it."""
        given = events if isinstance(events, list) else [events]
        if skip_middleware:
            return _ids(self._deliver(given))
        hooks = self._hooks()
        _raise(await hooks.before_send_events(given))
        result = self._deliver(given)
        _raise(await hooks.after_send_events(result))
        return _ids(result)

    def send_sync(self, events: Any, *, skip_middleware: bool = False) -> list[str]:
        """The same as a plain call."""
        given = events if isinstance(events, list) else [events]
        if skip_middleware:
            return _ids(self._deliver(given))
        hooks = self._hooks()
        _raise(hooks.before_send_events_sync(given))
        result = self._deliver(given)
        _raise(hooks.after_send_events_sync(result))
        return _ids(result)

    def _hooks(self) -> MiddlewareManager:
        return MiddlewareManager.from_client(self._client, raw_request=None, timings=None)

    def _deliver(self, events: list[Any]) -> inngest.SendEventsResult:
        """Hand events over as the SDK would write them; a refusal is in the result."""
        try:
            ids = self._outlets.current().send([_event(event) for event in events])
        except RefusedError as error:
            return inngest.SendEventsResult(error=str(error), ids=error.ids)
        return inngest.SendEventsResult(ids=ids)

    def _forget(self, ref: weakref.ref[Outlet]) -> None:
        self._refs = [other for other in self._refs if other is not ref]
        if self._refs or mailbox_of(self._client) is not self:
            return
        for name in _PATCHED:
            del vars(self._client)[name]
        vars(self._client).update(self._own)


def mailbox_of(client: Client) -> Mailbox | None:
    """The mailbox that is in place of a client's sends, if one is."""
    mailbox = getattr(vars(client).get("send"), "__self__", None)
    return mailbox if isinstance(mailbox, Mailbox) else None


def borrow(client: Client, outlet: Outlet) -> Mailbox:
    """Have a client's sends reach a simulation until its mailbox is told to remove it."""
    mailbox = mailbox_of(client)
    if mailbox is None:
        mailbox = Mailbox(client)
        mailbox.put_in_place()
    mailbox.add(outlet)
    return mailbox


def _event(given: Any) -> Event:
    if not isinstance(given, inngest.Event):
        raise UsageError(f"client.send was given {given!r}; it takes inngest.Event objects")
    written = given.to_dict()
    if isinstance(written, Exception):
        raise written
    content: Any = written
    return Event(content["name"], content["data"], id=content["id"], ts=content["ts"])


def _ids(result: inngest.SendEventsResult) -> list[str]:
    if result.error is not None:
        raise SendEventsError(result.error, result.ids)
    return result.ids


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error
