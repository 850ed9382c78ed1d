"""Memos: storing a step's outcome once, and going on when that lets the run go on."""

from __future__ import annotations

from dwf_sim.engine.queue import new_item, push
from dwf_sim.engine.turn import Turn
from dwf_sim.model.payload import byte_count
from dwf_sim.model.records import MemoRefused, StepMemoized
from dwf_sim.model.run import EDGE, Run


def save(turn: Turn, run: Run, step: str, memo: str, kind: str, event: str | None = None) -> None:
    """Store a memo, JSON text, unless the step has one: the first one stands (A5).

    `event` is the internal id of the event that the memo holds, if it does.
    """
    run.pending.pop(step, None)
    label = run.labels[step]
    first = run.memos.get(step)
    if first is None:
        run.memos[step] = memo
        run.state_size += byte_count(memo)
        turn.emit(StepMemoized(run.id, label, kind, event))
    elif first != memo:
        turn.emit(MemoRefused(run.id, label))


def may_go_on(run: Run, *, race: bool) -> bool:
    """Say whether a completion leads back to the handler: all of a group are done (A31), or the
    step is part of a race (A32), or the SDK does not join at all (A37)."""
    return race or run.function.request_version < 2 or not run.pending


def go_on(turn: Turn, run: Run, job: str, *, race: bool, kind: str = EDGE) -> None:
    """Queue the request that discovers what comes next, if the run may go on (A17, A31, A32)."""
    if not may_go_on(run, race=race):
        return
    if not race and run.join_key:
        job = f"{run.join_key}-discover"
    leave_group(run)
    push(turn, new_item(turn, run, kind), job)


def leave_group(run: Run) -> None:
    """Forget of a group what is over once the handler is entered again: its steps are joined,
    and a step may run at once as before (A28)."""
    if not run.pending:
        run.join_key = ""
    if run.function.request_version >= 2:
        run.plan_only = False
