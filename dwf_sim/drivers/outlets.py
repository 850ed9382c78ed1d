"""Outlets: which simulation the sends of an app's user code go to."""

from __future__ import annotations

import asyncio
import gc
import weakref

from dwf_sim.drivers.base import Outlet
from dwf_sim.errors import ForbiddenCallError, UsageError


class Outlets:
    """The simulations that serve an app; a simulation that is gone is forgotten."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._known: list[weakref.ref[Outlet]] = []

    def add(self, outlet: Outlet) -> None:
        """Note a simulation; one that serves the app again is still one."""
        self._known = [ref for ref in self._known if ref() not in (None, outlet)]
        self._known.append(weakref.ref(outlet))

    def remove(self, outlet: Outlet) -> None:
        """Forget a simulation."""
        self._known = [ref for ref in self._known if ref() not in (None, outlet)]

    def current(self) -> Outlet:
        """Find the one user code is running in, or else the only one there is."""
        outlet = self.find()
        if outlet is None:
            raise UsageError(
                f"no simulation serves app {self._app_id!r}, so there is nobody to send to: serve "
                "the app first, sim.serve(…), or keep the simulation that does"
            )
        return outlet

    def find(self) -> Outlet | None:
        """The same, but None when there is none; raises `UsageError` when there are several."""
        outlet = running()
        if outlet is not None:
            return outlet
        if len(self.live()) > 1:
            gc.collect()  # A simulation that nobody holds any more may still be lying about.
        live = self.live()
        if len(live) > 1:
            raise UsageError(
                f"{len(live)} simulations serve app {self._app_id!r}, so it is not clear which one "
                "is sent to: use the send of the simulation you mean, or close those that are "
                "over, with sim.close() or `with Simulation() as sim:`"
            )
        return live[0] if live else None

    def live(self) -> list[Outlet]:
        """Those that somebody still holds."""
        return [outlet for ref in self._known if (outlet := ref()) is not None]


_latest: list[weakref.ref[Outlet]] = []  # The simulation made or moved last, if there was one.


def present() -> Outlet | None:
    """The simulation that is running, or else the one that was made or moved last."""
    outlet = running()
    if outlet is not None or not _latest:
        return outlet
    return _latest[0]()


def make_latest(outlet: Outlet) -> None:
    """Note that a simulation was made or moved."""
    _latest[:] = [weakref.ref(outlet)]


def forbidden(text: str) -> ForbiddenCallError:
    """Make the error for what user code must not do, and note it: it may be caught and hidden."""
    outlet = running()
    if outlet is not None:
        outlet.complain(text)
    return ForbiddenCallError(text)


def running() -> Outlet | None:
    """Find the simulation whose event loop is running: its agenda knows the outlet."""
    outlet: Outlet | None = getattr(asyncio._get_running_loop(), "outlet", None)
    return outlet
