"""The queue: items that wait for their time, for a worker, or for an answer."""

from __future__ import annotations

from dwf_sim.engine.turn import Turn
from dwf_sim.model.effects import Call, SetTimer
from dwf_sim.model.messages import Request
from dwf_sim.model.records import JobRepeated, LeaseLost, RequestSent
from dwf_sim.model.run import RUNNING, SCHEDULED, Item, Run


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
    if item.due <= turn.now and not spread:
        turn.state.ready.append(item)
    else:
        turn.state.waiting[item.seq] = item
        turn.effects.append(SetTimer(item.due, item.seq, spread, stream))


def drop(turn: Turn, item: Item) -> None:
    """Take an item out of the queue; one that a worker has is left to end on its own (A113)."""
    item.run.items.pop(item.seq, None)
    turn.state.waiting.pop(item.seq, None)


def next_ready(turn: Turn) -> Item | None:
    """Take the next item that is due and not dropped, first come first served (G2)."""
    ready = turn.state.ready
    while ready:
        item = ready.popleft()
        if item.run.items.pop(item.seq, None) is not None:
            return item
    return None


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
    label = run.labels.get(target) if target is not None else None
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


def expire(turn: Turn, number: int) -> None:
    """Queue a leased item again after its lease was lost; no attempt is used up (A223)."""
    item = turn.state.leased.pop(number, None)
    if item is None or item.run.is_ended:
        return
    turn.emit(LeaseLost(item.run.id, number))
    item.due = turn.now
    place(turn, item)
