"""Checkpoints: steps that are reported while their request goes on (A202, A205, A208)."""

from __future__ import annotations

from dwf_sim.engine.memos import save
from dwf_sim.engine.sizes import too_big
from dwf_sim.engine.turn import Turn
from dwf_sim.model.messages import Checkpointed
from dwf_sim.model.ops import StepRun, label_of
from dwf_sim.model.records import CheckpointRefused, StepsCheckpointed
from dwf_sim.model.run import Run


def checkpoint(turn: Turn, message: Checkpointed) -> None:
    """Store the steps of a request that goes on, unless nobody waits for its answer any more.

    The steps that follow have attempts of their own (A205). The server resets them in the queue
    alone, so that what the worker there counts on from is not settled by the rules.
    """
    item = turn.state.leased.get(message.number)
    if item is None or item.run.is_ended:
        reason = "its run has ended" if item else "its request was answered before, or given up"
        turn.emit(CheckpointRefused(message.number, reason))
        return
    if (trouble := too_big(turn, item.run, message.steps)) is not None:
        turn.emit(CheckpointRefused(message.number, trouble))
        return
    steps = tuple([label_of(op) for op in message.steps])
    turn.emit(StepsCheckpointed(item.run.id, message.number, steps))
    keep(turn, item.run, message.steps)
    item.attempt = 0


def keep(turn: Turn, run: Run, steps: tuple[StepRun, ...]) -> None:
    """Store what steps returned; what is stored already stays as it is (A5, A208)."""
    for op in steps:
        run.labels.setdefault(op.hash, label_of(op))
        save(turn, run, op.hash, f'{{"data":{op.data}}}', "data")
