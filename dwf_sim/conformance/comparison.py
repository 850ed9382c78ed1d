"""Compares what became of a recording here with what the server did, within the tolerances.

The first place where the two differ is told, with what was expected there and what came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, pairwise
from typing import Any, TypeAlias

from dwf_sim.conformance.contests import widen
from dwf_sim.conformance.differences import ABSENT, Difference, Words
from dwf_sim.conformance.masks import mask
from dwf_sim.conformance.program import operations
from dwf_sim.conformance.recordings import Recording
from dwf_sim.conformance.refusals import unlike
from dwf_sim.conformance.times import RETRY_RANGES, Interval, Slack, entries_of, is_drawn, slack_of
from dwf_sim.conformance.unstable import samples_of, settle

Table: TypeAlias = Mapping[str, Any]

# Areas whose orders are rules even where several functions take one event.
ORDERED_AREAS = ("concurrency", "priority", "singleton", "combos")
_RUN_KEYS = ("function", "events", "status", "output", "error", "handler_entries", "step_count")
_RUN_TIMES = ("queued", "started", "ended")
# Our refusals of events stand in the answer to a send, and in the error of a step that sends.
_REFUSED_SEND = "SendEventsError"
_OF_SEND = re.compile(r"sends\[\d+\]\.body\.error")
_SDK_KEYS = ("code", "__serialized")


def compare(recording: Recording, observed: Table) -> Difference | None:
    """Find the first difference; None if ours agrees with the recording."""
    return next(_Comparison(recording, observed).differences(), None)


class _Comparison:
    def __init__(self, recording: Recording, observed: Table) -> None:
        self._recording = recording
        self._expected: Table = settle(recording.observed, observed, _agree)
        self._got = observed
        if "runs" in recording.observed:
            self._expected = widen(recording.functions, self._expected)
        self._runs: list[Table] = self._expected.get("runs", [])
        self._slack: Slack = slack_of(recording.functions, self._expected)

    def differences(self) -> Iterator[Difference]:
        yield from self._of_sync()
        if "runs" not in self._expected or "refused" in self._got["sync"]:
            return
        yield from self._of_sends()
        yield from _of_values("events", self._expected["events"], self._got["events"])
        yield from self._of_runs()
        yield from self._of_orders()
        yield from self._of_internal_events()
        if "signals" in self._expected:
            signals = [_signal(answer) for answer in self._expected["signals"]]
            yield from _of_values("signals", signals, self._got["signals"])
        if "cancel_run" in self._expected:
            given = self._expected["cancel_run"], self._got["cancel_run"]
            yield from _of_values("cancel_run", *given)

    def _of_sync(self) -> Iterator[Difference]:
        """Compare what a registration answered, whether it was refused, and for what."""
        expected, got = self._expected["sync"], self._got["sync"]
        is_accepted = "sdk_error" not in expected and "error" not in expected["body"]
        if is_accepted == ("refused" in got):
            yield Difference("sync", expected, got)
        elif "sdk_error" in expected:
            if "sdk_error" in got:  # Only the SDK has its words.
                yield from _of_values("sync.sdk_error", expected["sdk_error"], got["sdk_error"])
        else:
            for key in ("status", "body"):
                yield from _of_values(f"sync.{key}", expected[key], got.get(key, ABSENT))
            if not is_accepted and unlike(expected["detail"], got["refused"]):
                yield Difference("sync.detail", expected["detail"], got["refused"])

    def _of_sends(self) -> Iterator[Difference]:
        expected, got = self._expected["sends"], self._got["sends"]
        yield from _of_values("sends", len(expected), len(got))
        pairs = zip(expected, got, strict=True)
        for number, (expected, got) in enumerate(pairs):
            if got["is_said"]:
                yield from _of_values(f"sends[{number}].status", expected["status"], got["status"])
                body = expected["body"]
                if got.get("quotes_parser") and "error" in body:  # Ours quotes another.
                    body = {**body, "error": got["body"]["error"]}
                yield from _of_values(f"sends[{number}].body", body, got["body"])

    def _of_runs(self) -> Iterator[Difference]:
        expected, got = ([_brief(run) for run in runs] for runs in (self._runs, self._got["runs"]))
        if len(expected) != len(got):
            yield _of_lengths("runs", expected, got)
        for place, (run, ours) in enumerate(zip(self._runs, self._got["runs"], strict=False)):
            path = f"runs[{place}]"
            for key in _RUN_KEYS:
                if key in run:
                    yield from _of_values(f"{path}.{key}", run[key], ours.get(key, ABSENT))
            yield from self._of_facts(path, run, ours)
            yield from _of_requests(path, run, ours)
            yield from self._of_times(path, run, ours)

    def _of_facts(self, path: str, run: Table, ours: Table) -> Iterator[Difference]:
        """Compare entries and executions without their times."""
        for key, names in (("entries", ("attempt", "left")), ("steps", ("id",))):
            expected, got = ([_only(fact, names) for fact in r[key]] for r in (run, ours))
            yield from _of_values(f"{path}.{key}", expected, got)
        for step, our_step in zip(run["steps"], ours["steps"], strict=True):
            where = f"{path}.steps[{step['id']}].executions"
            names = ("attempt", "outcome")
            expected, got = (
                [_only(fact, names) for fact in s["executions"]] for s in (step, our_step)
            )
            yield from _of_values(where, expected, got)
            facts = step["executions"], our_step["executions"]
            yield from _of_delays(where, *facts, ("start", "end", "outcome"))
        entries = entries_of(run), ours["entries"]
        yield from _of_delays(f"{path}.entries", *entries, ("t", "t", "left"))

    def _of_times(self, path: str, run: Table, ours: Table) -> Iterator[Difference]:
        timed = list(_timed(path, run, ours))
        for where, expected, got in timed:
            yield from self._of_time(where, expected, got, run["run"])
        known = [(w, e, g) for w, e, g in timed if isinstance(e, list) and g is not None]
        known.sort(key=lambda fact: fact[1][0])
        for (first, before, then), (second, after, later) in combinations(known, 2):
            times = _pair(before), _pair(after), later - then
            if fault := self._slack.fault_of_difference(*times, run["run"]):
                got = f"{later - then:.2f} s"
                yield Difference(f"{first} to {second}", Words(fault), Words(got))

    def _of_time(
        self, where: str, expected: Any, got: Any, run: str | None
    ) -> Iterator[Difference]:
        if expected is None or got is None:
            if expected is not got and not self._is_taken_up(where, run):
                yield Difference(where, expected, got)
        elif fault := self._slack.fault(_pair(expected), got, run):
            yield Difference(where, Words(fault), Words(f"{got:.2f} s"))

    def _is_taken_up(self, where: str, run: str | None) -> bool:
        """A run that was never entered is shown as started when the queue took it up."""
        entered = {one["run"] for one in self._runs if one["handler_entries"]}
        return where.endswith(".started") and run not in entered

    def _of_orders(self) -> Iterator[Difference]:
        """Compare orders that are rules; see the tolerances of the recordings."""
        is_rule = self._recording.area in ORDERED_AREAS
        shared = self._has_shared_events()
        for key, is_accident in (
            ("run_start_order", shared),
            ("step_start_order", shared or self._has_branches()),
        ):
            expected = self._expected[key]
            if isinstance(expected, list) and (is_rule or not is_accident):
                yield from _of_values(key, expected, self._got[key])

    def _has_shared_events(self) -> bool:
        """Whether several functions took one event."""
        events = [
            label
            for run in self._runs
            for label in (run["events"] if isinstance(run["events"], list) else ())
            if label != "event-internal" and isinstance(label, str)
        ]
        return len(events) != len(set(events))

    def _has_branches(self) -> bool:
        return any(
            op["op"] in ("parallel", "start")
            for function in self._recording.functions
            for op in operations(function["body"])
        )

    def _of_internal_events(self) -> Iterator[Difference]:
        expected, got = self._expected["internal_events"], self._got["internal_events"]
        names = [[event["name"] for event in events] for events in (expected, got)]
        yield from _of_values("internal_events", *names)
        for place, (event, ours) in enumerate(zip(expected, got, strict=True)):
            path = f"internal_events[{place}]"
            told = _as_refused(ours["data"]) if self._recording.is_typescript else ours["data"]
            yield from _of_values(f"{path}.data", event["data"], told)
            run = event["data"].get("run_id")
            label = run if isinstance(run, str) else None
            yield from self._of_time(f"{path}.received", event["received"], ours["received"], label)


def _as_refused(data: Table) -> Table:
    """By the TypeScript SDK the last attempt of a handler answers 400, by the drivers here 500, and
    of the two the server makes different words."""
    error = data.get("error")
    if not isinstance(error, Mapping) or error.get("error") != "invalid status code: 500":
        return data
    return {**data, "error": {**error, "error": "NonRetriableError"}}


def _of_requests(path: str, run: Table, ours: Table) -> Iterator[Difference]:
    """Compare requests and checkpoints, which only recordings of the TypeScript SDK have."""
    for key in ("count", "targeted") if "requests" in run else ():
        given = run["requests"][key], ours["requests"][key]
        yield from _of_values(f"{path}.requests.{key}", *given)
    if "checkpoints" in run:
        got = ours["checkpoints"]
        recorded = [one["steps"] for one in samples_of(run["checkpoints"])]
        samples = [sample for steps in recorded for sample in samples_of(steps)]
        if not any(_are_repeats(sample, got) for sample in samples):
            yield Difference(f"{path}.checkpoints", samples[0], got)
        for one in samples_of(run["checkpoints"])[:1]:
            yield from _of_values(f"{path}.checkpoints.count", one["count"], len(got))


def _are_repeats(expected: list[list[str]], got: list[list[str]]) -> bool:
    """Whether two rows of checkpoints report the same."""
    sizes = [[len(steps) for steps in one] for one in (expected, got)]
    pairs = zip(chain(*expected), chain(*got), strict=False)
    return sizes[0] == sizes[1] and all(_is_repeat(*pair) for pair in pairs)


def _is_repeat(step: str, label: str) -> bool:
    """Recordings call a step that is met again by its id alone; here it has its number."""
    return label == step or (label.startswith(f"{step}:") and label[len(step) + 1 :].isdigit())


def _signal(answer: Table) -> dict[str, Any]:
    """Give what is compared of an answer to a signal: whom it reached, if anybody."""
    bodies = samples_of(answer["body"])
    runs = [body["data"]["run_id"] for body in bodies if isinstance(body.get("data"), Mapping)]
    either: list[dict[str, Any]] = []
    for status in samples_of(answer["status"]):
        told = [{"status": 200, "run_id": run} for run in runs] if status == 200 else []
        either += told or [{"status": status}]
    return either[0] if len(either) == 1 else {"unstable": either}


def _of_values(path: str, expected: Any, got: Any) -> Iterator[Difference]:
    """Compare exactly, but for what is masked and what was not the same each time."""
    yield from _of_masked(path, mask(expected), mask(got))


def _of_masked(path: str, expected: Any, got: Any) -> Iterator[Difference]:
    if isinstance(expected, dict) and expected.keys() == {"unstable"}:
        if not any(_agree(path, value, got) for value in expected["unstable"]):
            yield Difference(path, expected, got)
    elif isinstance(expected, dict) and isinstance(got, dict):
        both = expected.keys() & got.keys()
        for key in dict.fromkeys([*expected, *got]):
            if key in _SDK_KEYS and key not in both:
                continue  # Each SDK has its own.
            given = expected.get(key, ABSENT), got.get(key, ABSENT)
            is_ours = key == "message" and expected.get("name") == _REFUSED_SEND
            if not (is_ours and _is_advised(*given)):
                yield from _of_masked(f"{path}.{key}", *given)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for place, (item, ours) in enumerate(zip(expected, got, strict=True)):
            yield from _of_masked(f"{path}[{place}]", item, ours)
    elif isinstance(expected, list) and isinstance(got, list):
        yield _of_lengths(path, expected, got)
    elif not _is_same(path, expected, got):
        yield Difference(path, expected, got)


def _of_lengths(path: str, expected: list[Any], got: list[Any]) -> Difference:
    """Say of two lists of different lengths which item is lacking, or there besides."""
    pairs = enumerate(zip(expected, got, strict=False))
    shorter = min(len(expected), len(got))
    place = next((n for n, pair in pairs if not _agree(path, *pair)), shorter)
    where = f"{path}[{place}], of {len(expected)} expected and {len(got)} that came"
    if len(expected) > len(got):
        return Difference(where, expected[place], ABSENT)
    return Difference(where, ABSENT, got[place])


def _agree(path: str, expected: Any, got: Any) -> bool:
    return next(_of_masked(path, expected, got), None) is None


def _is_same(path: str, expected: Any, got: Any) -> bool:
    """Compare two values that are no lists and no objects."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if _OF_SEND.fullmatch(path) and _is_advised(expected, got):
        return True
    return bool(expected == got)


def _is_advised(expected: Any, got: Any) -> bool:
    """Whether a refusal of ours says what the server says, and after it what to do."""
    are_texts = isinstance(expected, str) and isinstance(got, str)
    return are_texts and bool(expected) and got.startswith((f"{expected}; ", f"{expected}: "))


def _of_delays(
    where: str, expected: list[Table], got: list[Table], keys: tuple[str, str, str]
) -> Iterator[Difference]:
    """Check drawn delays: not what was drawn, but whether it could have been.

    Of entries only the beginning is known, so that what a handler does before it raises is added:
    as much as the recorded delay is longer than any.
    """
    start, end, left = keys
    for place, (before, after) in enumerate(pairwise(expected), start=1):
        if not is_drawn(before, after, left) or after["attempt"] > len(RETRY_RANGES):
            continue
        low, high = RETRY_RANGES[after["attempt"] - 1]
        ours = got[place][start] - got[place - 1][end]
        recorded = after[start][1] - before[end][0]
        high = max(high, recorded) if start == end else high  # Both are when an entry began.
        if recorded >= low - 1 and not low - 1 <= ours <= high + 1:
            words = f"{low} to {high:.0f} s later, as delays are drawn"
            yield Difference(
                f"{where}[{place}].{start}", Words(words), Words(f"{ours:.2f} s later")
            )


def _timed(path: str, run: Table, ours: Table) -> Iterator[tuple[str, Any, Any]]:
    for key in _RUN_TIMES:
        yield f"{path}.{key}", run[key], ours[key]
    for place, (entry, our_entry) in enumerate(zip(run["entries"], ours["entries"], strict=True)):
        yield f"{path}.entries[{place}].t", entry["t"], our_entry["t"]
    for step, our_step in zip(run["steps"], ours["steps"], strict=True):
        pairs = zip(step["executions"], our_step["executions"], strict=True)
        for place, (execution, our_execution) in enumerate(pairs):
            where = f"{path}.steps[{step['id']}].executions[{place}]"
            for key in ("start", "end"):
                yield f"{where}.{key}", execution[key], our_execution[key]


def _pair(interval: list[float]) -> Interval:
    low, high = interval
    return low, high


def _only(fact: Table, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fact[name] for name in names}


def _brief(run: Table) -> str:
    return f"{run['function']} {'+'.join(map(str, run['events']))} {run['status']}"
