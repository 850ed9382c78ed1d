"""The shape of a whole recording, so that one from which facts were taken does not pass for less.

Of what the server did all facts must be there; only where the SDK refused a function, before any
request, there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dwf_sim.conformance.program_shape import EVENT, FUNCTION
from dwf_sim.conformance.shape import (
    Shape,
    ShapeError,
    anything,
    count,
    flag,
    integer,
    interval,
    name,
    number,
    one_of,
    or_null,
    rows,
    stable,
    table,
    text,
    wrong,
)

NEEDS = (
    "signals",
    "promise-parallel",
    "checkpointing",
    "worker-faults",
    "errors",
    "durations",
    "steps",
    "flow-control",
    "ts-sdk-behaviour",
)
"""What a recording may say that it needs."""

_STATUSES = ("QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED")

_CASE = table(
    {
        "name": name,
        "area": name,
        "functions": rows(FUNCTION),
        "send": rows(table({"at": number}, {"events": rows(EVENT), "raw": anything})),
        "until": number,
        "observed": table({"sync": anything}, is_open=True),
    },
    {
        "needs": rows(one_of(*NEEDS)),
        "client": table({}, {"checkpointing": flag}),
        "cancel_run": rows(table({"at": number, "function": text}, {"nth": count})),
        "signal": rows(table({"at": number, "signal": text}, {"data": anything})),
    },
    is_open=True,
)


def _sample_of_time(path: str, value: Any) -> None:
    """Take the instant of one repetition, which is a number."""
    (interval if isinstance(value, list) else or_null(number))(path, value)


_TIME = stable(interval, _sample_of_time)
_TIME_OR_NULL = stable(or_null(interval), _sample_of_time)
_EXECUTION = table(
    {
        "attempt": stable(count),
        "start": _TIME,
        "end": _TIME_OR_NULL,
        "outcome": stable(text),
    },
    is_open=True,
)
_RUN: Mapping[str, Shape] = {
    "run": name,
    "function": text,
    "events": stable(rows(stable(text))),
    "status": stable(one_of(*_STATUSES)),
    "queued": _TIME,
    "started": _TIME_OR_NULL,
    "ended": _TIME_OR_NULL,
    "handler_entries": stable(count),
    "entries": stable(
        rows(
            stable(
                table({"t": _TIME, "attempt": stable(count), "left": stable(text)}, is_open=True)
            )
        )
    ),
    "steps": stable(
        rows(
            stable(
                table({"id": text, "executions": stable(rows(stable(_EXECUTION)))}, is_open=True)
            )
        )
    ),
}
_RUN_TYPESCRIPT: Mapping[str, Shape] = {
    "requests": stable(
        table(
            {"count": stable(count), "targeted": stable(count), "answers": anything}, is_open=True
        )
    ),
    "checkpoints": stable(
        table({"count": stable(count), "steps": stable(rows(stable(rows(text))))}, is_open=True)
    ),
}
_ORDER = stable(rows(text))
_ANSWER = table({"status": stable(integer), "body": anything}, is_open=True)
_SYSTEM_EVENT = table(
    {"name": stable(text), "received": _TIME, "data": stable(table({}, is_open=True))},
    is_open=True,
)
_OBSERVED: Mapping[str, Shape] = {
    "sends": stable(rows(_ANSWER)),
    "events": stable(rows(stable(table({"event": text, "name": text, "from": text})))),
    "run_start_order": _ORDER,
    "step_start_order": _ORDER,
    "internal_events": stable(rows(_SYSTEM_EVENT)),
}


def check_case(case: Any, path: Path) -> None:
    """Check a whole recording; raises `ShapeError`, which names the place."""
    _CASE("", case)
    if case["name"] != path.stem:
        raise wrong("name", case["name"], f"{path.stem!r}, as the file is named")
    if case["until"] <= 0:
        raise wrong("until", case["until"], "more than 0")
    _check_functions(case["functions"])
    _check_instants(case)
    _check_observed(case)


def _check_functions(functions: list[Mapping[str, Any]]) -> None:
    ids = [function["id"] for function in functions]
    for place, function_id in enumerate(ids):
        if function_id in ids[:place]:
            raise wrong(f"functions[{place}].id", function_id, "another than those before it")


def _check_instants(case: Mapping[str, Any]) -> None:
    for key in ("send", "cancel_run", "signal"):
        for place, timed in enumerate(case.get(key, [])):
            if not 0 <= timed["at"] <= case["until"]:
                allowed = f"from 0 to until, which is {case['until']}"
                raise wrong(f"{key}[{place}].at", timed["at"], allowed)
    for place, send in enumerate(case["send"]):
        if ("events" in send) == ("raw" in send):
            raise wrong(f"send[{place}]", send, "a send with either events or raw")
    ids = [function["id"] for function in case["functions"]]
    for place, cancel in enumerate(case.get("cancel_run", [])):
        if cancel["function"] not in ids:
            raise wrong(f"cancel_run[{place}].function", cancel["function"], "a function's id")


def _check_observed(case: Mapping[str, Any]) -> None:
    observed = case["observed"]
    if isinstance(observed["sync"], Mapping) and "sdk_error" in observed["sync"]:
        error = table({"message": text, "name": text})
        table({"sync": table({"sdk_error": error})})("observed", observed)
        return
    is_typescript = "needs" in case
    run = table({**_RUN, **(_RUN_TYPESCRIPT if is_typescript else {})}, is_open=True)
    more = {
        theirs: stable(rows(stable(_ANSWER)))
        for ours, theirs in (("signal", "signals"), ("cancel_run", "cancel_run"))
        if ours in case
    }
    sync = table({"status": integer, "body": table({}, is_open=True)}, {"detail": text})
    table({"sync": sync, **_OBSERVED, "runs": stable(rows(run)), **more}, is_open=True)(
        "observed", observed
    )
    runs = observed["runs"] if isinstance(observed["runs"], list) else []
    for place, one in enumerate(runs):
        _check_outcome(f"observed.runs[{place}]", one, is_typescript=is_typescript)
    if "error" in observed["sync"]["body"]:
        table({"detail": name}, is_open=True)("observed.sync", observed["sync"])
        if runs:
            raise wrong("observed.runs", runs, "empty, since the app was refused")
    elif "detail" in observed["sync"]:
        raise wrong("observed.sync.detail", observed["sync"]["detail"], "absent: it was accepted")


def _check_outcome(path: str, run: Mapping[str, Any], *, is_typescript: bool) -> None:
    """A completed run has an output, and a failed one an error; TypeScript's may have an output of
    what answered instead of the SDK."""
    told = [key for key in ("output", "error") if key in run]
    allowed = {"FAILED": ["error", "output"] if is_typescript else ["error"]}
    status = run["status"] if isinstance(run["status"], str) else ""
    either = allowed.get(status, ["output"] if status else ["output", "error"])
    if not any(key in either for key in told):
        raise ShapeError(
            f"{path}.{either[0]} is absent; a run of status {run['status']} has one: "
            "mend it or record it again"
        )
