"""An app of the SDK as a simulation serves it: a copy of its client, and a driver per function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from dwf_sim.drivers.base import Driver, Outlet
from dwf_sim.drivers.inngest.clients import borrow, clients_of
from dwf_sim.drivers.inngest.driver import InngestDriver
from dwf_sim.drivers.inngest.registration import app_id_of, configs_of
from dwf_sim.drivers.inngest.sdk import Client, CommHandler, Framework, SdkFunction, inngest
from dwf_sim.drivers.inngest.visit import Hook
from dwf_sim.errors import ConfigError
from dwf_sim.model.function import FunctionConfig


def apps_of(functions: Sequence[SdkFunction], client: Client | None = None) -> list[SdkApp]:
    """Sort functions by app; without a client, the only one of each app is looked for.

    Raises `ConfigError` with all that is wrong with any of them.
    """
    configs = configs_of(functions)
    if client is not None:
        return [SdkApp(client, functions, configs)]
    apps = []
    for app_id in dict.fromkeys(map(app_id_of, functions)):
        mine = [function for function in functions if app_id_of(function) == app_id]
        registered = [config for config in configs if config.app_id == app_id]
        apps.append(SdkApp(_only_client(app_id), mine, registered))
    return apps


class SdkApp:
    """Functions and the client that serves them."""

    def __init__(
        self, client: Client, functions: Sequence[SdkFunction], configs: Sequence[FunctionConfig]
    ) -> None:
        self.configs = configs
        self._client = client
        self._functions = {function.id: function for function in functions}

    def attach(self, outlet: Outlet) -> Callable[[], None]:
        """Have the client's sends reach a simulation; what is returned undoes that."""
        mailbox = borrow(self._client, outlet)
        return lambda: mailbox.remove(outlet)

    def drivers(self) -> dict[str, Driver]:
        """Make a driver for each function and each failure handler."""
        server = CommHandler(
            client=_served_copy(self._client),
            enable_unauthed_sync=True,
            framework=Framework.DIGITAL_OCEAN,
            functions=[*self._functions.values()],
            streaming=inngest.Streaming.DISABLE,
        )
        return {
            config.id: InngestDriver(server, is_async=self._is_async(config.id))
            for config in self.configs
        }

    def _is_async(self, function_id: str) -> bool:
        """The SDK sees to it that a failure handler is of its function's kind."""
        function = self._functions.get(function_id)
        if function is None:
            function = self._functions[function_id.removesuffix("-failure")]
        return function.is_handler_async


def _served_copy(client: Client) -> Client:
    """Copy a client, so that ours is the first middleware and no signing key is asked for."""
    served = copy.copy(client)
    served.middleware = [Hook, *client.middleware]
    served.is_production = False
    vars(served)["is_served_copy"] = True
    return served


def _only_client(app_id: str) -> Client:
    found = clients_of(app_id)
    if len(found) == 1:
        return found[0]
    what = "no client has" if not found else f"{len(found)} clients have"
    raise ConfigError(
        f"{what} app_id {app_id!r}; say who made the functions: sim.serve((client, [functions]))"
    )
