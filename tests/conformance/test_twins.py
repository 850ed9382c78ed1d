"""Generated programs: both drivers give the same observation, and what is said when they do not."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from dwf_sim.conformance import twins
from dwf_sim.conformance.generating import generate
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.twins import Twin, Twins, compare_drivers, compare_on

COUNT = int(os.environ.get("DWF_CONFORM_PROGRAMS", "200"))
LOT = 20
OPEN_MAX = 0.01  # Of a thousand programs about two depend on the order within an instant.


@pytest.mark.parametrize("first", range(0, COUNT, LOT))
def test_both_drivers_give_the_same_observation_of_a_generated_program(first: int) -> None:
    found = compare_drivers(min(LOT, COUNT - first), first)

    assert [str(twin) for twin in found.failures] == []
    assert len(found.open) <= 1 + LOT * OPEN_MAX


def test_a_number_makes_one_program() -> None:
    assert generate(7) == generate(7)
    assert generate(7).functions != generate(8).functions


def test_generated_programs_use_all_of_the_language_and_of_the_settings() -> None:
    seen: Counter[str] = Counter()

    def look(given: Any) -> None:
        if isinstance(given, dict):
            seen.update(given.keys() | {str(given.get("op"))})
        for inner in given.values() if isinstance(given, dict) else given:
            if isinstance(inner, dict | list):
                look(inner)

    for number in range(300):
        look(generate(number).functions)

    ops = "run sleep sleep_until wait invoke send parallel try raise loop work when return"
    settings = (
        "concurrency throttle rate_limit debounce batch_events priority singleton idempotency "
        "cancel_on timeouts on_failure"
    )
    assert [word for word in f"{ops} {settings}".split() if seen[word] < 10] == []


def differing() -> Recording:
    """A program that the drivers do not share: the SDK takes whole seconds only (B319)."""
    batch = {"max_size": 2, "timeout": "2500ms"}
    function = {"id": "f", "triggers": [{"event": "go"}], "body": [], "batch_events": batch}
    return Recording(
        name="x", area="x", functions=[function], sends=[], cancels=[], until=1, observed={}
    )


def test_a_difference_is_told_with_its_place_and_both_values() -> None:
    found = compare_on(differing(), 3)

    assert not found.is_open
    assert found.difference == "sync.status: native 200, inngest (absent)"


def test_a_program_whose_outcome_depends_on_the_order_of_an_instant_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def observed(_: Recording, driver: str, seed: int = 0, *, interleave: str = "fifo") -> Any:
        return {"runs": [driver, seed == 3 and interleave == "random"]}

    monkeypatch.setattr(twins, "_observed", observed)

    found = compare_on(differing(), 3)

    assert found == Twin(3, "runs[0]: native 'native', inngest 'inngest'", is_open=True)


def test_differences_come_with_what_plays_them_again_and_then_the_sum() -> None:
    found = Twins((Twin(4, None), Twin(5, "a: native 1, inngest 2"), Twin(6, "x", is_open=True)))

    assert found.exit_code == 1
    assert found.lines() == [
        "5: a: native 1, inngest 2; again: dwf-sim conform --generate 1 --seed 5",
        "left open, since the order within an instant decides: 6",
        "1 of 3 programs",
    ]
    assert found.table()["failures"][0]["functions"] == generate(5).functions


@pytest.mark.parametrize(
    "raw",
    [
        {"throttle": {"limit": 1, "period": "2s"}},
        {"rateLimit": {"limit": 1, "period": "5s"}},
        {"concurrency": [{"limit": 1}]},
        {"priority": {"run": "10"}},
        {"singleton": {"mode": "skip"}},
        {"cancel": [{"event": "stop"}]},
        {"idempotency": "event.data.n"},
        {"debounce": {"period": "2s"}},
        {"batchEvents": {"maxSize": 2, "timeout": "2500ms"}},
        {"timeouts": {"finish": "soon"}},
        {"name": ""},
    ],
)
def test_what_is_registered_past_the_sdks_checks_is_the_same_by_both(raw: dict[str, Any]) -> None:
    body = [{"op": "run", "id": "a", "takes": "901ms"}]
    function = {"id": "f", "triggers": [{"event": "go"}], "body": body, "raw_config": raw}
    sends = [
        {"at": at, "events": [{"name": name, "data": {"n": 1}}]}
        for at, name in ((0, "go"), (0.3, "go"), (0.5, "stop"))
    ]
    recording = Recording(
        name="x", area="x", functions=[function], sends=sends, cancels=[], until=9, observed={}
    )
    is_refused = raw == {"name": ""}

    played = [twins._observed(recording, driver) for driver in ("native", "inngest")]

    assert ["refused" in one["sync"] for one in played] == [is_refused, is_refused]
    assert is_refused or played[0] == played[1]
