"""Functions written for dwf_sim, made functions of the vendor's SDK: same ids, settings, code."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import inngest

import dwf_sim as dwf
from dwf_sim.model.function import FunctionConfig
from tests.drivers.sdk_stage import sdk_handler

Served = tuple[inngest.Inngest, list[inngest.Function[Any]]]


def sdk_app(functions: Sequence[dwf.Function[Any]], finish: Callable[[Any], Any]) -> Served:
    """Make the client and the functions that do what native functions of one app do."""
    client = sdk_client(functions[0].config.app_id)
    handlers = {part for function in functions for part in function.parts[1:]}
    twins = [_twin(client, each, finish) for each in functions if each not in handlers]
    return client, twins


def sdk_client(app_id: str) -> inngest.Inngest:
    """Make a client. Each real one loads certificates for its connections, which takes long."""
    client = copy.copy(_prototype())
    client.app_id = app_id
    return client


@functools.cache
def _prototype() -> inngest.Inngest:
    return inngest.Inngest(app_id="prototype")


def _twin(client: inngest.Inngest, function: dwf.Function[Any], finish: Callable[..., Any]) -> Any:
    made: Any = client.create_function(
        fn_id=function.fn_id,
        on_failure=function.on_failure and _handler(function.on_failure, finish, client),
        **_settings(function.config),
    )
    return made(_handler(function, finish, client))


def _handler(
    function: dwf.Function[Any], finish: Callable[[Any], Any], client: inngest.Inngest
) -> Any:
    kind = "sdk async def" if function.is_async else "sdk def"
    return sdk_handler(function.handler, finish, kind, client)


def _settings(config: FunctionConfig) -> dict[str, Any]:
    """Write a configuration as the keywords of the SDK that lead to it."""
    assert config.request_version == 2, "the SDK of Python cannot ask for less"
    return {
        "name": config.name,
        "retries": config.retries,
        "trigger": [_model(trigger) for trigger in config.triggers],
        "cancel": [_model(cancel) for cancel in config.cancel] or None,
        "concurrency": [_model(limit) for limit in config.concurrency] or None,
        "idempotency": config.idempotency,
        "rate_limit": None if config.idempotency else _model(config.rate_limit),
        "timeouts": _model(config.timeouts),
        "batch_events": _model(config.batch),
        "debounce": _model(config.debounce),
        "singleton": _model(config.singleton),
        "throttle": _model(config.throttle),
        "priority": _model(config.priority),
    }


def _model(setting: Any) -> Any:
    """Make the SDK's model of the same name and fields; both count in milliseconds."""
    if setting is None:
        return None
    fields = attrs.asdict(setting, recurse=False)
    match setting:
        case dwf.Cancel():
            fields["if_exp"] = setting.expression
            del fields["match"]
        case dwf.TriggerCron(jitter=int(jitter)):
            fields["jitter"] = f"{jitter}ms"
    return getattr(inngest, type(setting).__name__)(**fields)
