"""The engine: a function from a message to effects.

It has no clock, no chance, no I/O and calls no user code. Whatever happens to messages on their
way, and when they arrive, is decided elsewhere.
"""

from __future__ import annotations

from typing import assert_never

from dwf_sim.engine import admission, cancellation, checkpoints, crons, pauses, queue
from dwf_sim.engine.finish import overflow
from dwf_sim.engine.memos import leave_group, may_go_on, save
from dwf_sim.engine.replies import only_save, reply
from dwf_sim.engine.state import Alarm, CronAlarm, GateAlarm, HoldAlarm, State
from dwf_sim.engine.turn import Turn
from dwf_sim.flow import ADMISSION, DISPATCH
from dwf_sim.model.arrival import BY_RERUN
from dwf_sim.model.doubts import doubts
from dwf_sim.model.effects import Effect
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import (
    Checkpointed,
    EventArrived,
    FunctionsServed,
    FunctionSwitched,
    ItemDue,
    LeaseExpired,
    Message,
    OnlySaved,
    Replied,
    RunCancelled,
    RunRerun,
    SignalSent,
)
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import AppServed, Doubted, FunctionPaused
from dwf_sim.model.run import PAUSE_TIMEOUT, SCHEDULED, SLEEP, Item
from dwf_sim.model.served import served


class Engine:
    """Durable execution as the real server does it, rule by rule (`docs/fidelity.md`)."""

    def __init__(self, quirks: Quirks | None = None, limits: Limits | None = None) -> None:
        self.quirks = quirks or Quirks()
        self._limits = limits or Limits()
        self.state = State(
            admission=tuple([policy(self.quirks) for policy in ADMISSION]),
            dispatch=tuple([policy(self._limits) for policy in DISPATCH]),
        )

    def handle(self, now: int, message: Message) -> list[Effect]:
        """Take one message in at an instant, in milliseconds, and say what follows from it."""
        turn = Turn(now, self.state, self.quirks, self._limits)
        match message:
            case Replied():
                reply(turn, message.number, message.response)
            case EventArrived():
                admission.receive(turn, message.event)
            case Checkpointed():
                checkpoints.checkpoint(turn, message)
            case ItemDue():
                _come_due(turn, message.item)
            case SignalSent():
                pauses.resume_signal(turn, message.signal, message.data)
            case RunCancelled():
                if message.run_id in self.state.runs:
                    cancellation.cancel(turn, self.state.runs[message.run_id], "it was asked for")
            case RunRerun():
                _rerun(turn, message.run_id)
            case FunctionSwitched():
                _switch(turn, message.function_id, is_paused=message.is_paused)
            case LeaseExpired():
                queue.expire(turn, message.number)
            case OnlySaved():
                only_save(turn, message)
            case FunctionsServed():
                self.state.triggers.serve(message.functions)
                self._set_stops(message.functions)
                crons.serve(turn, message.functions)
                turn.emit(AppServed(tuple(function.id for function in message.functions)))
                turn.effects += [served(function) for function in message.functions]
                _doubt(turn, message.functions)
            case _:
                assert_never(message)
        _dispatch(turn)
        return turn.effects

    def _set_stops(self, functions: tuple[FunctionConfig, ...]) -> None:
        for function in functions:
            stops = [gate for policy in self.state.dispatch for gate in policy.stops(function)]
            self.state.backlog.set_stops(function.id, tuple(stops))

    def awaits(self, number: int) -> bool:
        """Say whether an answer to this request would still count."""
        item = self.state.leased.get(number)
        return item is not None and not item.run.is_ended

    def item(self, number: int) -> Item | None:
        """Find the item that waits for a timer; None when the timer is for something else."""
        return self.state.waiting.get(number)

    def expects(self, number: int) -> bool:
        """Say whether a timer still means anything: what it was set for may be gone since.

        One that does not is forgotten, so do not ask for it again.
        """
        alarm = self.state.alarms.get(number)
        if alarm is None:
            return number in self.state.waiting
        if _is_live(self.state, alarm):
            return True
        del self.state.alarms[number]
        return False


def _doubt(turn: Turn, functions: tuple[FunctionConfig, ...]) -> None:
    for function in functions:
        for text in doubts(function):
            turn.emit(Doubted(function.id, text))


def _is_live(state: State, alarm: Alarm) -> bool:
    match alarm:
        case HoldAlarm():
            return state.admission[alarm.nth].due_at(alarm.key) == alarm.at
        case GateAlarm():
            return state.backlog.is_waited_for(alarm.key)
        case CronAlarm():
            return True
        case _:
            assert_never(alarm)


def _come_due(turn: Turn, number: int) -> None:
    item = turn.state.waiting.pop(number, None)
    if item is not None:
        queue.make_ready(turn, item)
        return
    alarm = turn.state.alarms.pop(number, None)
    match alarm:
        case HoldAlarm():
            admission.release(turn, alarm)
        case CronAlarm():
            crons.tick(turn, alarm)
        case GateAlarm() | None:  # What can go through the gate now is taken in any case.
            pass
        case _:
            assert_never(alarm)


def _rerun(turn: Turn, run_id: str) -> None:
    """Lead the first event of a run through admission once more, as if it were new (B19, B132)."""
    run = turn.state.runs[run_id]
    function = turn.state.triggers.functions[run.function.id]
    admission.admit(turn, function, run.events[0], by=BY_RERUN)


def _switch(turn: Turn, function_id: str, *, is_paused: bool) -> None:
    backlog = turn.state.backlog
    backlog.pause(function_id) if is_paused else backlog.resume(function_id)
    turn.emit(FunctionPaused(function_id, is_paused))


def _dispatch(turn: Turn) -> None:
    """Work through what is due and may go on; that can make more so."""
    backlog, timeouts, fresh, seen = turn.state.backlog, turn.state.timeouts, turn.fresh, 0
    while True:
        if timeouts:
            _time_out(turn, timeouts.popleft())
        elif seen < len(fresh):
            ready = fresh[seen]
            seen += 1
            if seen == len(fresh) and backlog.pass_by(turn.now, ready):
                _work(turn, ready)
            else:
                backlog.add(ready)
                turn.delayed.append(ready)
        elif backlog.may_give and (item := backlog.take(turn.now)) is not None:
            _work(turn, item)
        else:
            break
    if backlog.openings:
        queue.set_gate_timers(turn)
    if turn.delayed or backlog.parked:
        queue.explain_delays(turn)


def _time_out(turn: Turn, item: Item) -> None:
    if item.run.items.pop(item.seq, None) is None:
        return  # It was dropped since.
    if item.kind == PAUSE_TIMEOUT:
        assert item.pause is not None, "a timeout item has its pause"
        pauses.time_out(turn, item.pause)
    else:
        assert item.step is not None, "a limit of a run says which one it is"
        cancellation.time_out(turn, item.run, item.step)


def _work(turn: Turn, item: Item) -> None:
    if (item.kind == SLEEP and not _wake(turn, item)) or (
        item.run.status == SCHEDULED and cancellation.is_too_late(turn, item.run)
    ):
        queue.leave(turn, item)
    elif len(item.run.memos) >= turn.limits.steps:
        overflow(turn, item.run)
        queue.leave(turn, item)
    else:
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
