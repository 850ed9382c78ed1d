"""Clients: what is sent with the SDK's client reaches the simulation while its app is served.

`send` and `send_sync` are replaced on the SDK's class, so that code which holds a client needs no
change; when the last simulation that serves functions of the SDK is closed or gone, they are put
back.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from dwf_sim.drivers.base import Outlet
from dwf_sim.drivers.inngest.registration import app_id_of
from dwf_sim.drivers.inngest.sdk import (
    Client,
    MiddlewareManager,
    SdkFunction,
    SendEventsError,
    inngest,
)
from dwf_sim.drivers.outlets import Outlets, running
from dwf_sim.errors import SendEventsError as RefusedError
from dwf_sim.errors import UsageError
from dwf_sim.model.event import Event

_SENDS = {"send", "send_sync"}

# By function, the client that must have made it: no other one of its app was there.
_makers: weakref.WeakKeyDictionary[SdkFunction, weakref.ref[Client]] = weakref.WeakKeyDictionary()


def clients_of(functions: Sequence[SdkFunction]) -> list[Client]:
    """Find the clients that can have made functions of one app, which do not know who did.

    Clients that came later have not; and to look takes longer than to play a function.
    """
    refs = [ref for function in functions if (ref := _makers.get(function)) is not None]
    makers = [maker for ref in refs if (maker := ref()) is not None]
    if len(makers) == len(functions):
        return list(dict.fromkeys(makers))
    app_id = app_id_of(functions[0])
    found = _living(app_id)
    if len(found) > 1:
        gc.collect()  # One that nobody holds any more may still be lying about.
        found = _living(app_id)
    if len(found) == 1:
        _makers.update((function, weakref.ref(found[0])) for function in functions)
    return found


def _living(app_id: str) -> list[Client]:
    kinds = frozenset(_kinds(inngest.Inngest))
    # Who refers to a class is found in a quarter of the time that it takes to list all objects.
    clients = [thing for thing in gc.get_referrers(*kinds) if type(thing) in kinds]
    return [
        client
        for client in clients
        if vars(client).get("app_id") == app_id and "is_served_copy" not in vars(client)
    ]


def _kinds(kind: type) -> Iterator[type]:
    """Tell a class and all below it: to ask each object of a process whether it is one of them
    takes thrice as long, and a proxy could lie."""
    yield kind
    below: list[type] = kind.__subclasses__()
    for narrower in below:
        yield from _kinds(narrower)


class PostOffice:
    """Stands in for the sends of all clients, for as long as a simulation serves an app of theirs.

    Code that runs in a simulation reaches that one, whichever client it sends with; other code the
    one that serves the client's app. What nobody serves is sent as the SDK does it.
    """

    def __init__(self) -> None:
        self._clients: weakref.WeakKeyDictionary[Client, Outlets] = weakref.WeakKeyDictionary()
        self._apps: dict[str, Outlets] = {}  # For clients that no simulation was given.
        self._refs: list[weakref.ref[Outlet]] = []
        self._own: dict[str, Any] = {}  # What the SDK's class has, while ours is in its place.
        self._mocked: list[tuple[Client, dict[str, Any]]] = []  # What clients have of their own.

    def open(self, outlet: Outlet, client: Client, app_ids: Iterable[str]) -> None:
        """Let what is sent by a client, and for some apps, reach a simulation."""
        self._clients.setdefault(client, Outlets(client.app_id)).add(outlet)
        for app_id in app_ids:
            self._apps.setdefault(app_id, Outlets(app_id)).add(outlet)
        if mocked := {name: vars(client).pop(name) for name in _SENDS & vars(client).keys()}:
            self._mocked.append((client, mocked))
        if all(ref() is not outlet for ref in self._refs):
            self._refs.append(weakref.ref(outlet, self._forget))
        if inngest.Inngest.send is not _send:
            self._own = {name: vars(inngest.Inngest)[name] for name in _SENDS}
            _put(inngest.Inngest, {"send": _send, "send_sync": _send_sync})

    def close(self, outlet: Outlet) -> None:
        """Let nothing reach a simulation any more; after the last one all is as it was."""
        for outlets in (*self._clients.values(), *self._apps.values()):
            outlets.remove(outlet)
        for ref in [ref for ref in self._refs if ref() is outlet]:
            self._forget(ref)

    def receiver(self, client: Client) -> Outlet | None:
        """Find the simulation that a send of a client is for, if it is for one."""
        served = self._clients.get(client)
        outlet = running() if served is None else served.find()
        if outlet is not None or client.app_id not in self._apps:
            return outlet
        return self._apps[client.app_id].find()

    def own(self, name: str) -> Any:
        """Find what the SDK's class has under a name when nothing stands in for it."""
        return self._own[name]

    def _forget(self, ref: weakref.ref[Outlet]) -> None:
        self._refs = [other for other in self._refs if other is not ref]
        for client, mocked in [*self._mocked]:
            if not self._clients[client].live():
                self._mocked.remove((client, mocked))
                _put(client, mocked)
        if self._refs:
            return
        self._clients.clear()
        self._apps.clear()
        if inngest.Inngest.send is _send:
            _put(inngest.Inngest, self._own)


OFFICE = PostOffice()


async def _send(self: Client, events: Any, *, skip_middleware: bool = False) -> list[str]:
    """Send one or more events, with the hooks of the client's middleware around it."""
    outlet = OFFICE.receiver(self)
    if outlet is None:
        real = OFFICE.own("send")(self, events, skip_middleware=skip_middleware)
        return cast(list[str], await real)
    given = events if isinstance(events, list) else [events]
    if skip_middleware:
        return _ids(_deliver(outlet, given))
    hooks = MiddlewareManager.from_client(self, raw_request=None, timings=None)
    _raise(await hooks.before_send_events(given))
    result = _deliver(outlet, given)
    _raise(await hooks.after_send_events(result))
    return _ids(result)


def _send_sync(self: Client, events: Any, *, skip_middleware: bool = False) -> list[str]:
    """The same as a plain call."""
    outlet = OFFICE.receiver(self)
    if outlet is None:
        real = OFFICE.own("send_sync")(self, events, skip_middleware=skip_middleware)
        return cast(list[str], real)
    given = events if isinstance(events, list) else [events]
    if skip_middleware:
        return _ids(_deliver(outlet, given))
    hooks = MiddlewareManager.from_client(self, raw_request=None, timings=None)
    _raise(hooks.before_send_events_sync(given))
    result = _deliver(outlet, given)
    _raise(hooks.after_send_events_sync(result))
    return _ids(result)


def _put(owner: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(owner, name, value)


def _deliver(outlet: Outlet, events: list[Any]) -> inngest.SendEventsResult:
    """Hand events over as the SDK would write them; a refusal is in the result."""
    try:
        ids = outlet.send([_event(event) for event in events])
    except RefusedError as error:
        return inngest.SendEventsResult(error=str(error), ids=error.ids)
    return inngest.SendEventsResult(ids=ids)


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
