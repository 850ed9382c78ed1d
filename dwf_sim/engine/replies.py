"""Replies: an answer to a request is folded into its run (A16-A40, A60-A81)."""

from __future__ import annotations

from typing import assert_never

from dwf_sim.engine import queue
from dwf_sim.engine.checkpoints import keep
from dwf_sim.engine.finish import OVERFLOWED, broken, fail_early, finish, overflow_text, threw
from dwf_sim.engine.ops import (
    FailEarly,
    Refused,
    StepFailed,
    handle_op,
    save_outcome,
    state_overflow,
)
from dwf_sim.engine.retries import has_attempts, retry, retry_or_drop
from dwf_sim.engine.sizes import advise, readable, too_big
from dwf_sim.engine.turn import Turn
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Broken, OnlySaved, Ops, Response, Returned, Threw
from dwf_sim.model.ops import Op, StepErrored, StepRun, WaitForEvent, WaitForSignal, label_of
from dwf_sim.model.payload import as_doubles
from dwf_sim.model.records import ResponseIgnored, ResponseReceived
from dwf_sim.model.run import COMPLETED, EDGE, Item, Run


def reply(turn: Turn, number: int, response: Response) -> None:
    """Fold an answer in, unless nobody waits for it any more (A228)."""
    item = queue.end_lease(turn, number)
    if item is None:
        turn.emit(ResponseIgnored(number, "its request was answered before, or given up"))
        return
    run = item.run
    if run.ended_at is not None:
        turn.emit(ResponseIgnored(number, "its run has ended"))
        return
    response = readable(turn, run, response)
    turn.emit(ResponseReceived(run.id, number, _summary(response), _is_final(response)))
    match response:
        case Ops():
            _take_ops(turn, item, response)
        case Returned():
            if response.steps and too_big(turn, run, response.steps) is not None:
                failure = state_overflow(turn, run)
                fail_early(turn, run, failure.name, failure.message)
                return
            keep(turn, run, response.steps)
            finish(turn, run, COMPLETED, as_doubles(response.output))
        case Threw():
            _take_error(turn, item, response)
        case Broken():
            _take_broken(turn, item, response)
        case _:
            assert_never(response)


def only_save(turn: Turn, message: OnlySaved) -> None:
    """Save what an answer reports as done and nothing else: what follows is never queued (A225).

    The lease stays, so that the request is sent again when it is over; it then has these memos.
    """
    item = turn.state.leased[message.number]
    for op in message.ops:
        item.run.labels.setdefault(op.hash, label_of(op))
        save_outcome(turn, item.run, op)


def _take_ops(turn: Turn, item: Item, response: Ops) -> None:
    run, ops = item.run, response.ops
    ops_max = turn.limits.ops_per_response
    if len(ops) > ops_max:
        advise(turn, run, f"{len(ops)} steps were reported at once; {ops_max} may be")
        fail_early(turn, run, OVERFLOWED, overflow_text(ops_max))
        return
    if not ops:
        queue.push(turn, queue.new_item(turn, run, EDGE), f"none-{item.seq}-{item.attempt}")
    if len(ops) > 1:
        _join(run, ops)
        ops = _in_order_of_handling(ops)
    failed: StepFailed | None = None
    for op in ops:
        match handle_op(turn, item, op):
            case FailEarly() as failure:
                fail_early(turn, run, failure.name, failure.message, failure.stack)
                return
            case Refused() as refusal:
                retry_or_drop(turn, item, refusal.reason)
                return
            case StepFailed() as first:
                failed = failed or first
    if failed is not None:  # However many steps failed, it is one attempt of the item.
        retry(turn, item, failed.reason, retry_at=response.retry_at)


def _in_order_of_handling(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    """Waits for events come first, so that nothing of this response can happen before them (A23).

    Of two waits for one signal the server registers the later one first, so the earlier one
    replaces it (recorded: signal_same_run_parallel_replace).
    """
    waits = [op for op in ops if isinstance(op, WaitForEvent)]
    signals = [op for op in ops if isinstance(op, WaitForSignal)]
    others = [op for op in ops if not isinstance(op, WaitForEvent | WaitForSignal)]
    return (*waits, *reversed(signals), *others)


def _join(run: Run, ops: tuple[Op, ...]) -> None:
    """Steps reported together are joined: the last one done leads on (A28, A31)."""
    run.plan_only = True
    if run.function.request_version < 2:
        return
    if all(isinstance(op, StepRun | StepErrored) for op in ops):
        return
    # A step can be done by the time a race reports it once more; waiting for it would hang.
    hashes = [op.hash for op in ops if op.hash not in run.memos]
    run.pending = dict.fromkeys(hashes)
    run.join_key = step_hash(" ".join(sorted(hashes))) if hashes else ""


def _take_error(turn: Turn, item: Item, response: Threw) -> None:
    """An error outside of steps uses up an attempt of the item, or ends the run (A74, A75)."""
    error = response.error
    if response.retriable and has_attempts(item):
        retry(turn, item, f"{error.name}: {error.message}", retry_at=response.retry_at)
    else:
        threw(turn, item.run, response)


def _take_broken(turn: Turn, item: Item, response: Broken) -> None:
    """No answer uses up an attempt; the last one ends the run, never just the step (A80)."""
    if has_attempts(item):
        retry(turn, item, response.error.message)
    else:
        broken(turn, item.run, response)


def _is_final(response: Response) -> bool:
    """Say whether it holds an error that must not be retried (A67, A68, A75)."""
    if type(response) is Threw:
        return not response.retriable
    if type(response) is Ops and len(response.ops) == 1:
        op = response.ops[0]
        return type(op) is StepErrored and op.final
    return False


def _summary(response: Response) -> str:
    match response:
        case Ops(ops=(op,)):
            return f"{type(op).__name__}:{label_of(op)}"
        case Ops():
            return " + ".join(_summaries(response.ops))
        case Returned():
            return (
                " + ".join([*_summaries(response.steps), "return"]) if response.steps else "return"
            )
        case Threw():
            return f"error {response.error.name}"
        case Broken():
            return response.error.message
        case _:
            assert_never(response)


def _summaries(ops: tuple[Op, ...]) -> list[str]:
    return [f"{type(op).__name__}:{label_of(op)}" for op in ops]
