"""Turns: of the runs of a function that wait for the same, the one with priority starts first."""

from __future__ import annotations

import attrs

from dwf_sim.model.records import ItemDelayed, RequestSent, RunFinished, RunScheduled
from dwf_sim.model.run import START
from dwf_sim.model.served import FunctionServed
from dwf_sim.sim.trace import Trace

__all__ = ["out_of_turn"]


@attrs.frozen
class _Waiting:
    """A run whose start was held up: since when, and when it counts as created."""

    run: RunScheduled
    since: int
    score: int


def out_of_turn(trace: Trace) -> tuple[str, tuple[str, ...]] | None:
    """Find a run that started although one waited that counts as created before it.

    Gives what there is to say and the two runs. Only functions with a priority are looked at, and
    of their runs those that need the same gates and were not put off to a later instant.
    """
    with_priority: dict[str, None] = {}
    created: dict[str, _Waiting] = {}
    waiting: dict[str, _Waiting] = {}
    for entry in trace:
        match entry.record:
            case FunctionServed() as served if served.priority is not None:
                with_priority[served.function] = None
            case RunScheduled() as run if (
                run.function in with_priority and run.start_at <= entry.at
            ):
                created[run.run] = _Waiting(run, entry.at, entry.at - run.head_start_ms)
            case ItemDelayed(run=run_id, item=item) if item == START and run_id in created:
                waiting.setdefault(run_id, attrs.evolve(created[run_id], since=entry.at))
            case RequestSent(run=run_id, item=item) if item == START and run_id in created:
                waiting.pop(run_id, None)
                mine = created.pop(run_id)
                for other in waiting.values():
                    if _comes_first(other, mine, entry.at):
                        return _text(mine, other), (run_id, other.run.run)
            case RunFinished(run=run_id):
                waiting.pop(run_id, None)
    return None


def _comes_first(other: _Waiting, mine: _Waiting, now: int) -> bool:
    is_rival = other.run.function == mine.run.function and other.run.keys == mine.run.keys
    return is_rival and other.since < now and other.score < mine.score


def _text(mine: _Waiting, other: _Waiting) -> str:
    return (
        f"priority: {mine.run.label} started while {other.run.label} waited, which counts as "
        f"created {mine.score - other.score} ms before it"
    )
