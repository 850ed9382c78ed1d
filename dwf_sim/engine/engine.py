"""The engine: a function from a message to effects.

It has no clock, no chance, no I/O and calls no user code. Whatever happens to messages on their
way, and when they arrive, is decided elsewhere.
"""

from __future__ import annotations

from typing import assert_never

from dwf_sim.engine import admission, cancellation, pauses, queue
from dwf_sim.engine.finish import STEPS_MAX, overflow
from dwf_sim.engine.memos import leave_group, may_go_on, save
from dwf_sim.engine.replies import reply
from dwf_sim.engine.state import State
from dwf_sim.engine.turn import Turn
from dwf_sim.model.effects import Effect
from dwf_sim.model.messages import (
    EventArrived,
    FunctionsServed,
    ItemDue,
    LeaseExpired,
    Message,
    Replied,
    RunCancelled,
    SignalSent,
)
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import AppServed
from dwf_sim.model.run import PAUSE_TIMEOUT, RUN_TIMEOUT, SCHEDULED, SLEEP, Item


class Engine:
    """Durable execution as the real server does it, rule by rule (`docs/fidelity.md`)."""

    def __init__(self, quirks: Quirks | None = None) -> None:
        self.state = State()
        self._quirks = quirks or Quirks()

    def handle(self, now: int, message: Message) -> list[Effect]:
        """Take one message in at an instant, in milliseconds, and say what follows from it."""
        turn = Turn(now, self.state, self._quirks)
        match message:
            case Replied():
                reply(turn, message.number, message.response)
            case EventArrived():
                admission.receive(turn, message.event)
            case ItemDue():
                _come_due(turn, message.item)
            case SignalSent():
                pauses.resume_signal(turn, message.signal, message.data)
            case RunCancelled():
                if message.run_id in self.state.runs:
                    cancellation.cancel(turn, self.state.runs[message.run_id], "it was asked for")
            case LeaseExpired():
                queue.expire(turn, message.number)
            case FunctionsServed():
                self.state.triggers.serve(message.functions)
                turn.emit(AppServed(tuple(function.id for function in message.functions)))
            case _:
                assert_never(message)
        _dispatch(turn)
        return turn.effects

    def expects(self, item: int) -> bool:
        """Say whether a timer still means anything: its item may have been dropped since."""
        return item in self.state.waiting


def _come_due(turn: Turn, number: int) -> None:
    item = turn.state.waiting.pop(number, None)
    if item is not None:
        turn.state.ready.append(item)


def _dispatch(turn: Turn) -> None:
    """Work through what is ready; taking a timeout can make more ready."""
    while (item := queue.next_ready(turn)) is not None:
        if item.kind == PAUSE_TIMEOUT:
            assert item.pause is not None, "a timeout item has its pause"
            pauses.time_out(turn, item.pause)
        elif item.kind == RUN_TIMEOUT:
            assert item.step is not None, "a limit of a run says which one it is"
            cancellation.time_out(turn, item.run, item.step)
        elif item.kind != SLEEP or _wake(turn, item):
            if len(item.run.memos) >= STEPS_MAX:
                overflow(turn, item.run)
                continue
            if item.run.status == SCHEDULED:
                cancellation.watch_started(turn, item.run)
            queue.lease(turn, item)


def _wake(turn: Turn, item: Item) -> bool:
    """End a sleep; the same item then calls the handler, if the run may go on (A90).

    A retry of that call is past the sleep, so nothing that has been reported since holds it back.
    """
    assert item.step is not None, "a sleep item has its step"
    if item.attempt > 0:
        return True
    save(turn, item.run, item.step, "null", "sleep")
    if not may_go_on(item.run, race=item.race):
        return False
    leave_group(item.run)
    return True
