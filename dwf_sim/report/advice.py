"""Advice: what to do about effects that were made twice, as far as a trace tells."""

from __future__ import annotations

import attrs

from dwf_sim.model import records as r
from dwf_sim.sim.trace import Trace


@attrs.define
class _Asked:
    """The calls of one step for one effect, over all its executions."""

    executions: int = 0
    happened: int = 0
    keys: list[str | None] = attrs.field(factory=list)


def advice(trace: Trace) -> list[str]:
    """Say of each effect that several executions of a step made anew how to have it once.

    Nothing is said of what happened once, nor of repeats whose key was known.
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
        _told(labels.get(run, run), step, f"{ledger} {operation}", asked)
        for (run, step, ledger, operation, _), asked in groups.items()
        if asked.happened > 1
    ]
    return list(dict.fromkeys(told))


def _told(label: str, step: str, what: str, asked: _Asked) -> str:
    lead = (
        f"step {step!r} of {label} made the effect {what} {asked.happened} times, in "
        f"{asked.executions} executions"
    )
    if asked.keys == [None]:
        return (
            f"{lead}, without an idempotency key: a step may run again, so give the call a key "
            'that is the same each time, such as key=ctx.event.data["orderId"]'
        )
    keys = ", ".join(repr(key) for key in asked.keys)
    return (
        f"{lead}, with the keys {keys}: take the key from the event or from a step's result, "
        "so that it is the same each time"
    )
