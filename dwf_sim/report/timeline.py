"""The timeline of a run: its facts in order, one line each, with the time since its beginning."""

from __future__ import annotations

from dwf_sim.model import records as r
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.run import CANCELLED
from dwf_sim.report.keys import honest_entries
from dwf_sim.report.times import clock, span
from dwf_sim.sim.trace import Entry, Trace

_WIDTH = 12


def timeline(trace: Trace, run_id: str) -> str:
    """Write the timeline of a run; records that say nothing to a reader are left out."""
    entries = trace.about(run_id)
    if not entries:
        return f"(the trace holds nothing about run {run_id})"
    start = entries[0].at
    lines = [f"{clock(start)}  run {run_id}"]
    for entry in honest_entries(trace, entries):
        text = _describe(entry)
        if text:
            lines.append(f"{_elapsed(entry.at - start):>{_WIDTH}}  {text}")
    return "\n".join(lines)


def _elapsed(ms: int) -> str:
    return "+0" if ms == 0 else "+" + span(ms)


def _describe(entry: Entry) -> str:
    match entry.record:
        case r.RunScheduled(label=label):
            return f"scheduled: {label}"
        case r.ItemDelayed(policy=policy, reason=reason):
            return f"  waits: {policy}: {reason}"
        case r.HandlerEntered(attempt=attempt):
            return f"handler entered{_attempt(attempt)}"
        case r.StepStarted(step=step, attempt=attempt):
            return f"  {step} begins{_attempt(attempt)}"
        case r.StepEnded(step=step, how=how):
            return f"  {step} ends: {how}"
        case r.EffectCalled():
            return f"    {_effect(entry.record)}"
        case r.FaultStruck(fault=fault):
            return f"  FAULT: {fault}"
        case r.StepMemoized(step=step, kind=kind):
            return f"  {step} is remembered ({kind})"
        case r.StepsCheckpointed(steps=steps):
            return f"  reported while it goes on: {', '.join(steps)}"
        case r.StepReported(step=step, kind=kind, until=until):
            left = "" if until is None else f" until +{span(until - entry.at)} from here"
            return f"  {step}: {kind}{left}"
        case r.RetryScheduled():
            return f"  {_retry(entry.record, entry.at)}"
        case r.RunCancelling(reason=reason):
            return f"cancelled: {reason}"
        case r.RunFinished(status=status, text=text):
            return f"{status}: {text}" if status != CANCELLED else ""
        case r.Logged(level=level, text=text):
            return f"    log {level}: {text}"
        case MistakeFound(where=where, text=text):
            return f"  MISTAKE: {where + ': ' if where else ''}{text}"
        case r.Complained(text=text) | r.ItemDropped(reason=text):
            return f"  MISTAKE: {text}"
        case _:
            return ""


def _effect(record: r.EffectCalled) -> str:
    what = f"{record.ledger} {record.operation}"
    if record.is_repeat:
        return f"no effect: {what} (its key {record.key} is known)"
    return f"EFFECT: {what}" + (f" (key {record.key})" if record.key else "")


def _retry(record: r.RetryScheduled, now: int) -> str:
    soonest = record.earliest - now
    when = span(soonest)
    if record.spread:
        when = f"{when} to {span(soonest + record.spread + 1)}"
    return f"attempt {record.attempt - 1} failed ({record.error}); the next is in {when}"


def _attempt(attempt: int) -> str:
    return f" (attempt {attempt})" if attempt else ""
