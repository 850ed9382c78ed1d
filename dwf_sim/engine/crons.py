"""Crons: functions that start by the clock, each schedule in a loop of its own (B47-B52)."""

from __future__ import annotations

from dwf_sim.cron import jitter_ms, parse_cron
from dwf_sim.dates import format_rfc3339
from dwf_sim.engine.admission import admit
from dwf_sim.engine.state import CronAlarm
from dwf_sim.engine.turn import Turn
from dwf_sim.model.arrival import BY_CRON
from dwf_sim.model.effects import Publish, SetTimer
from dwf_sim.model.event import TIMER, StoredEvent
from dwf_sim.model.function import FunctionConfig, TriggerCron
from dwf_sim.model.payload import encode
from dwf_sim.model.served import CronTicked


def serve(turn: Turn, functions: tuple[FunctionConfig, ...]) -> None:
    """Begin the loops of functions that are registered now, and end their old ones (B52)."""
    ids = [function.id for function in functions]
    alarms = turn.state.alarms
    for number, alarm in list(alarms.items()):
        if isinstance(alarm, CronAlarm) and alarm.function_id in ids:
            del alarms[number]
    for function in functions:
        for trigger in function.cron_triggers:
            _set_next(turn, function, trigger, turn.now)


def tick(turn: Turn, alarm: CronAlarm) -> None:
    """Start a run for a tick; the next one follows from the tick, not from its jitter (B45)."""
    function = turn.state.triggers.functions[alarm.function_id]
    _set_next(turn, function, alarm.trigger, alarm.tick)
    turn.emit(CronTicked(alarm.function_id, alarm.trigger.cron, alarm.tick))
    event = _timer_event(turn, alarm)
    turn.effects.append(Publish(event))  # For functions that listen to it (B48).
    admit(turn, function, event, by=BY_CRON)


def _set_next(turn: Turn, function: FunctionConfig, trigger: TriggerCron, after: int) -> None:
    next_tick = parse_cron(trigger.cron).next(after)
    if next_tick is None:  # A date that never comes is never scheduled (B41).
        return
    state = turn.state
    state.items_made += 1
    alarm = state.alarms[state.items_made] = CronAlarm(function.id, trigger, next_tick)
    # A jitter longer than the interval can put off a tick until the next one should be over.
    at = max(turn.now, _fire_at(alarm))
    turn.effects.append(SetTimer(at, state.items_made, is_endless=True))


def _fire_at(alarm: CronAlarm) -> int:
    trigger = alarm.trigger
    return alarm.tick + jitter_ms(alarm.tick, trigger.cron, alarm.function_id, trigger.jitter or 0)


def _timer_event(turn: Turn, alarm: CronAlarm) -> StoredEvent:
    scheduled_at, fire_at = format_rfc3339(alarm.tick), _fire_at(alarm)
    data = {
        "cron": alarm.trigger.cron,
        "fireAt": format_rfc3339(fire_at),
        "scheduledAt": scheduled_at,
    }
    internal_id = turn.state.mint.ulid(turn.now)
    return StoredEvent(
        internal_id, TIMER, scheduled_at, fire_at, encode(data), "{}", None, turn.now
    )
