"""The queue: items that wait for their time, for a worker, or for an answer."""

from __future__ import annotations

from dwf_sim.engine.state import GateAlarm
from dwf_sim.engine.turn import Turn
from dwf_sim.model.effects import Call, SetTimer
from dwf_sim.model.messages import Request
from dwf_sim.model.records import ItemDelayed, JobRepeated, LeaseLost, RequestSent
from dwf_sim.model.run import (
    EDGE,
    EDGE_ERROR,
    PAUSE_TIMEOUT,
    RUN_TIMEOUT,
    RUNNING,
    SCHEDULED,
    SLEEP,
    START,
    Item,
    Run,
)

FUTURE_MS = 2000  # From here on an item is ordered by its own time (B135).


def new_item(turn: Turn, run: Run, kind: str, *, due: int | None = None) -> Item:
    """Make an item for a run, due now unless another time is given."""
    turn.state.items_made += 1
    return Item(turn.state.items_made, run, kind, turn.now if due is None else due)


def push(turn: Turn, item: Item, job: str) -> bool:
    """Queue an item unless its job was queued before; say whether it was queued (A224)."""
    run = item.run
    if job in run.jobs:
        turn.emit(JobRepeated(run.id, job))
        return False
    run.jobs[job] = None
    place(turn, item)
    return True


def place(turn: Turn, item: Item, *, spread: int = 0, stream: str = "") -> None:
    """Put an item where its time says: ready now, or waiting for a timer."""
    item.run.items[item.seq] = item
    item.score = _score(turn, item)
    if item.score > turn.now:
        item.due = max(item.due, item.score)
    if item.due <= turn.now and not spread:
        make_ready(turn, item)
    else:
        turn.state.waiting[item.seq] = item
        turn.effects.append(SetTimer(item.due, item.seq, spread, stream))


def earliest(turn: Turn, item: Item) -> int:
    """Say when an item may go at the earliest: one of a run that counts as created later, not
    before it counts as created (B119)."""
    score = _score(turn, item)
    return max(item.due, score) if score > turn.now else item.due


def make_ready(turn: Turn, item: Item) -> None:
    """Have an item dealt with at the end of the turn, now that its time has come."""
    if item.kind in (PAUSE_TIMEOUT, RUN_TIMEOUT):
        turn.state.timeouts.append(item)
    else:
        turn.fresh.append(item)


def drop(turn: Turn, item: Item) -> None:
    """Take an item out of the queue; one that a worker has is left to end on its own (A113)."""
    item.run.items.pop(item.seq, None)
    turn.state.waiting.pop(item.seq, None)


def lease(turn: Turn, item: Item) -> None:
    """Hand an item to a worker: send its request (A1)."""
    run, state = item.run, turn.state
    state.requests_made += 1
    number = state.requests_made
    state.leased[number] = item
    if run.status == SCHEDULED:
        run.status = RUNNING
        run.started_at = turn.now
    target = item.target
    label = None if target is None else run.labels.get(target)
    turn.emit(RequestSent(run.id, number, item.kind, item.attempt, label))
    request = Request(
        number,
        run.function.id,
        run.id,
        item.attempt,
        run.function.attempts_max,
        run.events,
        dict(run.memos),
        target,
        run.plan_only,
    )
    turn.effects.append(Call(request))


def end_lease(turn: Turn, number: int) -> Item | None:
    """Take back an item that a worker has, and what it has passed; None if none has it."""
    item = turn.state.leased.pop(number, None)
    if item is not None:
        leave(turn, item)
    return item


def set_gate_timers(turn: Turn) -> None:
    """Have the engine told when gates open that open by themselves."""
    state = turn.state
    for key, at in state.backlog.openings:
        state.items_made += 1
        state.alarms[state.items_made] = GateAlarm(key)
        turn.effects.append(SetTimer(at, state.items_made))
    state.backlog.openings.clear()


def explain_delays(turn: Turn) -> None:
    """Note why items that came due in this turn, or met another gate, are not with a worker."""
    backlog = turn.state.backlog
    items = {item.seq: item for item in (*turn.delayed, *backlog.parked)}
    backlog.parked.clear()
    for item in items.values():
        run = item.run
        if item.seq in run.items:
            policy, reason = backlog.why_waits(turn.now, item)
            turn.emit(ItemDelayed(run.id, item.kind, item.target_label, policy, reason))


def leave(turn: Turn, item: Item) -> None:
    """Let others pass the gates that an item is through with."""
    turn.state.backlog.leave(turn.now, item.gates)
    item.gates = ()


def expire(turn: Turn, number: int) -> None:
    """Queue a leased item again after its lease was lost; no attempt is used up (A223)."""
    item = end_lease(turn, number)
    if item is None:
        return
    turn.emit(LeaseLost(item.run.id, number))
    if item.run.is_ended:
        return
    item.due = turn.now
    place(turn, item)


def _score(turn: Turn, item: Item) -> int:
    """Order items by the creation of their runs, or by their own time if that is far (B135).

    A priority counts for what leads to a first attempt, and for nothing else (B120).
    """
    run = item.run
    is_far = item.due > turn.now + FUTURE_MS
    if is_far and (item.kind != SLEEP or turn.quirks.woken_sleep_queues_behind):
        return item.due
    if item.attempt == 0 and item.kind in (START, EDGE, EDGE_ERROR):
        return run.created_at - run.head_start_ms
    return run.created_at
