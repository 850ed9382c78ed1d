"""The shape of a recording: what is taken from one, or put into it, is told by its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dwf_sim.conformance import case_shape, program_shape
from dwf_sim.conformance.recordings import read_recording
from dwf_sim.errors import UsageError

HERE = Path(__file__).parent
ABSENT = object()
PLAIN, FAILED, TYPESCRIPT = "oracle/plain", "oracle/fn_non_retriable", "oracle-ts/signal_received"
REFUSED, BY_SDK = "oracle/config_rate_limit_0", "oracle/config_retries_negative"


def altered(folder: Path, name: str, path: str, value: object) -> Path:
    """Write a recording in which one place holds something else."""
    case = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    *places, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    found: Any = case
    for place in places:
        found = found[place]
    if value is ABSENT:
        del found[last]
    else:
        found[last] = copy.deepcopy(value)
    written = folder / f"{name.partition('/')[2]}.json"
    written.write_text(json.dumps(case))
    return written


def complaint(folder: Path, name: str, path: str, value: object) -> str:
    with pytest.raises(UsageError) as refusal:
        read_recording(altered(folder, name, path, value))
    return str(refusal.value)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        *((PLAIN, key) for key in ("name", "area", "functions", "send", "until", "observed")),
        *((PLAIN, f"functions.0.{key}") for key in ("id", "triggers", "body", "body.0.op")),
        (PLAIN, "functions.0.body.0.id"),
        (PLAIN, "send.0.at"),
        (PLAIN, "send.0.events"),
        *((PLAIN, f"observed.{key}") for key in ("sync", "sends", "events", "runs")),
        *((PLAIN, f"observed.{way}_start_order") for way in ("run", "step")),
        (PLAIN, "observed.internal_events"),
        *((PLAIN, f"observed.runs.0.{key}") for key in ("status", "output", "queued", "started")),
        *((PLAIN, f"observed.runs.0.{key}") for key in ("ended", "handler_entries", "entries")),
        (PLAIN, "observed.runs.0.steps"),
        (PLAIN, "observed.runs.0.steps.0.executions.0.end"),
        (PLAIN, "observed.runs.0.entries.0.left"),
        (FAILED, "observed.runs.0.error"),
        *((TYPESCRIPT, f"observed.runs.0.{key}") for key in ("requests", "checkpoints")),
        (TYPESCRIPT, "observed.signals"),
        (TYPESCRIPT, "observed.runs.0.requests.targeted"),
        ("oracle/cancel_api", "observed.cancel_run"),
        (REFUSED, "observed.sync.detail"),
        (REFUSED, "observed.runs"),
        (BY_SDK, "observed.sync.sdk_error.message"),
    ],
)
def test_no_fact_may_be_taken_away(tmp_path: Path, name: str, path: str) -> None:
    told = complaint(tmp_path, name, path, ABSENT)

    *_, last = path.split(".")
    assert last in told or last == "events"
    assert "must be there" in told or "is absent" in told or "either events or raw" in told


@pytest.mark.parametrize(
    ("name", "path", "value", "told"),
    [
        (PLAIN, "area", None, "area is None; it must be a text"),
        (PLAIN, "name", "other", "name is 'other'; it must be 'plain', as the file is named"),
        (PLAIN, "until", "9", "until is '9'; it must be a number"),
        (PLAIN, "until", float("nan"), "NaN is no JSON"),
        (PLAIN, "until", 0, "until is 0; it must be more than 0"),
        (PLAIN, "functions", {"id": "f"}, "functions is {'id': 'f'}; it must be a list"),
        (PLAIN, "functions.0", "f", "functions[0] is 'f'; it must be an object"),
        (PLAIN, "functions.0.retry", 3, "functions[0].retry is not known"),
        (PLAIN, "functions.0.retries", "3", "functions[0].retries is '3'; it must be a whole"),
        (PLAIN, "functions.0.throttle", {"limit": 1}, "functions[0].throttle.period is absent"),
        (PLAIN, "functions.0.body.0.op", "fly", "functions[0].body[0].op is 'fly'; it must be one"),
        (PLAIN, "functions.0.body.0.fails", 1, "functions[0].body[0].fails is not known"),
        (PLAIN, "functions.0.body.0.error", "odd", "functions[0].body[0].error is 'odd'"),
        (PLAIN, "functions.0.body.0.returns", ["$nope.a"], "returns[0] is '$nope.a'; it must be a"),
        (PLAIN, "functions.0.body.0.returns", {"$py": "odd"}, "returns.$py is 'odd'; it must be"),
        (PLAIN, "send.0.at", -1, "send[0].at is -1; it must be from 0 to until"),
        (PLAIN, "send.0.at", 1000, "send[0].at is 1000; it must be from 0 to until"),
        (PLAIN, "send.0.events", {}, "send[0].events is {}; it must be a list"),
        (PLAIN, "needs", "signals", "needs is 'signals'; it must be a list"),
        (PLAIN, "needs", ["magic"], "needs[0] is 'magic'; it must be one of signals"),
        (PLAIN, "cancel_run", [{"at": 1, "function": "z"}], "cancel_run[0].function is 'z'"),
        (PLAIN, "observed.runs.0.queued", [1], "observed.runs[0].queued is [1]; it must be two"),
        (PLAIN, "observed.runs.0.queued", [2, 1], "two numbers, the lesser first"),
        (PLAIN, "observed.runs.0.queued", None, "observed.runs[0].queued is None"),
        (PLAIN, "observed.runs.0.entries.0", [], "observed.runs[0].entries[0] is []"),
        (PLAIN, "observed.runs.0.status", "DONE", "observed.runs[0].status is 'DONE'"),
        (PLAIN, "observed.runs.0.status", {"unstable": []}, "status.unstable is []"),
        (REFUSED, "observed.runs", [{}], "observed.runs[0].run is absent"),
        (BY_SDK, "observed.runs", [], "observed.runs is not known"),
        (PLAIN, "observed.sync.detail", "no", "observed.sync.detail is 'no'; it must be absent"),
    ],
)
def test_what_may_not_stand_at_a_place_is_told(
    tmp_path: Path, name: str, path: str, value: object, told: str
) -> None:
    assert told in complaint(tmp_path, name, path, value)


def test_a_refused_app_has_no_runs(tmp_path: Path) -> None:
    run = json.loads((HERE / f"{PLAIN}.json").read_text("utf-8"))["observed"]["runs"][0]

    told = complaint(tmp_path, REFUSED, "observed.runs", [run])

    assert "it must be empty, since the app was refused" in told


def test_two_functions_of_one_id_are_told(tmp_path: Path) -> None:
    function = {"id": "f", "triggers": [], "body": []}

    told = complaint(tmp_path, PLAIN, "functions", [function, function])

    assert "functions[1].id is 'f'; it must be another than those before it" in told


def test_a_parallel_mode_that_there_is_not_is_told_inside_of_other_operations(
    tmp_path: Path,
) -> None:
    odd = {"op": "parallel", "branches": [[]], "mode": "nonsense"}
    body = [{"op": "parallel", "branches": [[], [{"op": "try", "body": [odd], "catch": []}]]}]

    told = complaint(tmp_path, PLAIN, "functions.0.body", body)

    assert "functions[0].body[0].branches[1][0].body[0].mode is 'nonsense'" in told


def test_the_page_names_every_word_of_the_format() -> None:
    page = (HERE.parent.parent / "docs" / "cases.md").read_text("utf-8")
    operations = program_shape._OPERATIONS
    words = [*operations, *case_shape.NEEDS, *program_shape._MODES]
    words += [word for keys in operations.values() for part in keys for word in part]

    assert [word for word in words if f"`{word}`" not in page and f"`{word}?`" not in page] == []
