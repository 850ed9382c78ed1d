"""Keys of flow control with a field that no event has: told, and never shown as a value."""

from __future__ import annotations

import asyncio
from typing import Any

import lark.exceptions  # noqa: F401  # A pytest inside of this one must not load a second one.
import pytest
from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import checks, strategies
from dwf_sim.expressions.reads import paths_read


async def slow() -> None:
    """A step's body of four seconds."""
    await asyncio.sleep(4)


def shop(**settings: Any) -> dwf.App:
    """Make a function of one slow step under these settings."""
    app = dwf.App("shop")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), **settings)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("a", slow)

    return app


def played(*data: dict[str, object], **settings: Any) -> dwf.Simulation:
    """Send events with these data, and play to the end."""
    sim = dwf.Simulation().serve(shop(**settings))
    for each in data:
        sim.send("go", each)
    sim.run_until_idle()
    return sim


def settings_with(key: str) -> dict[str, dict[str, Any]]:
    """Give each setting that has a key, with this one."""
    return {
        "concurrency": {"concurrency": dwf.Concurrency(limit=1, key=key)},
        "throttle": {"throttle": dwf.Throttle(limit=1, period="1m", key=key)},
        "rate limit": {"rate_limit": dwf.RateLimit(limit=1, period="1m", key=key)},
        "idempotency": {"idempotency": key},
        "debounce": {"debounce": dwf.Debounce(period="1m", key=key)},
        "singleton": {"singleton": dwf.Singleton(mode="skip", key=key)},
        "batch": {"batch_events": dwf.Batch(max_size=2, timeout="1m", key=key)},
        "priority": {"priority": dwf.Priority(run=f"int({key})")},
    }


TENANTS: list[dict[str, object]] = [{"tenant": "1"}, {"tenant": "2"}]


@pytest.mark.parametrize("name", settings_with(""))
@pytest.mark.rule("B72", "B88")
def test_a_misspelt_key_is_told_with_the_name_that_is_near(name: str) -> None:
    sim = played(*TENANTS, **settings_with("event.data.tenent")[name])

    (warning,) = sim.warnings
    assert f"event.data.tenent' of {name} " in warning or f"tenent)' of {name} " in warning
    assert "none of 2 events" in warning
    assert warning.endswith("; the events have event.data.tenant")


@pytest.mark.parametrize("name", settings_with(""))
def test_a_key_that_an_event_has_is_no_mistake(name: str) -> None:
    settings = settings_with("event.data.tenant")[name]

    assert played(*TENANTS, {"tenants": 1}, **settings).warnings == []


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("event.tenant", "event.data.tenant"),
        ("event.data.user.nmae", "event.data.user.name"),
        ('event.data["tenent"]', "event.data.tenant"),
        ('event.data.tenant + "/" + event.data.user.nmae', "event.data.user.name"),
        ("event.data.vip == true ? event.data.tenent : 'all'", "event.data.tenant"),
    ],
)
def test_the_near_name_is_looked_for_in_all_of_the_data(key: str, field: str) -> None:
    data: dict[str, object] = {"tenant": "1", "user": {"name": "ann"}}

    (warning,) = played(data, throttle=dwf.Throttle(limit=1, period="1m", key=key)).warnings

    assert warning.endswith(f"; the events have {field}")


@pytest.mark.parametrize(
    "key", ["event.data.region", "has(event.data.tenent) ? 1 : 2", "'tenent'", "event.data.tenant"]
)
def test_what_may_well_be_meant_is_not_told(key: str) -> None:
    throttle = dwf.Throttle(limit=1, period="1m", key=key)

    assert played(*TENANTS, throttle=throttle).warnings == []


def test_functions_that_nothing_came_to_are_not_told_of() -> None:
    assert played(throttle=dwf.Throttle(limit=1, period="1m", key="event.data.a")).warnings == []


@pytest.mark.parametrize("name", ["concurrency", "throttle", "debounce", "batch"])
def test_no_event_is_said_to_have_the_value_false(name: str) -> None:
    app = shop(**settings_with("event.data.tenent")[name])
    sim = dwf.Simulation().serve(app)
    sends = [sim.send("go", data) for data in [*TENANTS, {"tenant": "3"}]]
    sim.run_until_idle()
    told = [sim.explain(send) for send in sends]
    told += [sim.explain(run) + sim.timeline(run) for run in sim.runs]

    assert "false" not in "".join(told)
    assert "event.data.tenent, and the event has no event.data.tenent" in "".join(told)


def test_a_false_that_an_event_has_is_shown() -> None:
    sim = dwf.Simulation().serve(shop(**settings_with("event.data.vip")["throttle"]))
    runs = [sim.send("go", {"vip": False}).run for _ in range(3)]
    sim.run_until_idle()

    assert "event.data.vip = false" in sim.explain(runs[2])


def test_who_waits_is_not_said_to_have_the_value_false() -> None:
    limit = dwf.Concurrency(limit=0, key="event.data.tenent")
    sim = dwf.Simulation().serve(shop(concurrency=limit))
    sim.send("go", {"tenant": "1"})

    with pytest.raises(AssertionError) as caught:
        sim.heal()
    assert "event.data.tenent, and the event has no event.data.tenent" in str(caught.value)
    assert "= false" not in str(caught.value)


@pytest.mark.parametrize("key", ["event.data.tenent", "event.data.region"])
def test_flow_control_proves_nothing_of_a_key_that_no_event_has(key: str) -> None:
    events = strategies.events("go", {"tenant": st.sampled_from("ab")})
    app = shop(throttle=dwf.Throttle(limit=2, period="1m", key=key))

    with pytest.raises(AssertionError, match="proves nothing:\n  key '" + key) as caught:
        checks.flow_control(app, events, examples=2)
    assert "of throttle of shop-f had a value for none of the events" in str(caught.value)
    checks.flow_control(app, events, examples=2, must_reach=False)


def test_the_paths_of_a_text_are_found_wherever_they_stand() -> None:
    text = 'lowercase(event.data["a"].b) + [event.data.c, event.user.id][0] + event.data.d.trim()'

    assert paths_read(text) == (
        ("event", "data", "a", "b"),
        ("event", "data", "c"),
        ("event", "user", "id"),
        ("event", "data", "d"),
    )
    assert paths_read("event.data.l.exists(x, x == event.data.y)") == (
        ("event", "data", "l"),
        ("event", "data", "y"),
    )
    assert paths_read("event.data.a +") == ()
