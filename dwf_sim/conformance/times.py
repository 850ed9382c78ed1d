"""Which times agree: a recorded interval holds the noise of a machine, and ours has none.

The tolerances are those that come with the recordings. Latencies mean nothing, so that a long row
of requests may be over earlier here; default retry delays are drawn, so that all which follows one
in the same run, or waits for that, may come so much earlier or later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import attrs

from dwf_sim.conformance.program import operations
from dwf_sim.conformance.unstable import samples_of
from dwf_sim.model.event import INVOKED

Table: TypeAlias = Mapping[str, Any]
Interval: TypeAlias = tuple[float, float]

TOLERANCE_S = 0.7
DIFFERENCE_S = 0.5
REQUEST_S = 0.06  # What the recorded server needed for one request, at most.
EVENT_S = 0.25  # And for an event that it or a step sent.
JITTER_S = 30.0  # Between the shortest and the longest default delay of a retry.
RETRY_RANGES: tuple[Interval, ...] = ((15, 45), (30, 60), (60, 90))

_NOBODY = ""  # Whose the events are of which a recording does not say who sent them.
_HEARING = ("invoke", "wait", "signal")  # Operations that wait for what another run does.
_SET_TIME = "RetryAfterError"  # After it a retry comes when it says, and no delay is drawn.


@attrs.frozen
class Instant:
    """Something that took the server time, or a drawn delay that is over, and in whose run."""

    at: float
    run: str


@attrs.frozen
class Slack:
    """How much earlier or later something may be here than while recording."""

    requests: tuple[Instant, ...]  # When requests began.
    events: tuple[Instant, ...]  # When events arrived that a run made.
    retries: tuple[Instant, ...]  # When drawn retries began.
    kin: Mapping[str, frozenset[str]]  # By run those whose time is part of its own.

    def fault(self, recorded: Interval, got: float, run: str | None) -> str | None:
        """Say what was allowed, if a time does not agree; None if it does."""
        drawn = self._count(self.retries, recorded[0], run) * JITTER_S
        low = recorded[0] - TOLERANCE_S - drawn - self._latency(recorded[0], run)
        high = recorded[1] + TOLERANCE_S + drawn
        if low <= got <= high:
            return None
        before, after = recorded[0] - low, high - recorded[1]
        allowed = f"±{after:.2f}" if math.isclose(before, after) else f"-{before:.2f} +{after:.2f}"
        return f"{recorded[0]:.2f} to {recorded[1]:.2f} s ({allowed})"

    def fault_of_difference(
        self, first: Interval, second: Interval, got: float, run: str
    ) -> str | None:
        """Say what was allowed, if the time between two facts of one run does not agree."""
        recorded = (second[0] - first[1], second[1] - first[0])
        drawn = JITTER_S * (
            self._count(self.retries, second[0], run) - self._count(self.retries, first[0], run)
        )
        latency = self._latency(second[1], run) - self._latency(first[0], run)
        low = recorded[0] - DIFFERENCE_S - drawn - latency
        high = recorded[1] + DIFFERENCE_S + drawn
        return None if low <= got <= high else f"{low:.2f} to {high:.2f} s between them"

    def _latency(self, until: float, run: str | None) -> float:
        """Say how much of the recorded time may have been latency, which means nothing."""
        requests = self._count(self.requests, until, run) * REQUEST_S
        return requests + self._count(self.events, until, run) * EVENT_S

    def _count(self, instants: tuple[Instant, ...], until: float, run: str | None) -> int:
        kin = self.kin.get(run or _NOBODY)
        return sum(one.at <= until and (kin is None or one.run in kin) for one in instants)


def slack_of(functions: list[Table], observed: Table) -> Slack:
    """Work out the slack of a case from what was recorded."""
    runs, told = observed.get("runs", []), observed.get("internal_events", [])
    invoked = [Instant(e["received"][0], _NOBODY) for e in told if e["name"] == INVOKED]
    return Slack(
        requests=tuple(Instant(at, run["run"]) for run in runs for at in _requests(run)),
        events=(*invoked, *(Instant(at, run["run"]) for run in runs for at in _arrivals(run))),
        retries=tuple(Instant(at, run["run"]) for run in runs for at in drawn_retries(run)),
        kin=_kin(functions, observed),
    )


def is_drawn(before: Table, after: Table, left: str) -> bool:
    """Whether the delay between two executions, or two entries of a handler, was drawn.

    So it is for a retry, unless what failed said itself when to come again; and no other is so
    long. `left` names the field that says how the first one ended.
    """
    outcome = before[left] if isinstance(before[left], str) else ""
    has_failed = outcome.startswith(("error ", "crash")) and not outcome.endswith(_SET_TIME)
    attempts = before["attempt"], after["attempt"]
    is_known = all(isinstance(attempt, int) for attempt in attempts)
    return has_failed and is_known and attempts[1] == attempts[0] + 1


def entries_of(run: Table) -> list[Table]:
    """List a run's entries; one whose worker died in a step is said to have ended so."""
    crashes = [
        execution["start"][0]
        for step in run["steps"]
        for execution in step["executions"]
        if execution["outcome"] == "crash"
    ]
    begins = [*(entry["t"][0] for entry in run["entries"]), math.inf]
    return [
        {**entry, "left": "crash"} if any(low <= at < high for at in crashes) else entry
        for entry, (low, high) in zip(run["entries"], pairwise(begins), strict=True)
    ]


def drawn_retries(run: Table) -> Iterator[float]:
    """List when retries began whose delay was drawn."""
    least = RETRY_RANGES[0][0] - 1
    entered = [entry["t"][0] for entry in run["entries"]]
    found = {
        after["t"][0]
        for entry, after in pairwise(entries_of(run))
        if is_drawn(entry, after, "left") and after["t"][0] - entry["t"][1] >= least
    }
    for step in run["steps"]:
        for execution, after in pairwise(step["executions"]):
            delay = after["start"][0] - (execution["end"] or execution["start"])[1]
            if is_drawn(execution, after, "outcome") and delay >= least:
                began = after["start"][0]
                found.add(max((at for at in entered if at <= began), default=began))
    yield from sorted(found)


def _requests(run: Table) -> list[float]:
    requests = [entry["t"][0] for entry in run["entries"]]
    if "step_count" in run:  # Of long runs only the ends were kept.
        missing = max(samples_of(run["handler_entries"])) - len(run["entries"])
        requests += [run["entries"][len(run["entries"]) // 2 - 1]["t"][1]] * missing
    return requests


def _arrivals(run: Table) -> list[float]:
    """List when the events arrived that started a run from inside, and that told its end."""
    if run["events"] != ["event-internal"] or "cron" in run:
        return []
    return [times[0] for times in (run["queued"], run["ended"]) if isinstance(times, list)]


def _kin(functions: list[Table], observed: Table) -> dict[str, frozenset[str]]:
    """Say by run whose time is part of its own: of other functions for one that another run began
    or that waits for others, and of those it competes with for a place."""
    runs = observed.get("runs", [])
    outside = {event["event"] for event in observed.get("events", []) if event["from"] == "client"}
    hearing = {
        function["id"]
        for function in functions
        if any(op["op"] in _HEARING for op in operations(function))
    }
    limited = {f["id"] for f in functions if "concurrency" in f or "throttle" in f}
    kin: dict[str, frozenset[str]] = {}
    for run in runs:
        function = run["function"]
        is_inside = "cron" not in run and not all(label in outside for label in _labels(run))
        found = {run["run"]}
        if is_inside or function in hearing:
            found |= {_NOBODY, *(one["run"] for one in runs if one["function"] != function)}
        if function in limited:
            found |= {one["run"] for one in runs if one["function"] in limited}
        kin[run["run"]] = frozenset(found)
    return kin


def _labels(run: Table) -> list[Any]:
    """The events of a run; one that was not the same each time came from outside."""
    events = run["events"] if isinstance(run["events"], list) else []
    return [event for event in events if isinstance(event, str)]
