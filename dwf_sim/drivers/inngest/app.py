"""An app of the SDK as a simulation serves it: a copy of its client, and a driver per function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial

from dwf_sim.drivers.base import Driver, Outlet
from dwf_sim.drivers.inngest.clients import OFFICE, clients_of
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
    app_ids = list(dict.fromkeys(map(app_id_of, functions)))
    if client is not None:
        return [SdkApp(client, functions, configs)]
    apps = []
    for app_id in app_ids:
        mine = [function for function in functions if app_id_of(function) == app_id]
        registered = [config for config in configs if config.app_id == app_id]
        apps.append(SdkApp(_only_client(mine), mine, registered))
    return apps


class SdkApp:
    """Functions, and the client that serves them."""

    def __init__(
        self,
        client: Client,
        functions: Sequence[SdkFunction],
        configs: Sequence[FunctionConfig],
    ) -> None:
        self.configs = configs
        self._client = client
        self._functions = {function.id: function for function in functions}

    def attach(self, outlet: Outlet) -> Callable[[], None]:
        """Have clients' sends reach a simulation; what is returned undoes that."""
        OFFICE.open(outlet, self._client, {config.app_id for config in self.configs})
        return partial(OFFICE.close, outlet)

    def drivers(self) -> dict[str, Driver]:
        """Make a driver for each function and each failure handler."""
        served = copy.copy(self._client)
        renew = partial(_renew, served, self._client)
        renew()
        server = CommHandler(
            client=served,
            enable_unauthed_sync=True,
            framework=Framework.DIGITAL_OCEAN,
            functions=[*self._functions.values()],
            streaming=inngest.Streaming.DISABLE,
        )
        return {
            config.id: InngestDriver(
                server,
                renew,
                is_async=self._is_async(config.id),
                handler=self._handler(config.id),
            )
            for config in self.configs
        }

    def _handler(self, function_id: str) -> object:
        """The user's function, which the SDK keeps for itself; a failure handler is left out."""
        return vars(self._functions.get(function_id, self)).get("_handler")

    def _is_async(self, function_id: str) -> bool:
        """The SDK sees to it that a failure handler is of its function's kind."""
        function = self._functions.get(function_id)
        if function is None:
            function = self._functions[function_id.removesuffix("-failure")]
        return function.is_handler_async


def listening(client: Client, function: SdkFunction, errors: list[Exception]) -> Client:
    """Copy a client, with a middleware that notes the errors its functions answer, as objects.

    If it has no serializer it takes that of the clients of the function's app, where all have the
    same kind: the vendor's mock never needs one, since it hands on what a step returned as it is.
    """

    class Listener(inngest.MiddlewareSync):
        def transform_output(self, result: inngest.TransformOutputResult) -> None:
            if result.error is not None:
                errors.append(result.error)

    twin = copy.copy(client)
    twin.middleware = [Listener, *client.middleware]
    if vars(twin)["_serializer"] is None:
        own = [vars(one)["_serializer"] for one in clients_of([function])]
        if len({type(serializer) for serializer in own}) == 1:
            vars(twin)["_serializer"] = own[0]
    vars(twin)["is_served_copy"] = True  # So that nobody takes it for a client of the user's.
    return twin


def _renew(served: Client, client: Client) -> None:
    """Have the copy that is served be as its client is now, which may have a new logger, save that
    our middleware comes first and no signing key is asked for."""
    changes = {"middleware": [Hook, *client.middleware], "is_production": False}
    vars(served).update(vars(client), **changes, is_served_copy=True)


def _only_client(functions: Sequence[SdkFunction]) -> Client:
    found = clients_of(functions)
    if len(found) == 1:
        return found[0]
    what = "no client has" if not found else f"{len(found)} clients have"
    raise ConfigError(
        f"{what} app_id {app_id_of(functions[0])!r}; say who made the functions: "
        "sim.serve((client, [functions]))"
    )
