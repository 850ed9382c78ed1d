"""Healing: once faults have stopped, every run must come to its end, in the time it allows itself.

How long that is follows from the run: what it waits for and until when, its backoff, the attempts
it has left, and how long a request may take. When it has used that up and nothing has moved, it
never will.
"""

from __future__ import annotations

from collections.abc import Iterable

from dwf_sim.engine.retries import BACKOFF_MS, JITTER_MS_MAX
from dwf_sim.engine.runs import Runs
from dwf_sim.engine.state import State
from dwf_sim.model.run import Item, Run
from dwf_sim.report.waiting import wait_graph
from dwf_sim.sim.mishaps import LEASE_MS, REQUEST_MS_MAX
from dwf_sim.sim.runner import Runner


def live_to_the_end(runner: Runner, late_ms: int) -> str | None:
    """Let time go on until all runs that live now have ended; else say who waits for what.

    A fault that has struck may have set timers so late, and leases that are lost run out.
    """
    state = runner.engine.state
    alive = [run_id for run_id in state.runs if not state.runs[run_id].is_ended]

    def all_ended() -> bool:
        while alive and state.runs[alive[-1]].is_ended:
            alive.pop()
        return not alive

    seen = -1
    while not all_ended():
        progress = _progress(state.runs)
        if progress == seen:
            return _story(runner, alive)
        seen = progress
        bound = _bound(state, runner.agenda.now) + late_ms + LEASE_MS
        runner.run(bound, all_ended)
    return None


def _progress(runs: Runs) -> int:
    """Count what is done once and for all: memos, attempts and endings."""
    return sum(
        len(run.memos) + (1 if run.is_ended else sum(item.attempt for item in run.items.values()))
        for run in runs.values()
    )


def _bound(state: State, now: int) -> int:
    """Say by when something must have moved: the latest instant anything of a run is set for."""
    leased: dict[str, list[Item]] = {}
    for item in state.leased.values():
        leased.setdefault(item.run.id, []).append(item)
    bounds = [
        _bound_of(run, leased.get(run.id, ()), now)
        for run in state.runs.values()
        if not run.is_ended
    ]
    return max(bounds, default=now)


def _bound_of(run: Run, leased: Iterable[Item], now: int) -> int:
    items = [*run.items.values(), *leased]
    latest = [max(item.due, now) + _retries_ms(run, item.attempt) for item in items]
    return max([*latest, *(pause.expires_at for pause in run.pauses.values())], default=now) + 1


def _retries_ms(run: Run, attempt: int) -> int:
    """Say how long an item may take with all its attempts: requests, backoff and jitter."""
    left = range(attempt, run.function.attempts_max)
    waits = (BACKOFF_MS[min(each, len(BACKOFF_MS) - 1)] + JITTER_MS_MAX for each in left)
    return sum(waits) + REQUEST_MS_MAX * (len(left) + 1)


def _story(runner: Runner, alive: list[str]) -> str:
    state, now = runner.engine.state, runner.agenda.now
    stuck = [state.runs[run_id] for run_id in alive if not state.runs[run_id].is_ended]
    return wait_graph(
        stuck,
        state.runs,
        runner.trace,
        state.leased.values(),
        state.waiting,
        lambda item: state.backlog.why_waits(now, item),
    )
