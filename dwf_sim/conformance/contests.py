"""Contests: where several runs or steps compete, the recorded server took any of them first.

An order that was not the same each time is no order, so the times of those that changed places may
be any of theirs. And under a limit, the last call of a handler competes with the step of another
run, so that a run may end later by the length of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

Table: TypeAlias = Mapping[str, Any]
Times: TypeAlias = list[float]

_ENDS = ("started", "ended")


def widen(functions: list[Table], observed: Table) -> dict[str, Any]:
    """Give a recording's observation with the times that a contest allows."""
    limited = {function["id"]: function for function in functions if "concurrency" in function}
    competing = {*limited, *(function["id"] for function in functions if "throttle" in function)}
    swapped = _movable(observed["run_start_order"])
    movers = [
        run for run in observed["runs"] if run["run"] in swapped and run["function"] in competing
    ]
    runs, shifts = [], {}
    for run in observed["runs"]:
        wide = dict(run)
        if run["function"] in limited:
            wide = _with_steps_swapped(run, _movable(observed["step_start_order"]))
        if run in movers:
            rivals = [one for one in movers if one["function"] == run["function"]]
            wide = _within(wide, [one[key] for one in rivals for key in _ENDS])
        elif run["function"] in limited:
            wide = _with_late_end(wide, _longest_step(_rivals(run, limited, observed["runs"])))
        runs.append(wide)
        shifts[run["run"]] = _shift(run["ended"], wide["ended"])
    events = [_shifted(event, shifts) for event in observed["internal_events"]]
    return {**observed, "runs": runs, "internal_events": events}


def _rivals(run: Table, limited: Mapping[str, Table], runs: list[Table]) -> list[Table]:
    """List the other runs that were there while this one was, and wanted the same places."""
    shares = _is_shared(limited[run["function"]])
    return [
        other
        for other in runs
        if other["run"] != run["run"]
        and (
            other["function"] == run["function"]
            or (shares and other["function"] in limited and _is_shared(limited[other["function"]]))
        )
        and _overlap(run, other)
    ]


def _is_shared(function: Table) -> bool:
    """Whether a limit of a function is one for other functions, too."""
    return any(limit.get("scope", "fn") != "fn" for limit in function["concurrency"])


def _overlap(run: Table, other: Table) -> bool:
    def ends(one: Table) -> float:
        return float(one["ended"][1]) if isinstance(one["ended"], list) else math.inf

    return bool(run["queued"][0] <= ends(other) and other["queued"][0] <= ends(run))


def _movable(order: Any) -> set[str]:
    """List who changed places from one recording to the next."""
    if isinstance(order, list):
        return set()
    samples: list[list[str]] = order["unstable"]
    return {
        who for sample in samples for who in sample if len({_places(who, s) for s in samples}) > 1
    }


def _places(who: str, order: list[str]) -> tuple[int, ...]:
    return tuple(place for place, one in enumerate(order) if one == who)


def _hull(intervals: list[Any]) -> Times | None:
    known = [interval for interval in intervals if isinstance(interval, list)]
    if not known:
        return None
    return [min(low for low, _ in known), max(high for _, high in known)]


def _longest_step(runs: list[Table]) -> float:
    lengths = [
        execution["end"][0] - execution["start"][0]
        for run in runs
        for step in run["steps"]
        for execution in step["executions"]
        if execution["end"] is not None
    ]
    return max(lengths, default=0.0)


def _with_steps_swapped(run: Table, movable: set[str]) -> dict[str, Any]:
    moved = [step for step in run["steps"] if f"{run['run']}:{step['id']}" in movable]
    facts = [execution for step in moved for execution in step["executions"]]
    hulls = {key: _hull([fact[key] for fact in facts]) for key in ("start", "end")}
    steps = [
        {**step, "executions": [{**fact, **hulls} for fact in step["executions"]]}
        if step in moved
        else step
        for step in run["steps"]
    ]
    return {**run, "steps": steps}


def _within(run: Table, times: list[Any]) -> dict[str, Any]:
    """Let all of a run happen at any time of a contest."""
    contest = _hull(times)
    if contest is None:
        return dict(run)
    steps = [
        {
            **step,
            "executions": [{**e, "start": contest, "end": contest} for e in step["executions"]],
        }
        for step in run["steps"]
    ]
    entries = [{**entry, "t": contest} for entry in run["entries"]]
    ends = {key: contest for key in _ENDS if isinstance(run[key], list)}
    return {**run, **ends, "entries": entries, "steps": steps}


def _with_late_end(run: Table, length: float) -> dict[str, Any]:
    if not isinstance(run["ended"], list) or not run["entries"]:
        return dict(run)
    *entries, last = run["entries"]
    late = {**last, "t": _wider(last["t"], length)}
    return {**run, "ended": _wider(run["ended"], length), "entries": [*entries, late]}


def _wider(interval: Times, length: float) -> Times:
    return [interval[0] - length, interval[1] + length]


def _shift(before: Any, after: Any) -> tuple[float, float]:
    if not isinstance(before, list) or not isinstance(after, list):
        return 0.0, 0.0
    return after[0] - before[0], after[1] - before[1]


def _shifted(event: Table, shifts: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    run = event["data"].get("run_id")
    earlier, later = shifts.get(run if isinstance(run, str) else "", (0.0, 0.0))
    if event["received"] is None:
        return dict(event)
    low, high = event["received"]
    return {**event, "received": [low + earlier, high + later]}
