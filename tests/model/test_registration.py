"""What the engine refuses when a function is registered, in its own words (B300-B317).

A case named after a recording repeats what the real server answered.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from dwf_sim.model.flow_control import (
    Batch,
    Concurrency,
    Debounce,
    Priority,
    RateLimit,
    Singleton,
    Throttle,
    once_a_day,
)
from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.registration import problems
from dwf_sim.model.settings import Cancel, Timeouts

GO = TriggerEvent("t/go")
BATCH = Batch(max_size=5, timeout="5s")


def config(**settings: Any) -> FunctionConfig:
    """Give a function that can be registered but for these settings."""
    sound = FunctionConfig("app-f", "app", "f", (GO,))
    return attrs.evolve(sound, **settings)


def events(count: int) -> tuple[TriggerEvent, ...]:
    """Give so many triggers, each another event."""
    return tuple(TriggerEvent(f"t/{n}") for n in range(count))


def cron(text: str, jitter: int | str | None = None) -> tuple[TriggerCron]:
    """Give one schedule."""
    return (TriggerCron(text, jitter),)


def batch(**settings: Any) -> dict[str, Batch]:
    """Give a batch that is sound but for these settings."""
    return {"batch": attrs.evolve(BATCH, **settings)}


BAD_EXPRESSION = "invalid trigger expression on 't/go'"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("name_empty", {"name": ""}, "A function name is required"),
    (
        "triggers_11",
        {"triggers": events(11)},
        "This function exceeds the max number of triggers: 10",
    ),
    ("trigger_duplicate", {"triggers": (GO, GO)}, "duplicate trigger event: t/go"),
    (
        "event_name_long",
        {"triggers": (TriggerEvent("n" * 300),)},
        "event name is too long. maximum length is 255 characters",
    ),
    (
        "trigger_bad_cel",
        {"triggers": (TriggerEvent("t/go", "event.data.x ==="),)},
        BAD_EXPRESSION,
    ),
    (
        "trigger_unknown_function",
        {"triggers": (TriggerEvent("t/go", "frobnicate(event.data.x)"),)},
        BAD_EXPRESSION,
    ),
    (
        "trigger_unknown_variable",
        {"triggers": (TriggerEvent("t/go", "foo.bar == 1"),)},
        BAD_EXPRESSION,
    ),
    ("cron_bad", {"triggers": cron("not a cron")}, "'not a cron' isn't a valid cron schedule"),
    (
        "cron_six_fields",
        {"triggers": cron("*/5 * * * * *")},
        "'*/5 * * * * *' isn't a valid cron schedule",
    ),
    (
        "concurrency_3_limits",
        {
            "concurrency": (
                Concurrency(limit=1),
                Concurrency(limit=2, key="event.data.a"),
                Concurrency(limit=3, key="event.data.b"),
            )
        },
        "There are more concurrency limits specified than the allowed max of: 2",
    ),
    (
        "concurrency_env_no_key",
        {"concurrency": (Concurrency(limit=1, scope="env"),)},
        "A concurrency key must be specified for Env scoped limits",
    ),
    (
        "concurrency_bad_key",
        {"concurrency": (Concurrency(limit=1, key="event.data."),)},
        "Invalid concurrency key 'event.data.'",
    ),
    ("batch_size_1", batch(max_size=1), "batch size cannot be smaller than 2: 1"),
    ("batch_timeout_short_raw", batch(timeout="500ms"), "batch timeout should be more than 1s"),
    (
        "batch_and_cancel",
        {"batch": BATCH, "cancel": (Cancel("t/stop"),)},
        "Batching and cancellation are mutually exclusive",
    ),
    (
        "batch_and_debounce",
        {"batch": BATCH, "debounce": Debounce(period="5s")},
        "Batching and debouncing are mutually exclusive",
    ),
    (
        "batch_and_priority",
        {"batch": BATCH, "priority": Priority(run="1")},
        "A function cannot specify Priority.Run and Batch together",
    ),
    (
        "priority_bad_cel",
        {"priority": Priority(run="event.data.x >")},
        "Priority.Run expression is invalid",
    ),
    (
        "cancel_6",
        {"cancel": tuple(Cancel(f"t/{n}") for n in range(6))},
        "This function exceeds the max number of cancellation events: 5",
    ),
    (
        "cancel_macro_cel",
        {"cancel": (Cancel("t/stop", if_exp="async.data.tags.exists(t, t == 'x')"),)},
        "Cancellation expression is invalid",
    ),
    (
        "debounce_bad_key",
        {"debounce": Debounce(period="5s", key="event.data.a b")},
        "Debounce expression is invalid",
    ),
    (
        "debounce_long",
        {"debounce": Debounce(period="8d")},
        "The debounce period of '8d' is greater than the max of: 168h0m0s",
    ),
    (
        "debounce_short_raw",
        {"debounce": Debounce(period="500ms")},
        "The debounce period of '500ms' is less than the min of: 1s",
    ),
    (
        "rate_limit_0",
        {"rate_limit": RateLimit(limit=0, period="5s")},
        "limit must be greater than 0",
    ),
    (
        "rate_limit_period_long",
        {"rate_limit": RateLimit(limit=1, period="48h")},
        "period must be less than 24h0m0s",
    ),
    # Not recorded, but read in the engine's source.
    (
        "the same schedule twice",
        {"triggers": (*cron("0 * * * *"), *cron("0 * * * *"))},
        "duplicate trigger cron: 0 * * * *",
    ),
    (
        "one schedule with two jitters",
        {"triggers": (*cron("0 * * * *", "5s"), *cron("0 * * * *", "6s"))},
        "duplicate cron expression: 0 * * * *",
    ),
    ("a long schedule", {"triggers": cron("0," * 130 + "0 * * * *")}, "...' isn't a valid cron"),
    ("a schedule by name", {"triggers": cron("@daily")}, "'@daily' isn't a valid cron schedule"),
    ("a jitter below", {"triggers": cron("0 * * * *", 999)}, "cron jitter must be at least 1s"),
    (
        "a jitter above",
        {"triggers": cron("0 * * * *", 300_001)},
        "cron jitter must be less than or equal to 5m0s",
    ),
    (
        "a jitter below zero",
        {"triggers": cron("0 * * * *", "-5s")},
        "cron jitter must be greater than or equal to zero",
    ),
    (
        "an account's limit without a key",
        {"concurrency": (Concurrency(limit=1, scope="account"),)},
        "A concurrency key must be specified for Account scoped limits",
    ),
    (
        "batch and singleton",
        {"batch": BATCH, "singleton": Singleton(mode="skip")},
        "Batching and singletons are mutually exclusive",
    ),
    ("no batch timeout", batch(timeout=None), "invalid timeout string: "),
    ("a batch timeout of a day", batch(timeout="24h"), "invalid timeout string: 1d"),
    ("a batch timeout of two weeks", batch(timeout="14d"), "invalid timeout string: 2w"),
    ("a bad batch key", batch(key="event."), "batch key expression is invalid"),
    ("a bad batch filter", batch(if_exp="foo"), "batch if expression is invalid"),
    (
        "a bad match",
        {"cancel": (Cancel("t/stop", match="data."),)},
        "Cancellation expression is invalid",
    ),
    (
        "a rate limit below zero",
        {"rate_limit": RateLimit(limit=-1, period="5s")},
        "limit must be greater than 0",
    ),
    (
        "a bad rate limit key",
        {"rate_limit": RateLimit(limit=1, period="5s", key="foo")},
        "key is invalid",
    ),
    ("a bad idempotency key", {"rate_limit": once_a_day("foo")}, "key is invalid"),
]

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("no_triggers", {"triggers": ()}),
    ("triggers_10", {"triggers": events(10)}),
    ("trigger_uses_async", {"triggers": (TriggerEvent("t/go", "async.data.x == 1"),)}),
    ("batch_size_200", batch(max_size=200)),
    ("batch_timeout_long", batch(timeout="20m")),
    ("concurrency_0", {"concurrency": (Concurrency(limit=0),)}),
    ("concurrency_negative", {"concurrency": (Concurrency(limit=-1),)}),
    ("retries_25", {"retries": 25}),
    ("throttle_bad_key", {"throttle": Throttle(limit=1, period="5s", key="(((")}),
    ("throttle_limit_0", {"throttle": Throttle(limit=0, period="5s")}),
    ("throttle_period_long", {"throttle": Throttle(limit=1, period="10d")}),
    # Not recorded, but read in the engine's source.
    ("a name of 255 bytes", {"triggers": (TriggerEvent("n" * 255),)}),
    ("one event with two filters", {"triggers": (GO, TriggerEvent("t/go", "event.data.x == 1"))}),
    ("an event and a schedule", {"triggers": (GO, *cron("TZ=Europe/Paris 0 9 * * MON-FRI"))}),
    ("the least jitter", {"triggers": cron("0 * * * *", "1s")}),
    ("the most jitter", {"triggers": cron("0 * * * *", "5m")}),
    ("no jitter", {"triggers": cron("0 * * * *", 0)}),
    (
        "two limits, one of them shared",
        {"concurrency": (Concurrency(limit=1), Concurrency(limit=2, key="'x'", scope="env"))},
    ),
    (
        "a concurrency key of an unknown name",
        {"concurrency": (Concurrency(limit=1, key="openai"),)},
    ),
    ("a batch timeout of a second", batch(timeout="1s", max_size=2)),
    ("batch and rate limit", {"batch": BATCH, "rate_limit": RateLimit(limit=1, period="1m")}),
    ("batch and concurrency", {"batch": BATCH, "concurrency": (Concurrency(limit=1),)}),
    ("a priority of the wrong type", {"priority": Priority(run="event.data.name + 'x'")}),
    (
        "five cancellations",
        {"cancel": tuple(Cancel(f"t/{n}", match="data.id") for n in range(5))},
    ),
    ("a debounce of a second", {"debounce": Debounce(period="1s")}),
    ("a debounce of a week", {"debounce": Debounce(period="7d")}),
    ("a debounce with an empty key", {"debounce": Debounce(period="5s", key="")}),
    ("a rate limit of a day", {"rate_limit": RateLimit(limit=1, period="24h")}),
    ("a rate limit below a second", {"rate_limit": RateLimit(limit=1, period="1ms")}),
    ("a singleton with a bad key", {"singleton": Singleton(mode="cancel", key="(((")}),
    ("a timeout of nothing", {"timeouts": Timeouts(start=0, finish="500d")}),
]


@pytest.mark.rule("B29", "B30", "B31", "B38", "B44", "B63", "B79", "B101", "B104", "B105")
@pytest.mark.rule("B301", "B303", "B304", "B305", "B306", "B308", "B309", "B311", "B312", "B313")
@pytest.mark.rule("A196", "B122", "B314")
@pytest.mark.parametrize(
    ("settings", "text"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_the_engine_refuses_is_a_problem_in_its_own_words(
    settings: dict[str, Any], text: str
) -> None:
    found = problems(config(**settings))

    assert len(found) == 1
    assert text in found[0]


@pytest.mark.rule("B29", "B30", "B303", "B306", "B311", "B315", "B316")
@pytest.mark.parametrize(
    "settings", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED]
)
def test_what_the_engine_accepts_is_no_problem(settings: dict[str, Any]) -> None:
    assert problems(config(**settings)) == []


@pytest.mark.rule("B317")
def test_all_problems_of_a_function_are_listed() -> None:
    bad = config(
        name="",
        triggers=(TriggerEvent("t/go", "foo"), *cron("@daily")),
        concurrency=(Concurrency(limit=1, scope="env"),),
        batch=Batch(max_size=1),
        priority=Priority(run=")"),
        cancel=(Cancel("t/stop", if_exp="foo"),),
        debounce=Debounce(period=0, key="foo"),
        singleton=Singleton(mode="skip"),
        rate_limit=RateLimit(limit=0, period="2d", key="foo"),
    )

    found = problems(bad)

    assert [problem[:25] for problem in found] == [
        "A function name is requir",
        "invalid trigger expressio",
        "'@daily' isn't a valid cr",
        "A concurrency key must be",
        "batch size cannot be smal",
        "invalid timeout string: ;",
        "Batching and cancellation",
        "Batching and debouncing a",
        "Batching and singletons a",
        "A function cannot specify",
        "Priority.Run expression i",
        "Cancellation expression i",
        "Debounce expression is in",
        "The debounce period of '0",
        "limit must be greater tha",
        "key is invalid: the name ",
        "period must be less than ",
    ]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"triggers": events(12)}, "it has 12; use a pattern such as 'shop/*'"),
        ({"triggers": (TriggerEvent("n" * 300),)}, "has 300 bytes; shorten it"),
        (batch(timeout="1w"), "the server reads no unit above hours here; give a second less"),
        ({"rate_limit": RateLimit(limit=1, period=90_000_500)}, "is 90000500ms; give '24h' or"),
        ({"debounce": Debounce(period=0)}, "The debounce period of '0s' is less"),
    ],
)
def test_a_problem_says_what_was_given_and_what_to_do(settings: dict[str, Any], text: str) -> None:
    [problem] = problems(config(**settings))

    assert text in problem
