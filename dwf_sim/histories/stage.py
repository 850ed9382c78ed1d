"""The stage: a simulation in which a run stands where a history says, and goes on with some code.

The engine is the same as ever, and so are the drivers; only what steps do is answered by a probe.
Flow control, triggers, cancellations and timeouts are left out: the run has passed them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import attrs

from dwf_sim.drivers.base import Ask, Bench, Driver
from dwf_sim.drivers.native import NativeDriver
from dwf_sim.engine import memos as engine_memos
from dwf_sim.engine import queue
from dwf_sim.engine.turn import Turn
from dwf_sim.histories.history import RUN, SLEEP, Awaited, Boundary, History, Memo
from dwf_sim.histories.probe import ALIKE, Answers, Probe
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.ids import step_hash
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import FunctionsServed, ItemDue, Ops, Request, Response, Threw
from dwf_sim.model.ops import Sleep, StepPlanned
from dwf_sim.model.records import ResponseReceived
from dwf_sim.model.run import FAILED, START, Run
from dwf_sim.world.serving import sort_out
from dwf_sim.world.simulation import Simulation

if TYPE_CHECKING:
    from dwf_sim.world.serving import Servable

_REQUESTS_MAX = 300  # Code that asks for more steps than that is not followed to its end.
UNEXPECTED = "StepUnexpectedError"  # A request for one step has found another (A41).
# The jobs that the engine has queued for a step that is done; it queues none of them twice (A224).
_JOBS: Mapping[str, tuple[str, ...]] = {
    "data": ("", "-plan"),
    "error": ("-failure", "-plan"),
    "sleep": ("-sleep",),
    "timeout": ("-pause", "-timeout"),
    "event": ("-pause", "-event"),
    "signal": ("-pause", "-signal"),
    "invoke": ("-pause", "-invoke"),
}


@attrs.frozen
class Entry:
    """What one entry of a handler asked for, in order, and how it was left."""

    asks: tuple[Ask, ...]
    response: Response | None  # None when it came to no end.
    known: frozenset[str]  # The labels that had a memo; only ever asked for membership.

    @property
    def fresh(self) -> list[Ask]:
        """The steps it asks for that have no memo."""
        return [ask for ask in self.asks if ask.step not in self.known]


@attrs.frozen
class Course:
    """How a run went on: its entries, and whether the code was followed to an end."""

    entries: tuple[Entry, ...]
    made_up: tuple[str, ...]
    is_whole: bool
    is_idle: bool  # Whether nothing was left to happen although the run had not ended.
    is_cut: bool  # Whether it asks for more than it was followed for.
    error: Threw | None  # What it has failed with.
    last: Entry | None  # The entry whose answer has ended it.

    @property
    def asks(self) -> dict[str, Ask]:
        """All steps asked for, by label, as they were asked for first."""
        found: dict[str, Ask] = {}
        for entry in self.entries:
            for ask in entry.asks:
                found.setdefault(ask.step, ask)
        return found


class Stage:
    """One simulation for one run; close it when it is over."""

    def __init__(
        self,
        code: Servable,
        history: History,
        boundary: Boundary,
        given: Mapping[str, object],
        *,
        invention: str = ALIKE,
    ) -> None:
        self._history = history
        self._boundary = boundary
        known = history.known_at(boundary)
        self._answers = Answers(given, history.memos, known, invention)
        self._probe = Probe(self._answers)
        start = datetime.datetime.fromtimestamp(boundary.at / 1000, datetime.UTC)
        self._simulation = Simulation(start=start, invariants=False, watch=True)
        self._runner = self._simulation._runner
        self._runner.stubs = self._probe
        self._runner.on_ask = self._hear
        self._asks: dict[int, list[Ask]] = {}  # By request.
        self._requests: dict[int, Request] = {}
        self._undo = ExitStack()
        self._undo.callback(self._simulation.close)
        self._serve(code)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def enter(self) -> Entry:
        """Enter the handler once with what is remembered, and stop there."""
        run = self._put(self._history.known_at(self._boundary))
        self._runner.run(None, lambda: bool(self._probe.responses) or run.is_ended)
        known = frozenset(memo.step for memo in self._history.known_at(self._boundary))
        asks = next(iter(self._asks.values()), [])
        response = self._probe.responses[0] if self._probe.responses else None
        return Entry(tuple(asks), response, known)

    def go_on(self, wanted: Sequence[str]) -> Course:
        """Let the run go on until it has asked for all these steps, or ends.

        Steps that were planned have requests of their own, which are sent at once; what the run
        waits for besides may take its time. So those come to their end first, and only what is left
        of the run then sees what it waited for.
        """
        known, planned = self._history.known_at(self._boundary), self._planned
        if planned:
            self._begin_with(Ops((*map(_planned, planned), *map(_under_way, self._waits))))
            run = self._put(known, self._waits)
        else:
            run = self._put([*known, *self._outcomes()])

        def is_over() -> bool:
            return run.is_ended or len(self._asks) > _REQUESTS_MAX or self._has_failed()

        def is_known() -> bool:
            return not planned and all(step in self._answers.asked for step in wanted)

        self._runner.run(None, lambda: is_over() or is_known())
        if planned and self._waits and not is_over():
            self._resolve(run)
            self._runner.run(None, is_over)
        ended = self._simulation._engine.state.runs[run.id]
        error = self._error() if ended.status == FAILED or self._has_failed() else None
        return Course(
            tuple(self._entry(number) for number in self._asks),
            tuple(self._answers.made_up),
            is_whole=ended.is_ended and error is None,
            is_idle=not is_over() and not is_known(),
            is_cut=len(self._asks) > _REQUESTS_MAX and not ended.is_ended,
            error=error,
            last=self._last() if ended.is_ended else None,
        )

    def _last(self) -> Entry | None:
        answered = self._simulation.trace.of(ResponseReceived)
        number = answered[-1].number if answered else None
        return None if number is None or number not in self._asks else self._entry(number)

    @property
    def _planned(self) -> list[Awaited]:
        return [step for step in self._boundary.waits_for if step.kind == RUN]

    @property
    def _waits(self) -> list[Awaited]:
        return [step for step in self._boundary.waits_for if step.kind != RUN]

    def _entry(self, number: int) -> Entry:
        memos = self._requests[number].memos
        asks = tuple(self._asks[number])
        known = frozenset(ask.step for ask in asks if step_hash(ask.step) in memos)
        return Entry(asks, None, known)

    def _has_failed(self) -> bool:
        """Whether an error has left the handler, other than one that goes by itself."""
        return any(
            isinstance(response, Threw) and response.error.name != UNEXPECTED
            for response in self._probe.responses
        )

    def _error(self) -> Threw | None:
        threw = [response for response in self._probe.responses if isinstance(response, Threw)]
        return threw[-1] if threw else None

    def _hear(self, request: Request, ask: Ask) -> None:
        self._requests[request.number] = request
        self._asks.setdefault(request.number, []).append(ask)
        self._answers.asked[ask.step] = None

    def _outcomes(self) -> list[Memo]:
        """What the steps that are waited for end with: as recorded, else by their timeout."""
        found = []
        for step in self._waits:
            recorded = [memo for memo in self._history.memos if memo.step == step.step]
            outcome = SLEEP if step.kind == SLEEP else "timeout"
            memo = Memo(step.step, step.kind, outcome, self._boundary.at, "null")
            found += recorded or [memo]
        order = {memo.step: nth for nth, memo in enumerate(self._history.memos)}
        return sorted(found, key=lambda memo: order.get(memo.step, len(order)))

    def _serve(self, code: Servable) -> None:
        """Serve code without what starts, delays or ends its runs."""
        engine = self._simulation._engine
        served = sort_out(code, self._simulation._gateway, engine.quirks)
        for undo in served.undo:
            self._undo.callback(undo)
        for function, driver in served.drivers.items():
            if isinstance(driver, NativeDriver):  # Only those may have checkpoints.
                driver = driver.without_checkpoints()
            self._runner.drivers[function] = driver
        configs = tuple([_bare(config) for config in served.configs])
        self._runner.tell(FunctionsServed(configs))

    def _put(self, memos: Sequence[Memo], waits: Sequence[Awaited] = ()) -> Run:
        """Make the run and have its next request sent; what it waits for is not begun again."""
        turn, now = self._turn(), self._simulation.now_ms
        state = turn.state
        config = state.triggers.functions[self._history.function]
        run = Run(state.mint.ulid(now), f"{config.id}#1", config, self._history.events, now)
        for memo in memos:
            run.memos[memo.hash] = memo.memo
            run.labels[memo.hash] = memo.step
            for ending in _JOBS.get(memo.outcome, ()):
                run.jobs[f"{memo.hash}{ending}"] = None
        for step in waits:
            for ending in ("-pause", "-sleep"):
                run.jobs[f"{step_hash(step.step)}{ending}"] = None
        self._probe.under_way = frozenset(step.step for step in waits)
        state.runs.add(run)
        queue.push(turn, queue.new_item(turn, run, START), "start")
        self._give_out(turn)
        return run

    def _resolve(self, run: Run) -> None:
        """Have what a run waits for come to its end, as it was recorded."""
        turn = self._turn()
        for memo in self._outcomes():
            run.labels.setdefault(memo.hash, memo.step)
            engine_memos.save(turn, run, memo.hash, memo.memo, memo.outcome)
            engine_memos.go_on(turn, run, f"{memo.hash}-{memo.outcome}", race=False)
        self._give_out(turn)

    def _turn(self) -> Turn:
        engine = self._simulation._engine
        return Turn(self._simulation.now_ms, engine.state, engine.quirks, Limits())

    def _give_out(self, turn: Turn) -> None:
        """Have what has become due in a turn be worked on."""
        for item in turn.fresh:
            turn.state.backlog.add(item)
        self._runner.tell(ItemDue(0))  # No such item: it gives out what is ready.

    def _begin_with(self, ops: Ops) -> None:
        """Have the engine told of steps as if the code had just reported them."""
        function = self._history.function
        real = self._runner.drivers[function]
        self._probe.is_passing = True

        def give_way() -> None:
            self._runner.drivers[function] = real
            self._probe.is_passing = False

        self._runner.drivers[function] = _Ghost(ops, give_way)


class _Ghost(Driver):
    """Reports what the recorded code has reported, and gives way to the code of now."""

    def __init__(self, ops: Ops, give_way: object) -> None:
        self._ops = ops
        self._give_way = give_way

    def begin(self, request: Request, bench: Bench) -> None:  # noqa: ARG002  # It needs nothing.
        """Answer at once."""
        bench.answer(self._ops)
        assert callable(self._give_way), "it is a function"
        self._give_way()


def _bare(config: FunctionConfig) -> FunctionConfig:
    return FunctionConfig(
        config.id,
        config.app_id,
        config.name,
        (),
        retries=config.retries,
        request_version=config.request_version,
    )


def _planned(step: Awaited) -> StepPlanned:
    return StepPlanned(step_hash(step.step), *_name_and_index(step.step))


def _under_way(step: Awaited) -> Sleep:
    """Report a wait of any kind as one that is waited for already, so that the group is whole."""
    return Sleep(step_hash(step.step), *_name_and_index(step.step), until=0)


def _name_and_index(label: str) -> tuple[str, int]:
    """Take a label apart; one such as `a:1` may be an id of its own, which comes to the same."""
    name, _, index = label.rpartition(":")
    return (name, int(index)) if name and index.isdecimal() else (label, 0)
