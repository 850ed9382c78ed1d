"""Why a run started when it did, or has not; and what became of an event."""

from __future__ import annotations

from dwf_sim.model import records as r
from dwf_sim.model.run import START
from dwf_sim.report.times import clock, span
from dwf_sim.sim.trace import Entry, Trace


def explain_run(trace: Trace, run_id: str) -> str:
    """Say in sentences when a run was scheduled, what it waited for, and when it started."""
    sentences: list[str] = []
    earliest = 0
    for entry in trace.about(run_id):
        record = entry.record
        match record:
            case r.RunScheduled():
                earliest = max(entry.at, record.start_at)
                sentences.append(_scheduled(entry, record))
            case r.ItemDelayed(item=item) if item == START:
                sentences.append(f"It has to wait: {record.policy}: {record.reason}.")
            case r.RequestSent(item=item, attempt=0) if item == START:
                waited = entry.at - earliest
                when = f"{span(waited)} later, at {clock(entry.at)}" if waited else "at once"
                sentences.append(f"Its first request was sent {when}.")
            case r.RunCancelling(reason=reason):
                sentences.append(f"It was cancelled at {clock(entry.at)}: {reason}.")
            case r.RunFinished(status=status):
                sentences.append(f"It ended at {clock(entry.at)}: {status}.")
    if not any("first request" in sentence or "ended" in sentence for sentence in sentences):
        sentences.append("It has not started.")
    return "\n".join(dict.fromkeys(sentences))  # It may meet the same closed gate many times.


def explain_event(trace: Trace, event_id: str) -> str:
    """Say in sentences what each function made of an event, by its internal id."""
    sentences: list[str] = []
    for entry in trace:
        record = entry.record
        match record:
            case r.EventReceived(event=event) if event == event_id:
                sentences.append(f"{record.name!r} was received at {clock(entry.at)}.")
            case r.FaultStruck(event=event) if event == event_id:
                sentences.append(f"A fault struck it: {record.fault}.")
            case r.EventUnclaimed(event=event) if event == event_id:
                sentences.append("Nobody took it: no trigger and no wait matched it.")
            case r.RunScheduled(events=events) if event_id in events:
                sentences.append(f"{record.function} started run {record.label} for it.")
            case r.RunSkipped(event=event) if event == event_id:
                sentences.append(
                    f"{record.function} started nothing: {record.policy}: {record.reason}."
                )
            case r.EventHeld(event=event) if event == event_id:
                sentences.append(
                    f"{record.function} holds it: {record.policy}, until {clock(record.until)} "
                    f"or the next such event: {record.reason}."
                )
    return "\n".join(sentences) or f"The trace holds nothing about event {event_id}."


def _scheduled(entry: Entry, record: r.RunScheduled) -> str:
    text = f"Run {record.label} was scheduled at {clock(entry.at)}"
    if record.start_at > entry.at:
        text += f", to start at {clock(record.start_at)} at the earliest"
    return text + "."
