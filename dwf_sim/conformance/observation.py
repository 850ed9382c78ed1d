"""The observation: what became of a recording here, in the shape in which recordings have it.

Log facts stop at the end of the observation; status and output are read some time afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeAlias

from dwf_sim.conformance.masks import Labels, mask
from dwf_sim.conformance.notebook import Execution, HandlerNote
from dwf_sim.conformance.playing import AFTERWARDS, Played
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.refusals import sync_of
from dwf_sim.model import event as system
from dwf_sim.model.payload import decode, encode
from dwf_sim.model.records import RequestSent, RunFinished, RunScheduled, StepsCheckpointed
from dwf_sim.world.views import EventView, RunView

Table: TypeAlias = dict[str, Any]

_STATUSES = {
    "scheduled": "QUEUED",
    "running": "RUNNING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}
_TOLD = (system.FINISHED, system.FAILED, system.CANCELLED, system.INVOKED)
_REGISTERED = {"ok": True}  # What each SDK answers when all is well.
_REGISTERED_TYPESCRIPT = {"message": "Successfully registered"}
_ENTRIES_MAX = 100
_ENTRIES_SHOWN = 3


def observe(recording: Recording, played: Played) -> Table:
    """Observe what became of a recording that was played."""
    if played.refusal is not None:
        is_raw = any("raw_config" in function for function in recording.functions)
        return {"sync": sync_of(played.refusal, is_raw=is_raw)}
    return _Observer(recording, played).observe()


class _Observer:
    def __init__(self, recording: Recording, played: Played) -> None:
        self._recording = recording
        self._played = played
        self._sent = [send for _, send in sorted(played.sends.items())]
        self._start_ms = played.simulation.start_ms
        self._events = [e for e in played.simulation.events if e.received_at <= played.until_ms]
        self._entries: dict[str, list[HandlerNote]] = defaultdict(list)
        for note in played.notebook.entries:
            self._entries[note.run].append(note)
        self._keys: dict[str, tuple[str, ...]] = {
            record.run: record.events for record in played.simulation.trace.of(RunScheduled)
        }
        self._labels = Labels({}, {})
        self._label_events()
        self._runs = self._label_runs()

    def observe(self) -> Table:
        body = _REGISTERED_TYPESCRIPT if self._recording.is_typescript else _REGISTERED
        observed: Table = {"sync": {"status": 200, "body": body}, "sends": self._sends()}
        observed["events"] = self._shown_events()
        runs = [self._logged(run) for run in self._runs]
        observed["internal_events"] = self._internal_events()
        observed["run_start_order"] = self._run_start_order()
        observed["step_start_order"] = self._step_start_order(runs)
        observed["signals"] = [self._signal(run) for run in self._played.signals]
        observed["cancel_run"] = [{"status": s, "body": ""} for s in self._played.cancels]
        self._played.simulation.advance(AFTERWARDS)
        observed["runs"] = [
            {**logged, **self._outcome(run)} for run, logged in zip(self._runs, runs, strict=True)
        ]
        return observed

    # Labels.

    def _label_events(self) -> None:
        sent = [event_id for send in self._sent for event_id in send.ids]
        arrived = [event.internal_id for event in self._events if not _is_internal(event)]
        for number, event_id in enumerate(dict.fromkeys([*sent, *arrived]), start=1):
            self._labels.events[event_id] = f"event-{number}"
        for event in self._events:
            self._labels.events.setdefault(event.internal_id, "event-internal")

    def _label_runs(self) -> list[RunView]:
        listed = [
            f"app-{function['id']}{suffix}"
            for function in self._recording.functions
            for suffix in ("", "-failure")
        ]
        until = self._played.until_ms
        runs = [run for run in self._played.simulation.runs if run.scheduled_at <= until]
        places = list(self._labels.events)
        runs.sort(
            key=lambda run: (listed.index(run.function_id), places.index(self._keys[run.id][0]))
        )
        for number, run in enumerate(runs, start=1):
            self._labels.runs[run.id] = f"run-{number}"
        return runs

    # Sends and events.

    def _sends(self) -> list[Table]:
        return [
            {
                "at": send.at,
                "is_said": send.is_said,
                "quotes_parser": send.quotes_parser,
                "status": 200 if send.error is None else 400,
                "body": {
                    "ids": [self._labels.events[event_id] for event_id in send.ids] or [""],
                    "status": 200 if send.error is None else 400,
                    **({} if send.error is None else {"error": send.error}),
                },
            }
            for send in self._sent
        ]

    def _signal(self, run: str | None) -> Table:
        if run is None:
            return {"status": 404}
        return {"status": 200, "run_id": self._labels.runs[run]}

    def _shown_events(self) -> list[Table]:
        sent = {event_id for send in self._sent for event_id in send.ids}
        names = {event.internal_id: event.name for event in self._events}
        return [
            {"event": label, "name": names[i], "from": "client" if i in sent else "step"}
            for i, label in self._labels.events.items()
            if label != "event-internal"
        ]

    def _internal_events(self) -> list[Table]:
        told = [event for event in self._events if event.name in _TOLD]
        shown = [
            {
                "name": event.name,
                "received": self._seconds(event.received_at),
                "data": mask(_without_copies(event), self._labels),
            }
            for event in told
        ]
        return sorted(shown, key=lambda event: (event["name"], str(event["data"].get("run_id"))))

    # Runs.

    def _logged(self, run: RunView) -> Table:
        """What the log says of a run: it stops at the end of the observation."""
        entries = [_entry(note) for note in self._entries[run.id]]
        executions = [e for e in self._played.notebook.executions if e.run == run.id]
        logged: Table = {
            "run": self._labels.runs[run.id],
            "function": run.function_id.removeprefix("app-"),
            "events": [self._labels.events[event_id] for event_id in self._keys[run.id]],
            "queued": self._seconds(run.scheduled_at),
            "handler_entries": len(entries),
            "entries": entries,
            "steps": _steps(executions),
            **self._requests(run),
        }
        if len(entries) > _ENTRIES_MAX:
            logged["step_count"] = len(logged["steps"])
            logged["entries"] = _ends(entries)
            logged["steps"] = _steps(_ends(executions))
        return logged

    def _requests(self, run: RunView) -> Table:
        """What was asked of the SDK, and what it reported while it went on."""
        trace = self._played.simulation.trace
        sent = [request for request in trace.of(RequestSent) if request.run == run.id]
        told = [one.steps for one in trace.of(StepsCheckpointed) if one.run == run.id]
        targeted = sum(request.step is not None for request in sent)
        return {
            "requests": {"count": len(sent), "targeted": targeted},
            "checkpoints": [[f"StepRun:{step}" for step in steps] for steps in told],
        }

    def _outcome(self, run: RunView) -> Table:
        """What is read from the API: how a run ended."""
        texts = {r.run: r.text for r in self._played.simulation.trace.of(RunFinished)}
        status = _STATUSES[run.status]
        outcome: Table = {
            "status": status,
            "started": self._seconds(run.started_at),
            "ended": self._seconds(run.ended_at),
        }
        if status == "FAILED":
            return {**outcome, "error": mask(decode(texts[run.id]), self._labels)}
        result = decode(texts[run.id]) if status == "COMPLETED" else None
        if status == "CANCELLED":
            result = self._late_output(run)
        return {**outcome, "output": mask(result, self._labels)}

    def _late_output(self, run: RunView) -> Any:
        """Of a run that was cancelled while its handler went on to the end, the API shows what that
        returned, although nobody waited for it."""
        notes = self._entries[run.id]
        is_late = bool(notes) and notes[-1].left == "return"
        return decode(encode(notes[-1].output)) if is_late else {}

    # Orders.

    def _run_start_order(self) -> list[str]:
        labels = self._labels.runs
        entered = dict.fromkeys(note.run for note in self._played.notebook.entries)
        return [labels[run] for run in entered if run in labels]

    def _step_start_order(self, runs: list[Table]) -> list[str]:
        shown = {(run["run"], step["id"]) for run in runs for step in run["steps"]}
        order = [
            (self._labels.runs[execution.run], execution.step)
            for execution in self._played.notebook.executions
            if execution.run in self._labels.runs
        ]
        return [f"{run}:{step}" for run, step in order if (run, step) in shown]

    def _seconds(self, at: int | None) -> float | None:
        return None if at is None else (at - self._start_ms) / 1000


def _entry(note: HandlerNote) -> Table:
    return {"t": note.at, "attempt": note.attempt, "left": note.left}


def _steps(executions: list[Execution]) -> list[Table]:
    by_step: dict[str, list[Table]] = {}
    for execution in executions:
        by_step.setdefault(execution.step, []).append(
            {
                "attempt": execution.attempt,
                "start": execution.start,
                "end": execution.end,
                "outcome": execution.outcome,
            }
        )
    return [{"id": step, "executions": by_step[step]} for step in sorted(by_step)]


def _ends(facts: list[Any]) -> list[Any]:
    return [*facts[:_ENTRIES_SHOWN], *facts[-_ENTRIES_SHOWN:]]


def _is_internal(event: EventView) -> bool:
    return event.name.startswith("inngest/")


def _without_copies(event: EventView) -> Table:
    copies = ("event", "events") if event.name == system.FINISHED else ()
    return {key: content for key, content in event.data.items() if key not in copies}
