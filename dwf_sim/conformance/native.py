"""The functions of a recording, written for the native driver."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from typing import Any

import attrs

from dwf_sim.conformance.notebook import Notebook
from dwf_sim.conformance.program import Vocabulary, attempts_max, handler_of
from dwf_sim.conformance.recorded_settings import (
    Fields,
    Make,
    SettingWords,
    made_of,
    settings_of,
    trigger_of,
)
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.refusals import Refusal, Refused, problems_of
from dwf_sim.drivers.native import App, ParallelMode
from dwf_sim.errors import (
    ConfigError,
    DurationError,
    NonRetriableError,
    RetryAfterError,
    UsageError,
)
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.event import FAILED, Event
from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
)
from dwf_sim.model.function import TriggerCron, TriggerEvent
from dwf_sim.model.settings import Cancel, Timeouts, registered_timeouts
from dwf_sim.world.simulation import Simulation

_TAKEN_BY_FAILURE = ("checkpointing", "optimize_parallelism")

NATIVE_NEEDS = (
    "signals",
    "promise-parallel",
    "checkpointing",
    "errors",
    "durations",
    "steps",
    "flow-control",
    "crashes",
)
"""What of the needs of TypeScript recordings functions of this driver have."""


def native_vocabulary(start: datetime.datetime, *, has_promises: bool = False) -> Vocabulary:
    """The native driver's own classes."""
    final, later = NonRetriableError, RetryAfterError
    return Vocabulary(
        event=Event,
        non_retriable=_of_steps(final) if has_promises else final,
        retry_after=_of_steps(later) if has_promises else later,
        race=ParallelMode.RACE,
        has_promises=has_promises,
        start=start,
    )


def _of_steps(kind: type[Exception]) -> type[Exception]:
    """Make an error that belongs to the step which raises it, as TypeScript's do (A68)."""
    return type(kind.__name__, (kind,), {"stays_in_step": True})


def serve_native(simulation: Simulation, recording: Recording, notebook: Notebook) -> None:
    """Serve the functions of a recording; raises `Refused` with all that is wrong with them."""
    words = native_vocabulary(simulation.now, has_promises=recording.is_typescript)
    app = App("app", checkpointing=recording.checkpoints)
    found: list[str] = []
    for given in recording.functions:
        for function in _with_failure(given) if recording.is_typescript else [given]:
            try:
                _create(app, function, recording, notebook, words)
            except ConfigError as error:
                found += problems_of(error)
    if found:
        raise Refused(Refusal(tuple(found)))
    try:
        simulation.serve(app)
    except ConfigError as error:
        raise Refused(Refusal(tuple(problems_of(error)))) from error


def _create(
    app: App, function: Fields, recording: Recording, notebook: Notebook, words: Vocabulary
) -> None:
    failure = function.get("on_failure")
    decorate = app.create_function(
        fn_id=function["id"],
        trigger=[trigger_of(trigger, _WORDS) for trigger in function["triggers"]],
        on_failure=None if failure is None else handler_of(failure, notebook, words),
        **_settings(function, recording),
    )
    decorate(handler_of(function["body"], notebook, words, attempts_max(function)))


def _with_failure(function: Fields) -> list[Fields]:
    """Make the failure handler a function of its own: TypeScript's has one retry (A165)."""
    if "on_failure" not in function:
        return [function]
    taken = {key: function[key] for key in _TAKEN_BY_FAILURE if key in function}
    trigger = {"event": FAILED, "if": f"event.data.function_id == 'app-{function['id']}'"}
    of_failure = {
        "id": f"{function['id']}-failure",
        "triggers": [trigger],
        "retries": 1,
        "body": function["on_failure"],
    }
    kept = {key: content for key, content in function.items() if key != "on_failure"}
    return [kept, {**taken, **of_failure}]


def _settings(function: Fields, recording: Recording) -> dict[str, Any]:
    found = settings_of(function, _TYPESCRIPT_WORDS if recording.is_typescript else _WORDS)
    if "optimize_parallelism" in function:
        found["optimize_parallelism"] = function["optimize_parallelism"]
    if "checkpointing" in function:
        given = function["checkpointing"]
        found["checkpointing"] = Checkpointing(**given) if isinstance(given, Mapping) else given
    return {**found, **_raw_settings(function.get("raw_config", {}))}


def _cancel(*, match: str | None = None, if_exp: str | None = None, **given: Any) -> Cancel:
    """With `match` the condition is ignored, as the TypeScript SDK does."""
    return Cancel(**given, match=match, if_exp=if_exp if match is None else None)


_WORDS = SettingWords(
    event_trigger=TriggerEvent,
    cron_trigger=TriggerCron,
    kinds={
        "concurrency": Concurrency,
        "throttle": Throttle,
        "rate_limit": RateLimit,
        "debounce": Debounce,
        "batch_events": Batch,
        "priority": Priority,
        "singleton": Singleton,
        "timeouts": Timeouts,
    },
    cancel=_cancel,
)
_NO_BURST = functools.partial(Throttle, burst=0)  # Each SDK has its default (B70).
_TYPESCRIPT_WORDS = attrs.evolve(_WORDS, kinds={**_WORDS.kinds, "throttle": _NO_BURST})


def _raw_settings(raw: Fields) -> dict[str, Any]:
    """Read what was registered past the SDK's own checks, if the driver has a word for it."""
    makers: dict[str, Make] = {
        "name": lambda given: given,
        "debounce": lambda given: Debounce(**given),
        "batchEvents": lambda given: Batch(
            max_size=given["maxSize"], timeout=given.get("timeout"), key=given.get("key")
        ),
        "timeouts": lambda given: registered_timeouts(**given),
        "throttle": lambda given: Throttle(**{"burst": 0, **given}),
        "rateLimit": lambda given: RateLimit(**given),
        "concurrency": lambda given: [Concurrency(**limit) for limit in given],
        "priority": lambda given: Priority(**given),
        "singleton": lambda given: Singleton(**given),
        "cancel": lambda given: [made_of(entry, _cancel, _WORDS) for entry in given],
        "idempotency": lambda given: given,
    }
    words = {"batchEvents": "batch_events", "rateLimit": "rate_limit"}
    unknown = [key for key in raw if key not in makers]
    if unknown:
        raise UsageError(f"the native driver has no word for {', '.join(unknown)}; leave it out")
    try:
        return {words.get(key, key): makers[key](content) for key, content in raw.items()}
    except DurationError as error:
        raise ConfigError(str(error)) from None
