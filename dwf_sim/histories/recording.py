"""Recording: what runs of a simulation have remembered, and where they stood, read off its trace.

Then the same code is entered at each boundary, and what it asks for there is kept as well: that is
what changed code is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from dwf_sim.drivers.base import Ask
from dwf_sim.errors import UsageError
from dwf_sim.given import check_keywords, check_text, keywords_of, shown
from dwf_sim.histories.code import digest_of, handlers_in, versions
from dwf_sim.histories.history import (
    ENDING,
    INVOKE,
    RUN,
    SIGNAL,
    SLEEP,
    WAIT,
    Asked,
    Awaited,
    Boundary,
    History,
    Memo,
)
from dwf_sim.histories.reasons import awaited_by, is_as_promised
from dwf_sim.histories.stage import Entry, Stage
from dwf_sim.histories.writing import write
from dwf_sim.model.event import Event
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Returned, Threw
from dwf_sim.model.payload import decode, encode
from dwf_sim.model.records import StepMemoized, StepReported
from dwf_sim.model.run import Run
from dwf_sim.sim.trace import Entry as Fact
from dwf_sim.world.serving import as_event, function_id_of
from dwf_sim.world.simulation import Simulation

if TYPE_CHECKING:
    from dwf_sim.world.serving import AnyFunction, Servable

# What a step was reported as, and what it is; and what a memo says of a step nobody reported.
_REPORTED: Mapping[str, str] = {
    "planned": RUN,
    "sleep": SLEEP,
    "wait": WAIT,
    "signal": SIGNAL,
    "invoke": INVOKE,
}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@attrs.frozen
class Recording:
    """The histories of the runs of one simulation, in the order of the runs."""

    histories: tuple[History, ...]

    def __str__(self) -> str:
        lines = [
            f"  {each.file_name}: {len(each.memos)} memos, {len(each.boundaries)} boundaries"
            for each in self.histories
        ]
        return "\n".join([f"{len(lines)} histor{'ies' if len(lines) > 1 else 'y'}", *lines])

    def save(self, folder: Path | str) -> list[Path]:
        """Write each history to a file in a folder, which is made; returns the files.

        A file is named after its function and the recording, and replaces one of that name.
        """
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        files = [path / history.file_name for history in self.histories]
        for file, history in zip(files, self.histories, strict=True):
            file.write_text(write(history), "utf-8")
        return files


def record(
    functions: Servable,
    play: Callable[[Simulation], object] | Event | str | Any,
    data: Mapping[str, object] | None = None,
    *,
    name: str | None = None,
    function: AnyFunction | str | None = None,
    **settings: Any,
) -> Recording:
    """Run functions in a simulation and keep the history of each run, boundary by boundary.

        dwf.record(app, "order/created", {"order": 7}).save("tests/histories")

    `play` is an event, or its name with `data`; or a function that is given the simulation, to
    send what it takes, stub steps, and let time go by. At the end time goes on until nothing is
    left to happen. A boundary is each point at which a run can stand when other code is deployed:
    the start, after each step, and while it waits. `name` tells recordings apart, and is that of
    `play` by default; `function` takes the runs of one function alone. `settings` are those of
    `Simulation`. Raises `UsageError` when no run has begun.
    """
    check_keywords("record", settings, (*keywords_of(record), *keywords_of(Simulation)))
    title = _title(play) if name is None else name
    check_text("name", title, UsageError)
    if _NOT_IN_NAMES.search(title):
        raise UsageError(
            f"name is {shown(title)}; it becomes part of a file's name: letters, digits, '.', '_' "
            "and '-'"
        )
    with Simulation(**settings) as simulation:
        simulation.serve(functions)
        if callable(play):
            if data is not None:
                raise UsageError("data is given beside a function, which sends its own events")
            play(simulation)
        else:
            simulation.send(as_event(play), data)
        simulation.run_until_idle()
        only = None if function is None else function_id_of(function)
        runs = simulation._engine.state.runs
        kept = [run for run in runs.values() if only in (None, run.function.id)]
        warnings = simulation.warnings
        facts = {run.id: simulation.trace.about(run.id) for run in kept}
    if not kept:
        whose = "" if only is None else f" of {shown(only)}"
        told = "".join(f"; {text}" for text in warnings)
        raise UsageError(f"nothing is recorded: no run{whose} has begun{told}")
    names = _names(title, kept)
    made = [_history(functions, run, facts[run.id], names[run.id]) for run in kept]
    return Recording(tuple(made))


def _title(play: object) -> str:
    """Name a recording after what is played."""
    if isinstance(play, str):
        found = play
    else:
        found = str(getattr(play, "name", None) or getattr(play, "__name__", "run"))
    return _NOT_IN_NAMES.sub("-", found).strip("-") or "run"


def _names(title: str, runs: list[Run]) -> dict[str, str]:
    """Name the runs: as the recording, with a number from the second run of a function on."""
    counts: dict[str, int] = {}
    names = {}
    for run in runs:
        nth = counts[run.function.id] = counts.get(run.function.id, 0) + 1
        names[run.id] = title if nth == 1 else f"{title}-{nth}"
    return names


def _history(functions: Servable, run: Run, facts: list[Fact], name: str) -> History:
    handler = handlers_in(functions).get(run.function.id)
    memos, bare = _Reader(run).read(facts)
    draft = History(
        function=run.function.id,
        name=name,
        module=getattr(handler, "__module__", None),
        source=None if handler is None else digest_of(handler),
        versions=versions(functions),
        events=run.events,
        calls=(),
        memos=memos,
        boundaries=bare,
        place=f"{run.function.id}.{name}{ENDING}",
    )
    return _with_asks(functions, draft)


class _Reader:
    """Reads the boundaries of a run off the facts about it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._kinds: dict[str, str] = {}
        self._pending: dict[str, Awaited] = {}
        self._memos: list[Memo] = []
        self._boundaries: list[Boundary] = [Boundary(0, run.created_at)]
        self._reported_at: int | None = None  # When, if no boundary shows it yet.

    def read(self, facts: list[Fact]) -> tuple[tuple[Memo, ...], tuple[Boundary, ...]]:
        """Read them all; what is reported in one response is one boundary."""
        for fact in facts:
            record = fact.record
            if isinstance(record, StepReported):
                self._report(record, fact.at)
            else:
                self._stand()
                if isinstance(record, StepMemoized):
                    self._remember(record, fact.at)
        self._stand()
        return tuple(self._memos), tuple(self._boundaries)

    def _report(self, record: StepReported, at: int) -> None:
        kind = self._kinds[record.step] = _REPORTED[record.kind]
        awaits = record.awaits if kind in (WAIT, SIGNAL) else None
        step = Awaited(record.step, kind, record.until, awaits, record.condition)
        self._pending[record.step] = step
        self._reported_at = at

    def _remember(self, record: StepMemoized, at: int) -> None:
        self._pending.pop(record.step, None)
        kind = self._kinds.get(record.step, RUN)
        memo = _without_stack(self._run.memos[step_hash(record.step)])
        self._memos.append(Memo(record.step, kind, record.kind, at, memo))
        self._boundaries.append(Boundary(len(self._memos), at, tuple(self._pending.values())))

    def _stand(self) -> None:
        if self._reported_at is not None:
            waits = tuple(self._pending.values())
            self._boundaries.append(Boundary(len(self._memos), self._reported_at, waits))
            self._reported_at = None


def _without_stack(memo: str) -> str:
    """Leave out of an error's memo what differs from machine to machine."""
    content = decode(memo)
    if not isinstance(content, dict) or not isinstance(content.get("error"), dict):
        return memo
    kept = {name: value for name, value in content["error"].items() if name != "stack"}
    return encode({**content, "error": kept})


def _with_asks(functions: Servable, draft: History) -> History:
    """Enter the code at each boundary, and add what it asks for, and of which kinds steps are."""
    entries = []
    for boundary in draft.boundaries:
        with Stage(functions, draft, boundary, {}) as stage:
            entries.append(stage.enter())
    asks = {ask.step: ask for entry in entries for ask in entry.asks}
    fullest = max(entries, key=lambda entry: len(entry.asks))
    pairs = zip(draft.boundaries, entries, strict=True)
    return attrs.evolve(
        draft,
        memos=tuple(_as_asked(memo, asks.get(memo.step)) for memo in draft.memos),
        calls=tuple(dict.fromkeys(ask.step for ask in fullest.asks)),
        boundaries=tuple(_with_entry(draft, *pair) for pair in pairs),
    )


def _as_asked(memo: Memo, ask: Ask | None) -> Memo:
    """Add to a memo what the code says of its step."""
    if ask is None:
        return memo
    known = attrs.evolve(memo, kind=ask.kind)
    return attrs.evolve(known, fits=is_as_promised(known, ask))


def _with_entry(history: History, boundary: Boundary, entry: Entry) -> Boundary:
    asked = [ask.step for ask in entry.asks]
    known = [memo.step for memo in history.known_at(boundary)]
    response = entry.response
    ends = response.error.name if isinstance(response, Threw) else None
    return attrs.evolve(
        boundary,
        asks=tuple(Asked(ask.step, ask.kind, awaited_by(ask)) for ask in entry.fresh),
        ends="return" if isinstance(response, Returned) else ends,
        unread=tuple(step for step in known if step not in asked),
    )
