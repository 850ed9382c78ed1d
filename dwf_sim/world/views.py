"""What a user is shown of a run and of a send: read when asked, so always the present."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import attrs

from dwf_sim.engine.runs import Runs
from dwf_sim.errors import UnknownStepError, UsageError
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.ids import step_hash
from dwf_sim.model.payload import decode
from dwf_sim.model.run import COMPLETED, FAILED, Run
from dwf_sim.sim.book import Book


@attrs.frozen
class StepView:
    """A step of a run. `executions` counts how often its body ran, `attempts` lists with which
    attempt; `output` is what it returned, `error` what it failed with for good."""

    label: str
    attempts: tuple[int, ...]
    output: Any
    error: dict[str, Any] | None
    is_memoized: bool

    @property
    def executions(self) -> int:
        """How often the step's body ran."""
        return len(self.attempts)


class RunView:
    """A run as a test sees it; what it shows changes as the simulation goes on."""

    def __init__(self, run_id: str, runs: Runs, book: Book) -> None:
        self._id = run_id
        self._runs = runs
        self._book = book

    @property
    def _run(self) -> Run:
        return self._runs[self._id]

    @property
    def id(self) -> str:
        """The run's id."""
        return self._id

    @property
    def label(self) -> str:
        """The run's name in traces and fault plans: the function's id and the run's number."""
        return self._run.label

    @property
    def function_id(self) -> str:
        """The full id of the function."""
        return self._run.function.id

    @property
    def status(self) -> str:
        """One of scheduled, running, completed, failed, cancelled."""
        return self._runs.status(self._id)

    @property
    def output(self) -> Any:
        """What the function returned; None before that, and when it did not."""
        return decode(self._run.result) if self._run.status == COMPLETED else None

    @property
    def error(self) -> dict[str, Any] | None:
        """The error of a failed run: name, message and more; None for any other run."""
        return error_of(self._run)

    @property
    def entries(self) -> int:
        """How often the handler was entered."""
        return self._book.entries(self._run.id)

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The internal ids of the events it was started by; of a batch, of all of them."""
        return tuple(event.internal_id for event in self._run.events)

    @property
    def scheduled_at(self) -> int:
        """When the run was created, in milliseconds since 1970."""
        return self._run.created_at

    @property
    def started_at(self) -> int | None:
        """When the engine took up its first request, in milliseconds since 1970."""
        return self._run.started_at

    @property
    def ended_at(self) -> int | None:
        """When it ended, in milliseconds since 1970."""
        return self._run.ended_at

    @property
    def steps(self) -> StepViews:
        """The steps by label: `run.steps["charge"]`, `run.steps["charge:1"]` for a repeat."""
        return StepViews(self._run, self._book)

    def __repr__(self) -> str:
        error = self.error
        why = f": {error_text(error)}" if error else ""
        return f"<run {self.label} {self.status}{why}>"


def error_text(error: Mapping[str, Any]) -> str:
    """Write an error on one line: its name and its message."""
    return f"{error.get('name')}: {error.get('message')}"


def error_of(run: Run) -> dict[str, Any] | None:
    """The error of a failed run, if there is one."""
    shown = decode(run.result) if run.status == FAILED else None
    if isinstance(shown, dict) and isinstance(shown.get("error"), dict):
        shown = shown["error"]  # The server wraps what did not come from the SDK once more.
    return shown if isinstance(shown, dict) else None


class StepViews(Mapping[str, StepView]):
    """The steps of a run that have been executed, reported or memoized, in that order."""

    def __init__(self, run: Run, book: Book) -> None:
        self._run = run
        self._book = book

    def __getitem__(self, label: str) -> StepView:
        key = step_hash(label)
        attempts = tuple(self._book.executions(self._run.id).get(label, b""))
        if not attempts and key not in self._run.labels:
            known = ", ".join(map(repr, self)) or "none yet"
            raise UnknownStepError(
                f"run {self._run.label} has no step {label!r}; its steps: {known}"
            )
        memo = self._run.memos.get(key)
        return _step_view(label, attempts, memo)

    def __iter__(self) -> Iterator[str]:
        executed = self._book.executions(self._run.id)
        return iter(dict.fromkeys([*self._run.labels.values(), *executed]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<steps of {self._run.label}: {', '.join(self) or 'none yet'}>"

    def __contains__(self, label: object) -> bool:
        return label in list(self)


def _step_view(label: str, attempts: tuple[int, ...], memo: str | None) -> StepView:
    content = decode(memo) if memo is not None else None
    output, error = content, None
    if isinstance(content, dict) and content.keys() <= {"data", "error"}:
        output, error = content.get("data"), content.get("error")
    return StepView(label, attempts, output, error, memo is not None)


class RunIndex:
    """Which runs an event has started: brought up to date when somebody asks."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._by_event: dict[str, tuple[str, ...]] = {}
        self._indexed = 0

    def started_by(self, events: list[str]) -> list[str]:
        """List the ids of the runs that any of these events has started."""
        fresh = list(islice(reversed(self._runs), len(self._runs) - self._indexed))
        for run_id in reversed(fresh):
            for event in self._runs[run_id].events:
                known = self._by_event.get(event.internal_id, ())
                self._by_event[event.internal_id] = (*known, run_id)
        self._indexed = len(self._runs)
        return list(dict.fromkeys(run for event in events for run in self._by_event.get(event, ())))


@attrs.frozen
class Sent:
    """What a send gives: the events' internal ids, and the runs they started."""

    ids: list[str]
    _runs: Callable[[list[str]], list[RunView]]
    _why_none: Callable[[list[str]], str]

    @property
    def runs(self) -> list[RunView]:
        """The runs started by these events so far."""
        return self._runs(self.ids)

    @property
    def run(self) -> RunView:
        """The only run; raises `UsageError` when there is none yet, or more than one."""
        runs = self.runs
        if len(runs) == 1:
            return runs[0]
        if runs:
            labels = ", ".join(run.label for run in runs)
            raise UsageError(f"the send started {len(runs)} runs ({labels}); use .runs")
        raise UsageError(f"the send has started no run: {self._why_none(self.ids)}")


@attrs.frozen
class EventView:
    """An event the simulation has seen, also those the engine made itself.

    `ts` and `received_at` are in milliseconds since 1970.
    """

    internal_id: str
    name: str
    id: str
    ts: int
    received_at: int
    data: dict[str, Any]


def event_view(stored: StoredEvent) -> EventView:
    """Show an event."""
    data: Any = decode(stored.data)
    return EventView(
        stored.internal_id, stored.name, stored.id, stored.ts, stored.received_at, data
    )
