"""What `create_function` is given, as the engine gets it."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.function import FunctionConfig

HOURLY = dwf.TriggerCron("0 * * * *", jitter="5s")


async def _nothing(ctx: dwf.Context) -> None:
    pass


def config(trigger: Any = (), **settings: Any) -> FunctionConfig:
    """Make a function with these settings and give what is registered of it."""
    return dwf.App("app").create_function(fn_id="f", trigger=trigger, **settings)(_nothing).config


@pytest.mark.parametrize(
    ("keyword", "field", "given"),
    [
        ("batch_events", "batch", dwf.Batch(max_size=5, timeout="5s")),
        ("debounce", "debounce", dwf.Debounce(period="5s")),
        ("priority", "priority", dwf.Priority(run="int(event.data.p)")),
        ("rate_limit", "rate_limit", dwf.RateLimit(limit=1, period="1m")),
        ("singleton", "singleton", dwf.Singleton(mode="skip")),
        ("throttle", "throttle", dwf.Throttle(limit=1, period="1m")),
    ],
)
def test_each_setting_reaches_the_engine(keyword: str, field: str, given: object) -> None:
    assert getattr(config(**{keyword: given}), field) == given


def test_a_function_has_no_flow_control_that_it_does_not_ask_for() -> None:
    assert config() == FunctionConfig("app-f", "app", "f", ())


@pytest.mark.rule("B78")
@pytest.mark.parametrize(
    ("given", "limits"),
    [
        (3, (dwf.Concurrency(limit=3),)),
        (dwf.Concurrency(limit=3, key="'a'"), (dwf.Concurrency(limit=3, key="'a'"),)),
        (
            [dwf.Concurrency(limit=3), dwf.Concurrency(limit=5, key="'a'", scope="env")],
            (dwf.Concurrency(limit=3), dwf.Concurrency(limit=5, key="'a'", scope="env")),
        ),
        ([], ()),
        (None, ()),
    ],
    ids=str,
)
def test_concurrency_is_a_number_or_a_limit_or_a_list_of_limits(
    given: object, limits: tuple[dwf.Concurrency, ...]
) -> None:
    assert config(concurrency=given).concurrency == limits


@pytest.mark.rule("B53")
def test_an_idempotency_key_is_a_rate_limit_of_one_a_day() -> None:
    made = config(idempotency="event.data.id")

    assert made.rate_limit == dwf.RateLimit(limit=1, period="24h", key="event.data.id")
    assert made.idempotency == "event.data.id"


@pytest.mark.rule("B53")
def test_an_idempotency_key_takes_the_place_of_a_rate_limit() -> None:
    given = dwf.RateLimit(limit=10, period="1m")

    made = config(rate_limit=given, idempotency="event.data.id")

    assert made.rate_limit == dwf.RateLimit(limit=1, period="24h", key="event.data.id")


@pytest.mark.rule("B101")
def test_an_empty_key_of_a_debounce_is_none() -> None:
    assert dwf.Debounce(period="5s", key="") == dwf.Debounce(period="5s")


@pytest.mark.rule("A165")
def test_a_failure_handler_has_no_flow_control() -> None:
    app = dwf.App("app")

    app.create_function(
        fn_id="f",
        trigger=HOURLY,
        concurrency=1,
        debounce=dwf.Debounce(period="5s"),
        idempotency="event.data.id",
        priority=dwf.Priority(run="1"),
        singleton=dwf.Singleton(mode="skip"),
        throttle=dwf.Throttle(limit=1, period="1m"),
        on_failure=_nothing,
    )(_nothing)

    failure = app.functions["f-failure"].config
    assert failure == FunctionConfig(
        "app-f-failure", "app", "f (failure)", failure.event_triggers, retries=0
    )


@pytest.mark.rule("B29")
def test_schedules_and_events_may_be_mixed() -> None:
    made = config([HOURLY, dwf.TriggerEvent("go")])

    assert made.cron_triggers == (HOURLY,)
    assert made.event_triggers == (dwf.TriggerEvent("go"),)


def test_one_schedule_needs_no_list() -> None:
    assert config(HOURLY).triggers == (HOURLY,)
