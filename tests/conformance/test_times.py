"""Times agree within the tolerances of the recordings, and no more is let pass than those say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from dwf_sim.conformance import playing
from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.recordings import read_recording
from dwf_sim.engine import retries
from dwf_sim.model.quirks import Quirks
from tests.conformance.made import case, differs, function, go, recorded

HERE = Path(__file__).parent
SLEEPS = [{"op": "run", "id": f"a{n}"} for n in range(12)]


def sleeper(span: str, **settings: Any) -> dict[str, Any]:
    """Twelve steps, and then a sleep."""
    return function(*SLEEPS, {"op": "sleep", "id": "s", "for": span}, **settings)


@pytest.mark.parametrize(
    ("quirk", "name", "place"),
    [
        ("cancelled_invoke_resolves", "oracle/invoke_child_cancelled", "runs[0].output"),
        ("debounce_fires_late", "oracle/debounce_last", "runs[0].queued"),
        ("debounce_fires_late", "oracle/debounce_key", "runs[0].queued"),
        ("batch_filled_late_waits", "oracle/batch_key", "runs[0].queued"),
        ("batch_filled_late_waits", "oracle/batch_size_spaced", "runs[0].queued"),
        ("unreadable_timeout_stalls", "oracle/config_timeouts_bad", "sync"),
    ],
)
def test_a_quirk_that_is_off_is_seen(
    monkeypatch: pytest.MonkeyPatch, quirk: str, name: str, place: str
) -> None:
    without: Quirks = attrs.evolve(playing.AS_RECORDED, **{quirk: False})
    monkeypatch.setattr(playing, "AS_RECORDED", without)

    found = judge(read_recording(HERE / f"{name}.json")).difference

    assert found is not None
    assert found.startswith(place)


def test_latency_is_that_of_a_run_and_not_of_all() -> None:
    given = recorded(case(sleeper("4s"), sends=[go(count=4)]))

    assert differs(given) is None
    assert differs(given, sleeper("3s")) is not None


def test_all_pairs_of_times_are_compared() -> None:
    steps = [{"op": "run", "id": f"a{n}", "takes": "1s"} for n in range(3)]
    given = recorded(case(function(*steps)))
    slower = [{**step, "takes": "1300ms"} for step in steps]

    found = differs(given, function(*slower))

    assert found is not None


@pytest.mark.parametrize(("span", "other"), [("10s", "18s"), ("20s", "28s"), ("50s", "42s")])
@pytest.mark.parametrize("op", ["run", "raise"])
def test_a_retry_that_was_given_its_time_is_not_drawn(op: str, span: str, other: str) -> None:
    def failing(after: str) -> dict[str, Any]:
        error = {"op": op, "fail": 1, "error": f"retry_after:{after}"}
        return function({**error, "id": "a"}, retries=1)

    given = recorded(case(failing(span), until=90))

    assert differs(given) is None
    assert differs(given, failing(other)) is not None


@pytest.mark.parametrize("op", ["run", "raise"])
def test_a_drawn_delay_that_could_not_be_drawn_is_seen(
    monkeypatch: pytest.MonkeyPatch, op: str
) -> None:
    given = recorded(case(function({"op": op, "fail": 1, "id": "a"}, retries=1), until=90))

    assert differs(given) is None
    monkeypatch.setattr(retries, "BACKOFF_MS", tuple(1000 for _ in retries.BACKOFF_MS))
    monkeypatch.setattr(retries, "JITTER_MS_MAX", 0)
    found = differs(given)

    assert found is not None
    assert str(found).endswith("expected 15 to 45 s later, as delays are drawn, got 1.00 s later")


def test_a_drawn_delay_gives_other_runs_no_slack() -> None:
    failing = function({"op": "run", "id": "a", "fail": 1}, retries=1)
    other = {"id": "g", "triggers": [{"event": "w"}]}

    def sleeping(span: str) -> dict[str, Any]:
        return {**other, "body": [{"op": "sleep", "id": "s", "for": span}]}

    sends = [go(), go(at=50, name="w")]
    given = recorded(case(failing, sleeping("20s"), sends=sends, until=120))

    assert differs(given) is None
    assert differs(given, failing, sleeping("5s")) is not None


def test_what_waits_for_a_drawn_delay_has_its_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = function({"op": "invoke", "id": "i", "function": "g"})
    child = {
        "id": "g",
        "triggers": [{"event": "none"}],
        "body": [{"op": "run", "id": "a", "fail": 1}],
        "retries": 1,
    }
    given = recorded(case(parent, child, until=90))
    monkeypatch.setattr(retries, "JITTER_MS_MAX", 0)

    assert differs(given) is None


def test_a_run_under_a_limit_may_end_late_only_where_another_competes() -> None:
    step = {"op": "run", "id": "a", "takes": "3s"}
    limited = function(step, {"op": "run", "id": "b"}, concurrency=[{"limit": 1}])
    alone, two = (recorded(case(limited, sends=[go(count=count)])) for count in (1, 2))

    def later(given: Any) -> Any:
        runs = [dict(run) for run in given.observed["runs"]]
        runs[0]["ended"] = [at + 2.5 for at in runs[0]["ended"]]
        return attrs.evolve(given, observed={**given.observed, "runs": runs})

    assert differs(later(alone)) is not None
    assert differs(later(two)) is None
