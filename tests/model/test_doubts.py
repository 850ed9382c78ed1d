"""Doubts: what is taken as the server takes it, and told because nobody can mean it."""

from __future__ import annotations

from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.doubts import doubts
from dwf_sim.model.function import FunctionConfig

DOUBTED: list[tuple[dict[str, Any], str]] = [
    ({"throttle": dwf.Throttle(limit=1, period="1m", key="event.data.")}, "all runs share one"),
    ({"throttle": dwf.Throttle(limit=1, period="1m", key="tenant")}, "all runs share one throttle"),
    ({"throttle": dwf.Throttle(limit=0, period="1m")}, "throttle limit 0 counts as 1"),
    ({"throttle": dwf.Throttle(limit=1, period=60)}, "write '60s' for seconds"),
    ({"throttle": dwf.Throttle(limit=1, period="1m", burst=-1)}, "makes starts rarer"),
    ({"singleton": dwf.Singleton(mode="skip", key="tenant")}, "no run is a singleton"),
    ({"concurrency": (dwf.Concurrency(limit=1, key="tenant"),)}, "all runs share one limit"),
    ({"concurrency": (dwf.Concurrency(limit=0),)}, "means no limit at all"),
    ({"concurrency": (dwf.Concurrency(limit=0, key="'x'"),)}, "means that no run ever starts"),
    ({"priority": dwf.Priority(run="event.data.vip")}, "write int(event.data.vip)"),
    ({"priority": dwf.Priority(run="vip")}, "so no run has a priority"),
    (
        {
            "batch": dwf.Batch(max_size=2, timeout="5s"),
            "rate_limit": dwf.RateLimit(limit=1, period="1h"),
        },
        "rate_limit is ignored for events that come in batches",
    ),
    ({"triggers": (dwf.TriggerCron("0 0 30 2 *"),)}, "cron '0 0 30 2 *' never ticks"),
]


@pytest.mark.rule("B41", "B71", "B72", "B85", "B88", "B105", "B116", "B123")
@pytest.mark.parametrize(("settings", "words"), DOUBTED)
def test_what_can_hardly_be_meant_is_told(settings: dict[str, Any], words: str) -> None:
    triggers = settings.pop("triggers", ())
    config = FunctionConfig("a-f", "a", "f", triggers, **settings)

    found = doubts(config)

    assert len(found) == 1
    assert words in found[0]


def test_what_makes_sense_is_not_doubted() -> None:
    config = FunctionConfig(
        "a-f",
        "a",
        "f",
        (dwf.TriggerCron("0 9 * * *"), dwf.TriggerEvent("go")),
        concurrency=(dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key="event.data.t")),
        throttle=dwf.Throttle(limit=1, period="1s", key="event.data.t"),
        priority=dwf.Priority(run="int(event.data.vip)"),
        singleton=dwf.Singleton(mode="cancel", key="event.data.t"),
    )

    assert doubts(config) == []
