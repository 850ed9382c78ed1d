"""Hints: what may be a mistake although nothing failed, and why a send has started nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import Complained, Doubted, EventUnclaimed
from dwf_sim.model.run import Run
from dwf_sim.report.explain import explain_event
from dwf_sim.sim.trace import Trace

_Hint = Doubted | EventUnclaimed | Complained | MistakeFound


def warnings(trace: Trace, runs: Mapping[str, Run]) -> list[str]:
    """List the doubts, complaints and mistakes of a trace, each once, oldest first.

    What a function does wrong at one line is one warning, which says how often it was done.
    """
    groups: dict[object, list[_Hint]] = {}
    records: list[_Hint] = trace.of(Doubted, EventUnclaimed, Complained, MistakeFound)
    for record in records:
        groups.setdefault(_identity(record, runs), []).append(record)
    return [_text(group, runs) for group in groups.values()]


def why_no_run(trace: Trace, functions: Iterable[FunctionConfig], ids: list[str]) -> str:
    """Say why events have started nothing so far."""
    served = list(functions)
    if not served:
        return "no function is served yet: sim.serve(app) comes before sim.send(…)"
    triggers = ", ".join(f"{_trigger(t)} ({f.id})" for f in served for t in f.triggers)
    told = " ".join(explain_event(trace, event_id).replace("\n", " ") for event_id in ids)
    return f"{told} The triggers are {triggers or 'none'}."


def _trigger(trigger: TriggerEvent | TriggerCron) -> str:
    if isinstance(trigger, TriggerEvent):
        return repr(trigger.event)
    return f"the cron {trigger.cron!r}"


def _identity(record: _Hint, runs: Mapping[str, Run]) -> object:
    """Say which records are about the same: those whose answers to this are equal."""
    match record:
        case MistakeFound(kind="order"):  # Which step it is may be chance.
            return runs[record.run].function.id, record.kind, record.where
        case MistakeFound():
            return runs[record.run].function.id, record.kind, record.where, record.subject
        case _:
            return _plain_text(record, runs)


def _text(group: list[_Hint], runs: Mapping[str, Run]) -> str:
    first = group[0]
    if not isinstance(first, MistakeFound):
        return _plain_text(first, runs)
    where = f" at {first.where}" if first.where else ""
    labels = list(dict.fromkeys(runs[record.run].label for record in _mistakes(group)))
    others = len(labels) - 1
    also = f" and {others} more run{'s' if others > 1 else ''}" if others else ""
    times = "once" if len(group) == 1 else f"{len(group)} times"
    return f"{labels[0]}{also}{where}, {times}: {first.text}"


def _mistakes(group: list[_Hint]) -> list[MistakeFound]:
    return [record for record in group if isinstance(record, MistakeFound)]


def _plain_text(record: _Hint, runs: Mapping[str, Run]) -> str:
    match record:
        case EventUnclaimed():
            return f"nobody took event {record.name!r}: no trigger and no wait matched it"
        case Doubted():
            return f"{record.function}: {record.text}"
        case Complained() | MistakeFound():
            return f"{runs[record.run].label}: {record.text}"
