"""Hints: what may be a mistake although nothing failed, and why a send has started nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dwf_sim.model.function import FunctionConfig, TriggerCron, TriggerEvent
from dwf_sim.model.records import Complained, Doubted, EventUnclaimed
from dwf_sim.model.run import Run
from dwf_sim.report.explain import explain_event
from dwf_sim.sim.trace import Trace


def warnings(trace: Trace, runs: Mapping[str, Run]) -> list[str]:
    """List the doubts and complaints of a trace, each text once, oldest first."""
    records: list[Doubted | EventUnclaimed | Complained] = trace.of(
        Doubted, EventUnclaimed, Complained
    )
    return list(dict.fromkeys(_text(record, runs) for record in records))


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


def _text(record: Doubted | EventUnclaimed | Complained, runs: Mapping[str, Run]) -> str:
    match record:
        case EventUnclaimed():
            return f"nobody took event {record.name!r}: no trigger and no wait matched it"
        case Doubted():
            return f"{record.function}: {record.text}"
        case Complained():
            return f"{runs[record.run].label}: {record.text}"
