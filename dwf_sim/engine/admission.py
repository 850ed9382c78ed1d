"""Admission: an event at a function's door becomes a run, or is refused with a reason (B129)."""

from __future__ import annotations

from dwf_sim.engine import cancellation, pauses, queue
from dwf_sim.engine.turn import Turn
from dwf_sim.flow import Arrival
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.payload import encode
from dwf_sim.model.records import EventReceived, EventUnclaimed, RunScheduled, RunSkipped
from dwf_sim.model.run import START, Run
from dwf_sim.model.verdicts import Skip


def receive(turn: Turn, event: StoredEvent) -> None:
    """Take an event in: resume who waits for it, then start the functions it triggers.

    Waits first, so that a run this event starts can never have its own wait resolved by it (A106).
    """
    turn.emit(EventReceived(event.internal_id, event.name, event.id, event.ts))
    claimed = cancellation.cancel_by_event(turn, event)
    claimed = pauses.resume_event_waits(turn, event) or claimed
    if event.invocation is not None:
        claimed = True
        _start_invoked(turn, event)
    for function in turn.state.triggers.matches(event, turn.now):
        claimed = True
        admit(turn, function, event)
    if not claimed and event.run_id is None:
        turn.emit(EventUnclaimed(event.internal_id, event.name))


def admit(turn: Turn, function: FunctionConfig, event: StoredEvent) -> None:
    """Ask each policy in turn; nobody against it, schedule the run (B129)."""
    arrival = Arrival(function, event, turn.state.mint.ulid(turn.now))
    for policy in turn.state.admission:
        verdict = policy.admit(turn.now, arrival)
        if isinstance(verdict, Skip):
            turn.emit(RunSkipped(function.id, event.internal_id, policy.name, verdict.reason))
            return
    _schedule(turn, arrival)


def _schedule(turn: Turn, arrival: Arrival) -> None:
    state, function, event = turn.state, arrival.function, arrival.event
    nth = state.runs_of[function.id] = state.runs_of.get(function.id, 0) + 1
    run = Run(arrival.run_id, f"{function.id}#{nth}", function, (event,), turn.now)
    state.runs.add(run)
    start_at = max(turn.now, event.ts)
    turn.emit(RunScheduled(run.id, function.id, run.label, (event.internal_id,), start_at))
    cancellation.watch(turn, run)
    queue.push(turn, queue.new_item(turn, run, START, due=start_at), "start")


def _start_invoked(turn: Turn, event: StoredEvent) -> None:
    """Start the function an invoke names, whatever its triggers say (A132, B37)."""
    assert event.invocation is not None, "the caller looked"
    call = event.invocation
    function = turn.state.triggers.functions.get(call.function_id)
    if function is not None:
        admit(turn, function, event)
        return
    message = f"could not find function with ID: {call.function_id}"
    memo = encode({"error": {"error": message, "name": "Error", "message": message}})
    pauses.resume_invoke(turn, call.correlation_id, memo)
