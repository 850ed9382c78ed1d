"""The functions of a recording, written with the vendor's SDK and served by its driver.

The recordings in `oracle/` were made with this SDK, so what it does wrong is in them, too.
"""

from __future__ import annotations

import datetime
import functools
import logging
from types import SimpleNamespace
from typing import Any

from dwf_sim.conformance.notebook import Notebook
from dwf_sim.conformance.program import Vocabulary, handler_of, span
from dwf_sim.conformance.recorded_settings import Fields, SettingWords, settings_of, trigger_of
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.refusals import Refusal, Refused, problems_of
from dwf_sim.drivers.inngest.sdk import inngest
from dwf_sim.errors import ConfigError
from dwf_sim.world.simulation import Simulation

_URL = "http://simulation/api/inngest"
_OF_SDK = ("inngest", "pydantic", "pydantic_core")  # Whose errors are the SDK's refusals.
_WORDS = SettingWords(
    event_trigger=inngest.TriggerEvent,
    cron_trigger=inngest.TriggerCron,
    kinds={
        "concurrency": inngest.Concurrency,
        "throttle": inngest.Throttle,
        "rate_limit": inngest.RateLimit,
        "debounce": inngest.Debounce,
        "batch_events": inngest.Batch,
        "priority": inngest.Priority,
        "singleton": inngest.Singleton,
        "timeouts": inngest.Timeouts,
    },
    cancel=inngest.Cancel,
    span=span,
)


def serve_vendor(simulation: Simulation, recording: Recording, notebook: Notebook) -> None:
    """Serve the functions of a recording; raises `Refused` with what is wrong with them.

    What the SDK refuses by itself it refuses before any request, with its own error.
    """
    words = _vocabulary(simulation.now)
    client = _client()
    try:
        functions = [_function(client, f, notebook, words) for f in recording.functions]
        for function in functions:
            _check(function)
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _OF_SDK:
            raise
        told = {"name": type(error).__name__, "message": str(error)}
        raise Refused(Refusal((str(error),), told)) from error
    try:
        simulation.serve((client, functions))
    except ConfigError as error:
        raise Refused(Refusal(tuple(problems_of(error)))) from error


def _check(function: Any) -> None:
    """Have the SDK write what it would send: some of what it refuses it hands out as a value."""
    config = function.get_config(_URL)
    for part in (config.main, config.on_failure):
        written = None if part is None else part.to_dict()
        if isinstance(written, Exception):
            raise written


@functools.cache
def _client() -> inngest.Inngest:
    """One for all recordings: to make one takes longer than to play a case, since it loads all
    certificates of the machine. What the SDK would log belongs to what is recorded."""
    logger = logging.getLogger(f"{__name__}.silent")
    logger.disabled = True
    return inngest.Inngest(app_id="app", is_production=False, logger=logger)


def _vocabulary(start: datetime.datetime) -> Vocabulary:
    return Vocabulary(
        event=lambda name, data, **more: inngest.Event(name=name, data=data, **more),
        non_retriable=inngest.NonRetriableError,
        retry_after=inngest.RetryAfterError,
        race=inngest.ParallelMode.RACE,
        has_promises=False,
        start=start,
    )


def _function(client: inngest.Inngest, given: Fields, notebook: Notebook, words: Vocabulary) -> Any:
    failure = given.get("on_failure")
    create: Any = client.create_function
    function = create(
        fn_id=given["id"],
        trigger=[trigger_of(trigger, _WORDS) for trigger in given["triggers"]],
        on_failure=None if failure is None else handler_of(failure, notebook, words),
        **settings_of(given, _WORDS),
    )(handler_of(given["body"], notebook, words))
    if "raw_config" in given:
        _register_past_checks(function, given["raw_config"])
    return function


def _register_past_checks(function: Any, raw: Fields) -> None:
    """Merge a recording's raw settings into what the SDK would send for a function."""
    written_by_sdk = function.get_config

    def get_config(app_url: str) -> Any:
        config = written_by_sdk(app_url)
        written = config.main.to_dict()
        merged = written if isinstance(written, Exception) else {**written, **raw}
        main = SimpleNamespace(to_dict=lambda: merged)
        return SimpleNamespace(main=main, on_failure=config.on_failure)

    function.get_config = get_config
