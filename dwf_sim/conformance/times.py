"""Which times agree: a recorded interval holds the noise of a machine, and ours has none.

The tolerances are those that come with the recordings. Latencies mean nothing, so that a long row
of requests may be over earlier here; default retry delays are drawn, so that all which follows one
may come so much earlier or later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from dwf_sim.model.event import INVOKED

Interval: TypeAlias = tuple[float, float]

TOLERANCE_S = 0.7
DIFFERENCE_S = 0.5
REQUEST_S = 0.06  # What the recorded server needed for one request, at most.
EVENT_S = 0.3  # And for an event that it or a step sent.
BUFFER_S = 0.5  # How long it keeps an event before it counts for a batch.
JITTER_S = 30.0  # Between the shortest and the longest default delay of a retry.
RETRY_RANGES: tuple[Interval, ...] = ((15, 45), (30, 60), (60, 90))


@attrs.frozen
class Slack:
    """How much earlier or later something may be here than while recording."""

    requests: tuple[float, ...]  # When requests began, in all of the case.
    events: tuple[float, ...]  # When events arrived that a run made.
    retries: tuple[float, ...]  # When drawn retries began.
    batched: frozenset[str]  # Runs of a batch.
    early: frozenset[str]  # Those that may begin at once, where the server made them wait.

    def fault(self, recorded: Interval, got: float, run: str | None) -> str | None:
        """Say what is wrong with a time; None if it agrees."""
        low, high = recorded
        drawn = self._count(self.retries, low) * JITTER_S
        low -= TOLERANCE_S + drawn + self._latency(low)
        high += TOLERANCE_S + drawn
        if run in self.batched:
            low -= BUFFER_S
        if run in self.early:
            low = 0.0
        return None if low <= got <= high else f"{got:.2f} s"

    def fault_of_difference(self, first: Interval, second: Interval, got: float) -> str | None:
        """Say what is wrong with the time between two facts of one run."""
        recorded = (second[0] - first[1], second[1] - first[0])
        drawn = self._count(self.retries, second[0]) - self._count(self.retries, first[0])
        latency = self._latency(second[1]) - self._latency(first[0])
        low = recorded[0] - DIFFERENCE_S - drawn * JITTER_S - latency
        high = recorded[1] + DIFFERENCE_S + drawn * JITTER_S
        return None if low <= got <= high else f"{got:.2f} s between them"

    def _latency(self, until: float) -> float:
        """Say how much of the recorded time may have been latency, which means nothing."""
        events = self._count(self.events, until) * EVENT_S
        return self._count(self.requests, until) * REQUEST_S + events

    def _count(self, instants: tuple[float, ...], until: float) -> int:
        return sum(at <= until for at in instants)


def slack_of(functions: list[Mapping[str, Any]], observed: Mapping[str, Any]) -> Slack:
    """Work out the slack of a case from what was recorded."""
    runs, told = observed.get("runs", []), observed.get("internal_events", [])
    invoked = [event["received"][0] for event in told if event["name"] == INVOKED]
    requests = [entry["t"][0] for run in runs for entry in run["entries"]]
    for run in runs:
        if "step_count" in run:  # Of long runs only the ends were kept.
            missing = run["handler_entries"] - len(run["entries"])
            requests += [run["entries"][len(run["entries"]) // 2 - 1]["t"][1]] * missing
    retries = [at for run in runs for at in _drawn_retries(run)]
    sizes = {f["id"]: f["batch_events"]["max_size"] for f in functions if "batch_events" in f}
    batches = [run for run in runs if run["function"] in sizes]
    full = [run for run in batches if len(run["events"]) == sizes[run["function"]]]
    return Slack(
        requests=tuple(requests),
        events=(*invoked, *(at for run in runs for at in _arrivals(run))),
        retries=tuple(retries),
        batched=frozenset(run["run"] for run in batches),
        early=frozenset(run["run"] for run in full),
    )


def _arrivals(run: Mapping[str, Any]) -> list[float]:
    """List when the events arrived that started a run from inside, and that told its end."""
    if run["events"] != ["event-internal"] or "cron" in run:
        return []
    return [times[0] for times in (run["queued"], run["ended"]) if isinstance(times, list)]


def _drawn_retries(run: Mapping[str, Any]) -> list[float]:
    """List when retries began whose delay was drawn: no other is so long."""
    times = [entry["t"] for entry in run["entries"]]
    return [
        entry["t"][0]
        for entry, before in zip(run["entries"][1:], times, strict=False)
        if entry["attempt"] > 0 and entry["t"][0] - before[1] >= RETRY_RANGES[0][0] - 1
    ]
