"""Advice: what to do about effects made twice and failure handlers that failed, by a trace."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from dwf_sim.model import records as r
from dwf_sim.model.payload import decode
from dwf_sim.model.run import FAILED
from dwf_sim.model.served import FunctionServed
from dwf_sim.sim.trace import Trace

_FAILED_EVENT = "inngest/function.failed"


@attrs.define
class _Asked:
    """The calls of one step for one effect, over all its executions."""

    executions: int = 0
    happened: int = 0
    keys: list[str | None] = attrs.field(factory=list)


def advice(trace: Trace) -> list[str]:
    """Say of each effect that several executions of a step made anew how to have it once.

    Nothing is said of what happened once, nor of repeats whose key was known. Then of each failure
    handler that failed, since it has no retries (A165).
    """
    labels = {record.run: record.label for record in trace.of(r.RunScheduled)}
    groups: dict[tuple[str, str, str, str, int], _Asked] = {}
    for record in trace.of(r.EffectCalled):
        if record.run is None or record.step is None:
            continue
        identity = (record.run, record.step, record.ledger, record.operation, record.nth)
        asked = groups.setdefault(identity, _Asked())
        asked.executions += 1
        asked.happened += not record.is_repeat
        if record.key not in asked.keys:
            asked.keys.append(record.key)
    told = [
        _told(labels.get(run, run), step, f"{ledger} {operation}", asked, _field(trace, run))
        for (run, step, ledger, operation, _), asked in groups.items()
        if asked.happened > 1
    ]
    return [*dict.fromkeys(told), *_of_failure_handlers(trace)]


def _of_failure_handlers(trace: Trace) -> Iterator[str]:
    """Say of each function that is another's failure handler how not to lose what it does."""
    whose = {
        served.function: expression
        for served in trace.of(FunctionServed)
        for name, expression in served.triggers
        if name == _FAILED_EVENT and served.attempts_max == 1
    }
    runs = {record.run: record for record in trace.of(r.RunScheduled)}
    for record in trace.of(r.RunFinished):
        run = runs.get(record.run)
        if run is not None and run.function in whose and record.status == FAILED:
            expression = whose[run.function]
            only = f" and the expression {expression!r}" if expression else ""
            yield (
                f"{run.label} was tried once, as every failure handler: have what must not be "
                f"missed done by a function with retries, of the trigger {_FAILED_EVENT!r}{only}"
            )


def _field(trace: Trace, run: str) -> str | None:
    """Name a field of the run's event that may be the same each time: the first that is an id."""
    first = next((s.events[0] for s in trace.of(r.RunScheduled) if s.run == run), None)
    event = next((e for e in trace.of(r.EventReceived) if e.event == first and not e.about), None)
    data = None if event is None else decode(event.data)
    if not isinstance(data, dict):
        return None
    names = [name for name, value in data.items() if isinstance(value, str | int)]
    return min(names, key=_unlike_an_id) if names else None


def _unlike_an_id(name: str) -> int:
    """Sort names: first those that are an id, then those that end as one, then the others."""
    if name.lower() in ("id", "key", "uuid"):
        return 0
    return 1 if name.lower().endswith(("id", "key")) else 2


def _told(label: str, step: str, what: str, asked: _Asked, field: str | None) -> str:
    lead = (
        f"step {step!r} of {label} made the effect {what} {asked.happened} times, in "
        f"{asked.executions} executions"
    )
    if asked.keys == [None]:
        key = "key=ctx.event.id" if field is None else f'key=ctx.event.data["{field}"]'
        return (
            f"{lead}, without an idempotency key: a step may run again, so give the call a key "
            f"that is the same each time, such as {key}"
        )
    keys = ", ".join(repr(key) for key in asked.keys)
    return (
        f"{lead}, with the keys {keys}: take the key from the event or from a step's result, "
        "so that it is the same each time"
    )
