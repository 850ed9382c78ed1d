"""The backlog against a scan of all that waits: at every moment both give the same items (ALG4)."""

from __future__ import annotations

import heapq
import os

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwf_sim.engine.backlog import Backlog, Lane
from dwf_sim.flow.concurrency import SlotGate, Slots
from dwf_sim.flow.gcra import Gcra, Rate
from dwf_sim.flow.throttle import RateGate
from dwf_sim.model.flow_control import Throttle
from dwf_sim.model.gate import Gate
from dwf_sim.model.run import EDGE, START, Item, Run
from tests.engine.bench import function

EXAMPLES = int(os.environ.get("DWF_HISTORIES", "250"))
NAMES = ("f", "g")
FUNCTIONS = {f"app-{name}": function(name) for name in NAMES}
_small = st.integers(0, 11)
Act = tuple[str, int, int]


@attrs.frozen
class Limits:
    """The limits of one function: on itself, on its own key, on a shared key, on its starts."""

    own: int
    keyed: int
    shared: int
    starts: int
    period: int


@attrs.define
class World:
    """A backlog, all that waits in it in one plain list, and the gates of both."""

    limits: dict[str, Limits]
    backlog: Backlog
    now: int = 0
    waiting: list[Item] = attrs.field(factory=list)
    flying: list[Item] = attrs.field(factory=list)
    runs: list[Run] = attrs.field(factory=list)
    paused: dict[str, None] = attrs.field(factory=dict)
    timers: list[tuple[int, str]] = attrs.field(factory=list)
    slots: dict[str, Slots] = attrs.field(factory=dict)
    rates: dict[str, RateGate] = attrs.field(factory=dict)
    stops: dict[str, tuple[Gate, ...]] = attrs.field(factory=dict)
    items_made: int = 0
    given: int = 0

    def __attrs_post_init__(self) -> None:
        account = self.slot("account", 4, stops=True)
        for name, limits in self.limits.items():
            self.stops[name] = account, self.slot(f"function {name}", limits.own, stops=True)
            self.backlog.set_stops(name, self.stops[name])

    def slot(self, key: str, limit: int, *, stops: bool = False) -> SlotGate:
        """Make a gate to the slots of a key, which others may share."""
        gate = SlotGate(key, "concurrency", self.slots.setdefault(key, Slots()), limit, str(limit))
        gate.stops = stops
        return gate

    def rate(self, key: str, limits: Limits) -> RateGate:
        """Find the gate to the starts of a function."""
        if key not in self.rates:
            throttle = Throttle(limit=limits.starts, period=limits.period)
            rate = Rate(limits.starts, limits.period, limits.starts)
            self.rates[key] = RateGate(key, "throttle", Gcra(rate), throttle, {})
        return self.rates[key]

    def schedule(self, a: int, b: int) -> Run:
        """Make a run of some function, with keys of its own."""
        name = list(self.limits)[a % len(self.limits)]
        limits, number = self.limits[name], len(self.runs)
        run = Run(f"run-{number}", f"{name}#{number}", FUNCTIONS[name], (), self.now)
        run.gates = (
            self.slot(f"{name}: k = {b % 2}", limits.keyed),
            self.slot(f"env: s = {a // 2 % 2}", limits.shared),
        )[: 1 + b // 6]
        run.start_gates = (*run.gates, self.rate(f"starts of {name}: {b // 3 % 2}", limits))
        run.lane = "\n".join(gate.key for gate in run.gates)
        run.start_lane = "\n".join(gate.key for gate in run.start_gates)
        self.runs.append(run)
        return run

    def add(self, item: Item) -> None:
        """Let an item come due."""
        item.run.items[item.seq] = item
        self.waiting.append(item)
        self.backlog.add(item)

    def add_new(self, run: Run, kind: str, score: int) -> None:
        """Let a new item come due."""
        self.items_made += 1
        self.add(Item(self.items_made, run, kind, self.now, score=score))

    def drop(self, items: list[Item]) -> None:
        """Take items out that wait."""
        for item in items:
            self.waiting.remove(item)
            del item.run.items[item.seq]

    def settle(self) -> None:
        """Take all that may go, each the one that a scan of its function would give."""
        while True:
            expected = {name: self.scan(name) for name in self.limits}
            item = self.backlog.take(self.now)
            if item is None:
                assert expected == dict.fromkeys(expected)
                break
            assert item is expected[item.run.function.id]
            self.waiting.remove(item)
            self.flying.append(item)
            self.given += 1
        for key, at in self.backlog.openings:
            heapq.heappush(self.timers, (at, key))
        self.backlog.openings.clear()
        while self.timers and not self.backlog.is_waited_for(self.timers[0][1]):
            heapq.heappop(self.timers)  # Nobody waits for it, so it is forgotten.

    def scan(self, name: str) -> Item | None:
        """Give the first item that may go, as the real server looks for it: one after another."""
        mine = [item for item in self.waiting if item.run.function.id == name]
        if name in self.paused or self.is_closed(self.stops[name], 0):
            return None
        for item in sorted(mine, key=lambda item: (item.score, item.seq)):
            gates = item.run.start_gates if item.kind == START else item.run.gates
            if not self.is_closed(gates, item.seq):
                return item
        return None

    def is_closed(self, gates: tuple[Gate, ...], seq: int) -> bool:
        """Whether something is in the way of an item."""
        return any(gate.opens_at(self.now, seq) != self.now for gate in gates)

    def wait(self, ms: int) -> None:
        """Let time pass; whatever can go meanwhile goes as timers come due."""
        self.settle()
        until = self.now + ms
        while self.timers and self.timers[0][0] <= until:
            self.now, _ = heapq.heappop(self.timers)
            self.settle()
        self.now = until
        assert all(self.scan(name) is None for name in self.limits), "a timer was missing"


def act(world: World, act: Act) -> None:
    """Do one thing to both."""
    kind, a, b = act
    flying, waiting = world.flying, world.waiting
    if kind == "start":
        world.add_new(world.schedule(a, b), START, world.now - b)
    elif kind == "step" and world.runs:
        run = world.runs[(12 * a + b) % len(world.runs)]
        world.add_new(run, EDGE, run.created_at)
    elif kind in ("leave", "retry") and flying:
        item = flying.pop(a % len(flying))
        world.backlog.leave(world.now, item.gates)
        if kind == "retry":
            item.score += b
            world.add(item)
    elif kind == "drop" and waiting:
        run = waiting[a % len(waiting)].run
        world.drop([item for item in waiting if item.run is run])
    elif kind == "wait":
        world.wait((1, 100, 1000, 400_000)[b % 4] * (a + 1))
    elif kind in ("pause", "resume"):
        name = list(world.limits)[a % len(world.limits)]
        if kind == "pause":
            world.paused[name] = None
            world.backlog.pause(name)
        else:
            world.paused.pop(name, None)
            world.backlog.resume(name)


_limits = st.builds(
    Limits,
    own=st.integers(1, 4),
    keyed=st.integers(0, 3),
    shared=st.integers(1, 3),
    starts=st.integers(1, 2),
    period=st.sampled_from((100, 1000, 700_000)),
)
_kinds = ("start", "start", "step", "leave", "leave", "retry", "drop", "wait", "pause", "resume")
_turns = st.lists(
    st.lists(st.tuples(st.sampled_from(_kinds), _small, _small), min_size=1, max_size=4),
    max_size=30,
)


def live(limits: tuple[Limits, Limits], turns: list[list[Act]], backlog: Backlog) -> World:
    """Live through all turns; after each, what may go is taken."""
    world = World(dict(zip(FUNCTIONS, limits, strict=True)), backlog)
    for turn in turns:
        for each in turn:
            act(world, each)
        world.settle()
    return world


@pytest.mark.rule("B73", "B84", "B89", "B135")
@settings(max_examples=EXAMPLES, deadline=None)
@given(st.tuples(_limits, _limits), _turns)
def test_the_backlog_gives_what_a_scan_of_all_that_waits_would_give(
    limits: tuple[Limits, Limits], turns: list[list[Act]]
) -> None:
    live(limits, turns, Backlog())


class Forgetful(Backlog):
    """Lets one out at a gate that opens, and forgets that the next one could go as well."""

    def _relay(self, now: int, lane: Lane) -> None:  # noqa: ARG002  # As the original.
        lane.let_out_by = None


class Deaf(Backlog):
    """Does not hear that a function is paused."""

    def pause(self, function_id: str) -> None:
        """Go on."""


@pytest.mark.parametrize(
    ("wrong", "turns"),
    [
        # Three of a lane and another: when the third finds its throttle closed, the other may go.
        (Forgetful, [*[[("start", 0, b)] for b in (4, 4, 4, 0)], *[[("leave", 0, 0)]] * 2]),
        (Deaf, [[("pause", 0, 0)], [("start", 0, 0)]]),
    ],
)
def test_the_law_refuses_a_backlog_that_is_forgetful_or_deaf(
    wrong: type[Backlog], turns: list[list[Act]]
) -> None:
    limits = Limits(own=4, keyed=1, shared=1, starts=1, period=1000)

    live((limits, limits), turns, Backlog())

    with pytest.raises(AssertionError):
        live((limits, limits), turns, wrong())
