"""A law: whatever messages come in whatever order, the engine stays sound and deterministic."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from dwf_sim.engine import Engine
from dwf_sim.model.effects import Call, Publish, SetTimer
from dwf_sim.model.event import Event, StoredEvent, store_event
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import (
    EventArrived,
    FunctionsServed,
    ItemDue,
    LeaseExpired,
    Message,
    Ops,
    Replied,
    Response,
    RunCancelled,
    SignalSent,
)
from dwf_sim.model.ops import Op, UnknownOp
from dwf_sim.model.records import RunFinished, StepMemoized
from tests.engine.bench import (
    CLOSED,
    SECOND,
    START,
    failed,
    function,
    invoke,
    planned,
    ran,
    returned,
    sleep,
    threw,
    wait,
    wait_signal,
)

T = TypeVar("T")

FUNCTIONS: tuple[FunctionConfig, ...] = (
    function("f", "go", retries=1),
    function("g", "go", "answer", retries=0, request_version=1),
    function("child", "never", retries=1),
    function("watch", "inngest/function.failed", retries=0),
)
MATCH = "event.data.n == async.data.n"


class Storm:
    """Two engines that are told the same, in any order the test likes, and what they answer."""

    def __init__(self) -> None:
        self.engines = (Engine(), Engine())
        self.now = START
        self.numbers: list[int] = []
        self.timers: list[SetTimer] = []
        self.events: list[StoredEvent] = []
        self.ends: Counter[str] = Counter()
        self.memoized: Counter[tuple[str, str]] = Counter()
        self.memos: dict[tuple[str, str], str] = {}
        self.tell(FunctionsServed(FUNCTIONS))

    def tell(self, message: Message) -> None:
        """Let both engines handle a message, and check what must always hold."""
        first, second = (engine.handle(self.now, message) for engine in self.engines)
        assert first == second
        for effect in first:
            if isinstance(effect, Call):
                assert not self.engines[0].state.runs[effect.request.run_id].is_ended
                self.numbers.append(effect.request.number)
            elif isinstance(effect, SetTimer):
                assert effect.at + effect.spread > self.now
                self.timers.append(effect)
            elif isinstance(effect, Publish):
                self.events.append(effect.event)
            elif isinstance(effect, RunFinished):
                self.ends[effect.run] += 1
            elif isinstance(effect, StepMemoized):
                self.memoized[effect.run, effect.step] += 1
        self.check()

    def check(self) -> None:
        """Runs end once, memos stay, and nothing is left of a run that has ended."""
        state = self.engines[0].state
        assert max(self.ends.values(), default=1) == 1
        assert max(self.memoized.values(), default=1) == 1
        for run in state.runs.values():
            assert run.is_ended == (run.id in self.ends)
            for key, memo in run.memos.items():
                assert self.memos.setdefault((run.id, key), memo) == memo
            assert not run.is_ended or not (run.items or run.pauses or run.pending)
        assert sum(len(run.memos) for run in state.runs.values()) == len(self.memos)
        assert state.backlog.take(self.now) is None
        assert len(set(self.numbers)) == len(self.numbers)
        waiting = {seq for run in state.runs.values() for seq in run.items}
        leased = {item.seq for item in state.leased.values()}
        assert waiting == set(state.waiting)
        assert not waiting & leased


@attrs.frozen
class Happening:
    """Something that can happen; `nth` picks among what is there, the newest first."""

    kind: str
    nth: int
    name: str = ""
    event_id: str = ""
    response: Response = CLOSED


def pick(things: list[T], nth: int) -> list[T]:
    """Pick one, counted from the newest, or none if there is none."""
    return [things[-1 - nth % len(things)]] if things else []


def happen(storm: Storm, thing: Happening) -> None:
    """Let one thing happen."""
    match thing.kind:
        case "event":
            data, ts = {"n": thing.nth % 2}, 0 if thing.nth else storm.now + SECOND
            event = Event(thing.name, data, id=thing.event_id, ts=ts)
            name = f"event-{len(storm.events)}"
            storm.events.append(store_event(event, internal_id=name, now=storm.now))
            storm.tell(EventArrived(storm.events[-1]))
        case "delivery":
            for stored in pick(storm.events, thing.nth):
                storm.tell(EventArrived(stored))
        case "reply":
            for number in pick(storm.numbers, thing.nth):
                storm.tell(Replied(number, thing.response))
        case "timer":
            for timer in pick(storm.timers, thing.nth):
                storm.now = max(storm.now, timer.at + min(timer.spread, thing.nth))
                storm.tell(ItemDue(timer.item))
        case "lost lease":
            for number in pick(storm.numbers, thing.nth):
                storm.tell(LeaseExpired(number))
        case "signal":
            storm.tell(SignalSent("ping", str(thing.nth)))
        case "cancel":
            for run_id in pick(list(storm.engines[0].state.runs), thing.nth):
                storm.tell(RunCancelled(run_id))
        case _:
            storm.now += thing.nth * 10 * SECOND


LABELS = st.sampled_from(["a", "b", "c"])
RACE = st.booleans()
TIMEOUTS = st.sampled_from(["", "1s", "1m", "soon", "367d"])


def _unknown(label: str) -> UnknownOp:
    return UnknownOp(step_hash(label), label, 0, "Teleport")


OP: st.SearchStrategy[Op] = st.one_of(
    st.builds(ran, LABELS, st.integers(0, 1), race=RACE),
    st.builds(planned, LABELS, race=RACE),
    st.builds(failed, LABELS, final=st.booleans(), race=RACE),
    st.builds(sleep, LABELS, TIMEOUTS | st.sampled_from([START, START + 30 * SECOND]), race=RACE),
    st.builds(wait, LABELS, st.just("answer"), TIMEOUTS, st.sampled_from([None, MATCH]), race=RACE),
    st.builds(
        wait_signal,
        LABELS,
        st.just("ping"),
        TIMEOUTS,
        st.sampled_from(["fail", "replace"]),
        race=RACE,
    ),
    st.builds(
        invoke, LABELS, st.sampled_from(["app-child", "app-none"]), timeout=TIMEOUTS, race=RACE
    ),
    st.builds(_unknown, LABELS),
)
RETRY_AT = st.sampled_from([None, START, START + 30 * SECOND])
RESPONSE: st.SearchStrategy[Response] = st.one_of(
    st.builds(Ops, st.lists(OP, max_size=3).map(tuple), RETRY_AT),
    st.lists(OP, min_size=2, max_size=4).map(lambda ops: Ops(tuple(ops))),
    st.builds(returned, st.integers(0, 1)),
    st.builds(threw, retriable=st.booleans(), retry_at=RETRY_AT),
    st.just(CLOSED),
)
NTH = st.integers(0, 6)
HAPPENING = st.one_of(
    st.builds(
        Happening,
        st.just("event"),
        NTH,
        name=st.sampled_from(["go", "answer"]),
        event_id=st.sampled_from(["", "x"]),
    ),
    st.builds(Happening, st.just("reply"), st.integers(0, 2), response=RESPONSE),
    st.builds(Happening, st.just("reply"), NTH, response=RESPONSE),
    st.builds(Happening, st.just("timer"), NTH),
    st.builds(
        Happening,
        st.sampled_from(["delivery", "lost lease", "signal", "cancel", "nothing"]),
        NTH,
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(HAPPENING, max_size=40))
def test_whatever_comes_the_engine_stays_sound_and_says_the_same_twice(
    happenings: list[Happening],
) -> None:
    storm = Storm()
    storm.tell(EventArrived(store_event(Event("go"), internal_id="first", now=START)))

    for thing in happenings:
        happen(storm, thing)

    first, second = (engine.state for engine in storm.engines)
    assert [run.status for run in first.runs.values()] == [
        run.status for run in second.runs.values()
    ]
