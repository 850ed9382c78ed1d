"""Admission: an event at a function's door becomes a run, waits, or is refused (B129)."""

from __future__ import annotations

from typing import assert_never

import attrs

from dwf_sim.engine import cancellation, pauses, queue
from dwf_sim.engine.state import HoldAlarm, Policies
from dwf_sim.engine.turn import Turn
from dwf_sim.flow import Dispatch
from dwf_sim.model import arrival as arrivals
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.effects import SetTimer
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate
from dwf_sim.model.payload import encode
from dwf_sim.model.records import (
    Complained,
    EventFiltered,
    EventHeld,
    EventReceived,
    EventUnclaimed,
    RunScheduled,
    RunSkipped,
)
from dwf_sim.model.run import START, Run
from dwf_sim.model.verdicts import PASS, Displace, Hold, Pass, Skip


def receive(turn: Turn, event: StoredEvent) -> None:
    """Take an event in: resume who waits for it, then start the functions it triggers.

    Waits first, so that a run this event starts can never have its own wait resolved by it (A106).
    """
    data, about = event.data if event.run_id is None else "{}", event.run_id
    turn.emit(
        EventReceived(
            event.internal_id, event.name, event.id, event.ts, data, event.user, event.v, about
        )
    )
    claimed = cancellation.cancel_by_event(turn, event)
    claimed = pauses.resume_event_waits(turn, event) or claimed
    if event.invocation is not None:
        claimed = True
        _start_invoked(turn, event)
    for function, is_taken in turn.state.triggers.named(event, turn.now):
        if is_taken:
            claimed = True
            admit(turn, function, event, by=arrivals.BY_EVENT)
        else:
            turn.emit(EventFiltered(function.id, event.internal_id))
    if not claimed and not event.is_of_engine:
        turn.emit(EventUnclaimed(event.internal_id, event.name))


def admit(turn: Turn, function: FunctionConfig, event: StoredEvent, *, by: str) -> None:
    """Lead an event through all policies; nobody against it, schedule the run."""
    run_id = turn.state.mint.ulid(turn.now)
    key = run_id if by == arrivals.BY_RERUN else event.id
    start_at = max(turn.now, event.ts)
    is_paused = turn.state.backlog.is_paused(function.id)
    _walk(turn, Arrival(function, (event,), run_id, key, start_at, by, is_paused=is_paused), 0)


def release(turn: Turn, alarm: HoldAlarm) -> None:
    """Let go on what a policy has held, if it still holds it."""
    arrival = turn.state.admission[alarm.nth].release(turn.now, alarm.key)
    if arrival is not None:
        _walk(turn, _renewed(turn, arrival), alarm.nth + 1)


def _walk(turn: Turn, arrival: Arrival, first: int) -> None:
    """Ask each policy in turn, from the `first` on."""
    policies = turn.state.policies_of(arrival.function)
    for nth, policy in policies.admission:
        verdict = policy.admit(turn.now, arrival) if nth >= first else PASS
        if verdict is PASS:
            continue
        match verdict:
            case Pass():
                if verdict.arrival is not None:
                    arrival = _renewed(turn, verdict.arrival)
            case Displace():
                _displace(turn, verdict)
            case Hold():
                _hold(turn, arrival, nth, verdict)
                return
            case Skip():
                _skip(turn, arrival, policy.name, verdict)
                return
            case _:
                assert_never(verdict)
    _schedule(turn, arrival, policies)


def _renewed(turn: Turn, arrival: Arrival) -> Arrival:
    """What was held goes on now: under a run id of now, at a function that may be paused now.

    The key of a re-run is its run id, so it has a new one too (B19).
    """
    run_id = turn.state.mint.ulid(turn.now)
    return attrs.evolve(
        arrival,
        function=turn.state.triggers.functions[arrival.function.id],
        run_id=run_id,
        key=run_id if arrival.by == arrivals.BY_RERUN else arrival.key,
        is_paused=turn.state.backlog.is_paused(arrival.function.id),
    )


def _displace(turn: Turn, verdict: Displace) -> None:
    run = turn.state.runs.get(verdict.run_id)
    if run is not None:
        cancellation.cancel(turn, run, verdict.reason)


def _hold(turn: Turn, arrival: Arrival, nth: int, verdict: Hold) -> None:
    state, function = turn.state, arrival.function
    policy = state.admission[nth].name
    if verdict.instead_of is not None:
        reason = f"event {arrival.event.internal_id} is newer"
        turn.emit(RunSkipped(function.id, verdict.instead_of, policy, reason))
    event = arrival.event.internal_id
    turn.emit(EventHeld(function.id, event, policy, verdict.until, verdict.reason))
    state.items_made += 1
    state.alarms[state.items_made] = HoldAlarm(nth, verdict.key, verdict.until)
    turn.effects.append(SetTimer(verdict.until, state.items_made))


def _skip(turn: Turn, arrival: Arrival, policy: str, verdict: Skip) -> None:
    for event in arrival.events:
        turn.emit(RunSkipped(arrival.function.id, event.internal_id, policy, verdict.reason))
        call = event.invocation
        if call is not None and verdict.told is not None:
            pauses.resume_invoke(turn, call.correlation_id, _error(verdict.told))


def _schedule(turn: Turn, arrival: Arrival, policies: Policies) -> None:
    state, function = turn.state, arrival.function
    nth = state.runs_of[function.id] = state.runs_of.get(function.id, 0) + 1
    run = Run(arrival.run_id, f"{function.id}#{nth}", function, arrival.events, turn.now)
    run.nth = len(state.runs)
    _set_gates(turn, arrival, run, policies.dispatch)
    state.runs.add(run)
    ids = tuple([event.internal_id for event in arrival.events])
    keys = tuple([gate.key for gate in run.start_gates])
    item = queue.new_item(turn, run, START, due=arrival.start_at)
    start_at = queue.earliest(turn, item)
    head_start = run.head_start_ms
    by, is_batch = arrival.by, arrival.is_batch
    turn.emit(
        RunScheduled(run.id, function.id, run.label, ids, start_at, keys, head_start, by, is_batch)
    )
    if not arrival.is_batch:
        cancellation.watch(turn, run)
    if function.timeouts.unreadable is None:
        queue.push(turn, item, "start")
    else:
        text = f"its function's timeout {function.timeouts.unreadable!r} is no duration"
        turn.emit(Complained(run.id, f"{text}, so that it is never started"))
    for _, policy in policies.admission:
        policy.scheduled(turn.now, arrival)


def _set_gates(turn: Turn, arrival: Arrival, run: Run, policies: tuple[Dispatch, ...]) -> None:
    """Ask the policies of dispatch what the run must pass, and from when on it counts."""
    gates: tuple[Gate, ...] = ()
    for policy in policies:
        gates += policy.gates(turn.now, arrival)
        run.head_start_ms += policy.head_start_ms(turn.now, arrival)
    if gates:
        run.start_gates = gates
        run.gates = tuple([gate for gate in gates if not gate.is_for_starts])
        run.start_lane, run.lane = _lane(run.start_gates), _lane(run.gates)


def _lane(gates: tuple[Gate, ...]) -> str:
    return "\n".join([f"{gate.key} ({gate.variant})" for gate in gates])


def _start_invoked(turn: Turn, event: StoredEvent) -> None:
    """Start the function an invoke names, whatever its triggers say (A132, B37)."""
    assert event.invocation is not None, "the caller looked"
    call = event.invocation
    function = turn.state.triggers.functions.get(call.function_id)
    if function is not None:
        admit(turn, function, event, by=arrivals.BY_INVOKE)
        return
    caller, _, _ = call.correlation_id.partition(".")
    turn.emit(Complained(caller, f"it invoked {call.function_id!r}, which is not served"))
    message = f"could not find function with ID: {call.function_id}"
    pauses.resume_invoke(turn, call.correlation_id, _error(message))


def _error(message: str) -> str:
    return encode({"error": {"error": message, "name": "Error", "message": message}})
