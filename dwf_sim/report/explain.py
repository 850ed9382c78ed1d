"""Why a run started when it did, or has not; and what became of an event."""

from __future__ import annotations

from collections.abc import Mapping

from dwf_sim.model import records as r
from dwf_sim.model.run import FAILED, START
from dwf_sim.report.keys import honest_entries
from dwf_sim.report.times import clock, span
from dwf_sim.sim.trace import Entry, Trace

_SHOWN_MAX = 200


def explain_run(trace: Trace, run_id: str) -> str:
    """Say in sentences when a run was scheduled, what it waited for, and when it started."""
    entries = trace.about(run_id)
    beginning = next((e for e in entries if isinstance(e.record, r.RunScheduled)), None)
    if beginning is None or not isinstance(beginning.record, r.RunScheduled):
        return f"The trace does not hold the beginning of run {run_id} (any more)."
    function = beginning.record.function
    sentences = [
        sentence
        for entry in honest_entries(trace, trace.since(beginning.seq))
        for sentence in _of_run(entry, run_id, function, beginning)
    ]
    if not any(isinstance(e.record, r.RequestSent | r.RunFinished) for e in entries):
        complaints = [e.record.text for e in entries if isinstance(e.record, r.Complained)]
        sentences += [f"{text[:1].upper()}{text[1:]}." for text in complaints]
        sentences.append("It has not started.")
    return "\n".join(dict.fromkeys(sentences))  # It may meet the same closed gate many times.


def explain_event(trace: Trace, event_id: str) -> str:
    """Say in sentences what each function made of an event, by its internal id."""
    labels = {record.run: record.label for record in trace.of(r.RunScheduled)}
    received: list[str] = []
    sentences: list[str] = []
    for entry in honest_entries(trace, trace):
        if isinstance(entry.record, r.EventReceived) and entry.record.event == event_id:
            received.append(f"{entry.record.name!r} was received at {clock(entry.at)}.")
        else:
            sentences += _of_event(entry, event_id, labels)
    return "\n".join([*received, *sentences]) or f"The trace holds nothing about event {event_id}."


def _of_run(entry: Entry, run_id: str, function: str, beginning: Entry) -> list[str]:
    """What one entry says of a run; of its function, whether it is paused."""
    record, at = entry.record, clock(entry.at)
    if isinstance(record, r.FunctionPaused):
        if record.function != function:
            return []
        return [f"The function was {'paused' if record.is_paused else 'resumed'} at {at}."]
    if getattr(record, "run", None) != run_id:
        return []
    match record:
        case r.RunScheduled():
            return [_scheduled(entry, record)]
        case r.ItemDelayed(item=item):
            what = "It" if item == START else f"Its step {record.step}" if record.step else "A step"
            return [f"{what} has to wait: {record.policy}: {record.reason}."]
        case r.RequestSent(item=item, attempt=0) if item == START:
            return [_started(entry, beginning)]
        case r.FaultStruck(fault=fault):
            return [f"A fault struck it at {at}: {fault}."]
        case r.RetryScheduled():
            return [_failed(record, at)]
        case r.ItemDropped(reason=reason):
            return [f"The engine gave up on it at {at}: {reason}."]
        case r.RunCancelling(reason=reason):
            return [f"It was cancelled at {at}: {reason}."]
        case r.RunFinished(status=status, text=text):
            why = f", with {_shortened(text)}" if status == FAILED else ""
            return [f"It ended at {at}: {status}{why}."]
        case _:
            return []


def _scheduled(entry: Entry, record: r.RunScheduled) -> str:
    text = f"Run {record.label} was scheduled at {clock(entry.at)}"
    if record.head_start_ms:
        side = "earlier" if record.head_start_ms > 0 else "later"
        text += f", as if {span(abs(record.head_start_ms))} {side} by its priority"
    if record.start_at > entry.at:
        text += f", to start at {clock(record.start_at)} at the earliest"
    return text + "."


def _started(entry: Entry, beginning: Entry) -> str:
    waited = entry.at - beginning.at
    when = f"{span(waited)} later, at {clock(entry.at)}" if waited else "at once"
    return f"Its first request was sent {when}."


def _failed(record: r.RetryScheduled, at: str) -> str:
    whose = f"its step {record.step}" if record.step else "the handler"
    due = clock(record.earliest) + (" or later" if record.spread else "")
    lead = f"Attempt {record.attempt - 1} of {whose} failed at {at}"
    return f"{lead} ({record.error}); the next was due at {due}."


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def _of_event(entry: Entry, event_id: str, labels: Mapping[str, str]) -> list[str]:
    """What one entry says of an event."""
    record = entry.record
    match record:
        case r.FaultStruck(event=event) if event == event_id:
            return [f"A fault struck it: {record.fault}."]
        case r.EventUnclaimed(event=event) if event == event_id:
            return ["Nobody took it: no trigger and no wait matched it."]
        case r.EventFiltered(event=event) if event == event_id:
            return [f"{record.function} started nothing: its trigger's expression is not true."]
        case r.RunScheduled(events=events) if event_id in events:
            return [f"{record.function} started run {record.label} for it."]
        case r.RunSkipped(event=event) if event == event_id:
            return [f"{record.function} started nothing: {record.policy}: {record.reason}."]
        case r.EventHeld(event=event) if event == event_id:
            held = f"{record.function} held it back to {clock(record.until)}"
            return [f"{held}: {record.policy}: {record.reason}."]
        case r.StepMemoized(event=event, run=run) if event == event_id:
            return [f"It is what step {record.step} of run {labels.get(run, run)} waited for."]
        case r.RunCancelling(reason=reason) if event_id in reason:
            return [f"It cancelled run {record.run}."]
        case _:
            return []
