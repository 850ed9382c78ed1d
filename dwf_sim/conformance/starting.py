"""When a recording begins here: so long before the ticks of its crons as it did there."""

from __future__ import annotations

import datetime

from dwf_sim.conformance.recordings import Recording
from dwf_sim.cron import Cron, parse_cron
from dwf_sim.errors import CronError
from dwf_sim.world.simulation import START

_WEEK_MINUTES = 7 * 24 * 60
_NEAR_MS = 1_000


def start_of(recording: Recording) -> datetime.datetime:
    """Choose an instant from which on each cron ticks first when it did while recording.

    A case without crons begins with a second. The search goes through a week of minutes; if none
    fits, the first run of all decides.
    """
    recorded = _recorded_s(recording)
    if not recorded:
        return START
    first = min(recorded.values())
    start = START - datetime.timedelta(seconds=round(first, 2))
    crons = {text: cron for text in _texts(recording) if (cron := _cron(text)) is not None}
    until_ms = round(recording.until * 1000)
    for minutes in range(_WEEK_MINUTES):
        candidate = start + datetime.timedelta(minutes=minutes)
        at_ms = round(candidate.timestamp() * 1000)
        if all(_fits(cron, at_ms, recorded.get(text), until_ms) for text, cron in crons.items()):
            return candidate
    return start


def _recorded_s(recording: Recording) -> dict[str, float]:
    """Say by cron when its first run was queued, in seconds after the beginning."""
    found: dict[str, float] = {}
    runs = recording.observed.get("runs", [])
    for run in runs if isinstance(runs, list) else ():
        if "cron" in run and isinstance(run["queued"], list):
            at = sum(run["queued"]) / 2
            found[run["cron"]] = min(at, found.get(run["cron"], at))
    return found


def _texts(recording: Recording) -> list[str]:
    triggers = [trigger for function in recording.functions for trigger in function["triggers"]]
    return list(dict.fromkeys(trigger["cron"] for trigger in triggers if "cron" in trigger))


def _cron(text: str) -> Cron | None:
    """Read a cron; one that is refused ticks never."""
    try:
        return parse_cron(text)
    except CronError:
        return None


def _fits(cron: Cron, at_ms: int, recorded_s: float | None, until_ms: int) -> bool:
    """Whether the next tick is where it was recorded, or after the end if there was none."""
    tick = cron.next(at_ms)
    if recorded_s is None:
        return tick is None or tick > at_ms + until_ms
    return tick is not None and abs(tick - at_ms - recorded_s * 1000) <= _NEAR_MS
