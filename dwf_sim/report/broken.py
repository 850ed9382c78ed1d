"""What is shown when a property is broken: the property, the place, the plan, and how to repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from dwf_sim.errors import InvariantViolated, LivenessViolated
from dwf_sim.report.times import clock
from dwf_sim.sim.trace import Trace

_AROUND = 4
_SHOWN_MAX = 100


class Failure:
    """Makes the errors of one simulation, each with its plan and the line that repeats it."""

    def __init__(self, trace: Trace, how: Callable[[], str]) -> None:
        self._trace = trace
        self.how = how

    def broken(self, headline: str, message: str, seq: int, more: int = 0) -> InvariantViolated:
        """Tell of a property that is broken at a record, on one screen."""
        count = f", and {more} more after it" if more else ""
        place = f"{self._when(seq)}in record #{seq}{count}:"
        lines = [f"{headline}: {message}", place, *_around(self._trace, seq), self.how()]
        return InvariantViolated("\n".join(lines), seq=seq)

    def vacuous(self, missing: Iterable[str]) -> InvariantViolated:
        """Tell what should have happened for a check to mean anything."""
        lines = ["the check proves nothing, since not all of what it is about has happened:"]
        lines += [f"  {text}" for text in missing]
        return InvariantViolated("\n".join([*lines, self.how()]))

    def stuck(self, story: str) -> LivenessViolated:
        """Tell of runs that do not come to their end."""
        headline = "liveness: without faults, not every run comes to its end"
        return LivenessViolated(f"{headline}\n{story}\n{self.how()}")

    def _when(self, seq: int) -> str:
        """Say when it was, if the trace still holds it."""
        found = self._trace.since(seq)[:1]
        return f"at {clock(found[0].at)}, " if found and found[0].seq == seq else ""


def _around(trace: Trace, seq: int) -> list[str]:
    """Show the entry with its neighbours; a mark stands before it."""
    entries = trace.since(seq - _AROUND)
    return [
        f"{'>' if entry.seq == seq else ' '} {clock(entry.at)} #{entry.seq} {_shown(entry.record)}"
        for entry in entries
        if entry.seq <= seq + _AROUND
    ] or ["  (the trace does not hold it any more)"]


def _shown(record: object) -> str:
    """Write a record without what is as by default, and without the rest of what is long."""
    kind: type = type(record)
    given = ", ".join(
        f"{field.name}={_shortened(getattr(record, field.name))}"
        for field in attrs.fields(kind)
        if getattr(record, field.name) != field.default
    )
    return f"{kind.__name__}({given})"


def _shortened(content: object) -> str:
    text = repr(content)
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"
