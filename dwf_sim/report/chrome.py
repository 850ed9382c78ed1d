"""A trace in Chrome's format, to look at in ui.perfetto.dev or chrome://tracing.

Each run is a process of its own: a row for the run, and rows for its requests, its steps and what
it waits for; what overlaps gets a further row. Times are microseconds since the first record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs

from dwf_sim.model import records as r
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.report.times import clock
from dwf_sim.sim.trace import Entry, Trace

ChromeEvent: TypeAlias = dict[str, Any]

OUTSIDE = 0  # The process of what belongs to no run: events.
_ROWS = ("run", "requests", "steps", "waits")
_LANES_MAX = 1000  # Rows of one kind have numbers from here to there.


@attrs.define(eq=False)
class _Slice:
    """Something that takes time: in which process and kind of row, and from when to when."""

    process: int
    row: str
    name: str
    began: int
    args: dict[str, Any]
    ended: int | None = None
    lane: int = 0


def chrome_trace(trace: Trace) -> dict[str, Any]:
    """Write a trace as an object of Chrome's trace event format, ready for `json.dump`."""
    entries = list(trace)
    start = entries[0].at if entries else 0
    drawing = _Drawing(start)
    for entry in entries:
        drawing.take(entry)
    return {
        "traceEvents": drawing.events(entries[-1].at if entries else 0),
        "displayTimeUnit": "ms",
        "otherData": {"start": clock(start), "digest": trace.digest()},
    }


class _Drawing:
    """Makes slices and marks of records, in their order."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._labels: dict[str, str] = {}  # By run.
        self._numbers: dict[str, int] = {}
        self._slices: list[_Slice] = []
        self._open: dict[tuple[str, str, object], _Slice] = {}  # By row, run and what it is.
        self._marks: list[ChromeEvent] = []

    def take(self, entry: Entry) -> None:
        """Draw what a record says."""
        record, at = entry.record, entry.at
        match record:
            case r.RunScheduled(run=run, label=label):
                self._labels[run] = label
                self._begin("run", run, "", at, label, {"function": record.function})
            case r.RunFinished(run=run, status=status):
                self._end_all(run, at, status)
            case r.HandlerEntered(run=run, number=number, attempt=attempt):
                self._end_waits(run, at, "retry")
                self._begin("requests", run, number, at, f"request {number}", {"attempt": attempt})
            case r.HandlerLeft(run=run, number=number, how=how):
                self._end("requests", run, number, at, how)
                if how == "killed":
                    self._end_steps_of(run, number, at)
            case r.StepStarted(run=run, step=step):
                args = {"attempt": record.attempt, "number": record.number}
                self._begin("steps", run, step, at, step, args)
            case r.StepEnded(run=run, step=step, how=how):
                self._end("steps", run, step, at, how)
            case _:
                self._take_wait(record, at)

    def _take_wait(self, record: r.Record, at: int) -> None:
        match record:
            case r.StepReported(run=run, step=step, kind=kind) if kind != "planned":
                args = {"awaits": record.awaits} if record.awaits else {}
                self._begin("waits", run, step, at, f"{step}: {kind}", args)
            case r.StepMemoized(run=run, step=step, kind=kind):
                self._end("waits", run, step, at, kind)
            case r.RetryScheduled(run=run, step=step, attempt=attempt, error=error):
                name = f"{step or 'handler'}: attempt {attempt}"
                self._begin("waits", run, ("retry", step), at, name, {"error": error})
            case r.ItemDelayed(run=run, item=item, policy=policy, reason=reason):
                name = f"queue: {policy}"
                self._begin("waits", run, ("queue", item), at, name, {"reason": reason})
            case r.RequestSent(run=run, item=item):
                self._end("waits", run, ("queue", item), at, "sent")
            case _:
                self._take_mark(record, at)

    def _take_mark(self, record: r.Record, at: int) -> None:
        match record:
            case r.FaultStruck(run=run, fault=fault, site=site):
                self._mark(run, f"FAULT: {fault}", at, {"site": site})
            case r.EffectCalled(run=run):
                name = f"effect: {record.ledger} {record.operation}"
                self._mark(run, name, at, {"key": record.key, "is_repeat": record.is_repeat})
            case r.EventReceived(name=name, event=event):
                self._mark(None, f"event: {name}", at, {"event": event})
            case MistakeFound(run=run, where=where, text=text):
                self._mark(run, "MISTAKE", at, {"where": where, "text": text})
            case _:
                pass

    def events(self, now: int) -> list[ChromeEvent]:
        """List names of rows, slices and marks; what has not ended goes on to `now`."""
        for each in self._open.values():
            each.ended = now
        _spread(self._slices)
        return [*self._names(), *map(self._written, self._slices), *self._marks]

    def _begin(
        self, row: str, run: str, what: object, at: int, name: str, args: dict[str, Any]
    ) -> None:
        self._end(row, run, what, at, "again")  # A zombie's step may be under way still.
        made = _Slice(self._process(run), row, name, at, args)
        self._open[row, run, what] = made
        self._slices.append(made)

    def _end(self, row: str, run: str, what: object, at: int, how: str) -> None:
        found = self._open.pop((row, run, what), None)
        if found is not None:
            found.ended = at
            found.args["how"] = how

    def _end_all(self, run: str, at: int, how: str) -> None:
        for row, whose, what in [*self._open]:
            if whose == run and row in ("run", "waits"):
                self._end(row, run, what, at, how)

    def _end_waits(self, run: str, at: int, kind: str) -> None:
        for row, whose, what in [*self._open]:
            if row == "waits" and whose == run and isinstance(what, tuple) and what[0] == kind:
                self._end(row, run, what, at, "sent")

    def _end_steps_of(self, run: str, number: int, at: int) -> None:
        for (row, whose, what), each in [*self._open.items()]:
            if row == "steps" and whose == run and each.args["number"] == number:
                self._end(row, run, what, at, "killed")

    def _mark(self, run: str | None, name: str, at: int, args: dict[str, Any]) -> None:
        process = OUTSIDE if run is None else self._process(run)
        scope = "g" if run is None else "p"
        where = {"pid": process, "tid": 0, "ts": self._micros(at)}
        self._marks.append({"name": name, "ph": "i", "s": scope, **where, "args": args})

    def _process(self, run: str) -> int:
        """Number the runs from 1; one whose beginning the trace has dropped has its id for name."""
        self._labels.setdefault(run, run)
        return self._numbers.setdefault(run, len(self._numbers) + 1)

    def _micros(self, at: int) -> int:
        return (at - self._start) * 1000

    def _names(self) -> Iterator[ChromeEvent]:
        yield _name("process_name", OUTSIDE, 0, "events")
        for run, process in self._numbers.items():
            yield _name("process_name", process, 0, self._labels[run])
        rows = dict.fromkeys((each.process, each.row, each.lane) for each in self._slices)
        for process, row, lane in sorted(rows, key=lambda key: (key[0], _tid(*key[1:]))):
            shown = f"{row} {lane + 1}" if lane else row
            yield _name("thread_name", process, _tid(row, lane), shown)

    def _written(self, each: _Slice) -> ChromeEvent:
        assert each.ended is not None, "what is open was ended"
        return {
            "name": each.name,
            "cat": each.row,
            "ph": "X",
            "ts": self._micros(each.began),
            "dur": (each.ended - each.began) * 1000,
            "pid": each.process,
            "tid": _tid(each.row, each.lane),
            "args": each.args,
        }


def _name(kind: str, process: int, row: int, name: str) -> ChromeEvent:
    return {"name": kind, "ph": "M", "pid": process, "tid": row, "args": {"name": name}}


def _tid(row: str, lane: int) -> int:
    return _ROWS.index(row) * _LANES_MAX + lane


def _spread(slices: list[_Slice]) -> None:
    """Give each slice the first lane of its kind of row that is free when it begins."""
    free: dict[tuple[int, str], list[int]] = {}  # Until when each lane is taken.
    for each in slices:
        assert each.ended is not None, "what is open was ended"
        lanes = free.setdefault((each.process, each.row), [])
        each.lane = next((n for n, until in enumerate(lanes) if until <= each.began), len(lanes))
        lanes[each.lane : each.lane + 1] = [each.ended]
