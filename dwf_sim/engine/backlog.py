"""The backlog: items that are due and wait for a worker, in order, behind gates (B84, B89, B135).

Each function has its own order. Items of a function that need the same gates form a lane, so one
look at the head of a lane speaks for all of it: what an item costs does not grow with how many
wait. A lane whose head finds a gate closed is parked there; when the gate opens, the lane with the
oldest head is let out, and the next one when that one has gone through or has been parked
elsewhere.
"""

from __future__ import annotations

import heapq
from typing import TypeAlias

import attrs

from dwf_sim.model.gate import Gate
from dwf_sim.model.run import START, Item

# Where an item stands in the order of its function: by score; of one score, the older run first
# (a burst of events has one instant here, on the server a few); of one run, as queued (B135-B139).
Place: TypeAlias = tuple[int, int, int]


@attrs.define(eq=False)
class Lane:
    """Items of one function that need the same gates; the lowest score goes first."""

    function_id: str
    name: str
    gates: tuple[Gate, ...]
    items: list[tuple[Place, Item]] = attrs.field(factory=list)
    parked_at: str | None = None  # The key of a gate.
    let_out_by: Gate | None = None
    told: tuple[str, Place] | None = None  # At which gate its head was last found waiting.
    entry: int = 0  # The number of its newest entry in a heap; older ones are void.

    def head(self) -> Place | None:
        """Give the place of the first item that was not dropped."""
        items = self.items
        while items:
            place, item = items[0]
            if item.seq in item.run.items:
                return place
            heapq.heappop(items)
        return None


# Lanes by their heads, as they were when put here, and the number of the entry.
_Heap = list[tuple[Place, int, Lane]]


@attrs.define(eq=False)
class _Function:
    stops: tuple[Gate, ...] = ()
    lanes: dict[str, Lane] = attrs.field(factory=dict)
    open: _Heap = attrs.field(factory=list)
    loose: list[tuple[Place, Item]] = attrs.field(factory=list)  # What needs no gates.
    is_paused: bool = False


class Backlog:
    """Give it items as they come due, take items as gates allow.

    `openings` says when gates open by themselves; take again then.
    """

    def __init__(self) -> None:
        self._functions: dict[str, _Function] = {}
        self._parked: dict[str, dict[str, _Heap]] = {}  # By gate key, then by function.
        self._awake: dict[str, None] = {}  # Functions that may have something to give.
        self._stopped: dict[str, dict[str, None]] = {}  # Functions, by the key that stopped them.
        self._entries = 0
        self._opens_at: dict[str, int] = {}
        self._opening: list[tuple[int, str]] = []  # A heap of the same.
        self.openings: list[tuple[str, int]] = []
        self.parked: list[Item] = []  # Who found a gate closed since somebody last looked.

    @property
    def may_give(self) -> bool:
        """Whether it is worth asking for an item."""
        return bool(self._awake or self._opening)

    def add(self, item: Item) -> None:
        """Take an item in that is due."""
        run = item.run
        function_id = run.function.id
        function = self._functions.get(function_id) or self._function(function_id)
        gates, name = _way(item)
        if not gates:
            heapq.heappush(function.loose, ((item.score, run.nth, item.seq), item))
            self._awake[function_id] = None
            return
        lane = function.lanes.get(name)
        if lane is None:
            lane = function.lanes[name] = Lane(function_id, name, gates)
        head = item.score, run.nth, item.seq
        heapq.heappush(lane.items, (head, item))
        if lane.head() == head:
            # Even if the lane is parked: the gate may be open by now, with another lane on its way
            # to it that is younger than this head.
            lane.parked_at = None
            self._push(function.open, lane, head)
            self._awake[function_id] = None

    def pass_by(self, now: int, item: Item) -> bool:
        """Let an item that was not added through at once, if all is free; say whether it was."""
        run = item.run
        function = self._functions[run.function.id]
        if self._awake or function.open or function.loose or function.is_paused:
            return False
        if self._opening and self._opening[0][0] <= now:
            return False
        if run.start_gates or item.seq not in run.items:
            return False
        if _closed(function.stops, now, item.seq) is not None:
            return False
        _give(item, function.stops, now)
        return True

    def take(self, now: int) -> Item | None:
        """Take the next item that may go to a worker, through its gates; None when there is none.

        Among functions the one with the oldest head is asked first (B141).
        """
        while self._opening and self._opening[0][0] <= now:
            self._open_next(now)
        while self._awake:
            function_id = self._first_awake()
            item = self._take_of(function_id, now)
            if item is not None:
                return item
            del self._awake[function_id]
        return None

    def leave(self, now: int, gates: tuple[Gate, ...]) -> None:
        """Take an item's gates back that it has passed."""
        parked = self._parked
        for gate in gates:
            gate.leave()
            if parked and gate.key in parked:
                self._let_out_all(now, gate.key)
            if self._stopped and gate.stops:
                for key in gate.frees:
                    self._awake.update(self._stopped.pop(key, {}))

    def _open_next(self, now: int) -> None:
        """Let out who is first where a gate has opened by itself.

        All such gates before anything is taken, so that nobody who has just come is ahead of
        those who wait there.
        """
        at, key = heapq.heappop(self._opening)
        if self._opens_at.get(key) == at:
            del self._opens_at[key]
        self._let_out_all(now, key)

    def _let_out_all(self, now: int, key: str) -> None:
        for function_id in list(self._parked.get(key, ())):
            self._let_out(now, key, function_id)

    def pause(self, function_id: str) -> None:
        """Hold back all items of a function."""
        self._function(function_id).is_paused = True

    def resume(self, function_id: str) -> None:
        """Give the items of a function again."""
        self._function(function_id).is_paused = False
        self._awake[function_id] = None

    def is_paused(self, function_id: str) -> bool:
        """Whether a function is held back."""
        function = self._functions.get(function_id)
        return function is not None and function.is_paused

    def set_stops(self, function_id: str, stops: tuple[Gate, ...]) -> None:
        """Say which gates are for all items of a function."""
        function = self._function(function_id)
        if function.stops != stops:
            function.stops = stops
            self._awake[function_id] = None  # A limit may have been raised.

    def why_waits(self, now: int, item: Item) -> tuple[str, str]:
        """Name the policy that holds an item up, and say with which key and numbers."""
        function = self._functions[item.run.function.id]
        if function.is_paused:
            return "pause", "the function is paused"
        gates, name = _way(item)
        lane = function.lanes.get(name)
        gate = next((gate for gate in gates if lane and gate.key == lane.parked_at), None)
        gate = gate or _closed((*function.stops, *gates), now, item.seq)
        return ("order", "older ones wait") if gate is None else (gate.policy, gate.describe(now))

    def is_waited_for(self, key: str) -> bool:
        """Whether anybody still waits at a gate."""
        for heap in self._parked.get(key, {}).values():
            while heap:
                _, entry, lane = heap[0]
                if lane.entry == entry and lane.head() is not None:
                    return True
                heapq.heappop(heap)
                if lane.entry == entry:  # All its items were dropped.
                    del self._functions[lane.function_id].lanes[lane.name]
        return False

    def _function(self, function_id: str) -> _Function:
        function = self._functions.get(function_id)
        if function is None:
            function = self._functions[function_id] = _Function()
        return function

    def _first_awake(self) -> str:
        if len(self._awake) == 1:
            return next(iter(self._awake))
        return min(self._awake, key=self._order)

    def _order(self, function_id: str) -> tuple[int, ...]:
        function = self._functions[function_id]
        heads = [heap[0][0] for heap in (function.loose, function.open) if heap]
        return min(heads, default=(-1,))  # With nothing to give it is soon asleep.

    def _take_of(self, function_id: str, now: int) -> Item | None:
        function = self._functions[function_id]
        while not function.is_paused:
            head, loose = self._first(function.open, now), _first_loose(function.loose)
            if head is None and loose is None:
                return None
            if (stop := _closed(function.stops, now, 0)) is not None:
                self._stopped.setdefault(stop.closed_by(), {})[function_id] = None
                return None
            if head is None or (loose is not None and loose < head[0]):
                return _give(heapq.heappop(function.loose)[1], function.stops, now)
            heapq.heappop(function.open)
            place, lane = head
            gate = _closed(lane.gates, now, place[2])
            if gate is None:
                return self._pass(function, lane, now)
            self._park(now, lane, gate, place)
        return None

    def _pass(self, function: _Function, lane: Lane, now: int) -> Item:
        item = _give(heapq.heappop(lane.items)[1], (*function.stops, *lane.gates), now)
        head = lane.head()
        if head is not None:
            self._push(function.open, lane, head)
        else:
            del function.lanes[lane.name]
        self._relay(now, lane)
        return item

    def _park(self, now: int, lane: Lane, gate: Gate, head: Place) -> None:
        if not self.is_waited_for(gate.key):  # A timer that nobody waits for may be forgotten.
            self._opens_at.pop(gate.key, None)
        lane.parked_at = gate.key
        heaps = self._parked.setdefault(gate.key, {})
        self._push(heaps.setdefault(lane.function_id, []), lane, head)
        self._expect(gate, gate.opens_at(now, head[2]))
        if lane.told != (gate.key, head):  # It may come back to the same gate many times.
            lane.told = gate.key, head
            self.parked.append(lane.items[0][1])
        self._relay(now, lane)

    def _relay(self, now: int, lane: Lane) -> None:
        """The gate that let this lane out may be open still: it is the next one's turn."""
        gate, lane.let_out_by = lane.let_out_by, None
        if gate is not None:
            self._let_out(now, gate.key, lane.function_id)

    def _let_out(self, now: int, key: str, function_id: str) -> None:
        heaps = self._parked.get(key, {})
        heap = heaps.get(function_id, [])
        head = self._first(heap, now)
        if head is not None:
            place, lane = head
            gate = next(gate for gate in lane.gates if gate.key == key)
            opens_at = gate.opens_at(now, place[2])
            if opens_at != now:
                self._expect(gate, opens_at)
                return
            heapq.heappop(heap)
            lane.parked_at, lane.let_out_by = None, gate
            self._push(self._functions[function_id].open, lane, place)
            self._awake[function_id] = None
        if not heap:
            heaps.pop(function_id, None)
            if not heaps:
                self._parked.pop(key, None)

    def _first(self, heap: _Heap, now: int) -> tuple[Place, Lane] | None:
        """Find the lane with the oldest head, and put right what is out of date before it."""
        while heap:
            place, entry, lane = heap[0]
            if lane.entry != entry:
                heapq.heappop(heap)
                continue
            head = lane.head()
            if head == place:
                return place, lane
            heapq.heappop(heap)
            if head is None:
                del self._functions[lane.function_id].lanes[lane.name]
            else:
                self._push(heap, lane, head)
            self._relay(now, lane)  # Whose turn it was is gone.
        return None

    def _push(self, heap: _Heap, lane: Lane, head: Place) -> None:
        self._entries += 1
        lane.entry = self._entries
        heapq.heappush(heap, (head, self._entries, lane))

    def _expect(self, gate: Gate, opens_at: int | None) -> None:
        if opens_at is not None and self._opens_at.get(gate.key) != opens_at:
            self._opens_at[gate.key] = opens_at
            heapq.heappush(self._opening, (opens_at, gate.key))
            self.openings.append((gate.key, opens_at))


def _way(item: Item) -> tuple[tuple[Gate, ...], str]:
    """Give the gates an item needs, and the name of its lane."""
    run = item.run
    if item.kind != START:
        return run.gates, run.lane
    if any(gate.knows(item.seq) for gate in run.start_gates):  # Nobody else speaks for it.
        return run.start_gates, f"{run.start_lane}\n{item.seq}"
    return run.start_gates, run.start_lane


def _closed(gates: tuple[Gate, ...], now: int, seq: int) -> Gate | None:
    for gate in gates:
        if gate.opens_at(now, seq) != now:
            return gate
    return None


def _first_loose(loose: list[tuple[Place, Item]]) -> Place | None:
    while loose and loose[0][1].seq not in loose[0][1].run.items:
        heapq.heappop(loose)
    return loose[0][0] if loose else None


def _give(item: Item, gates: tuple[Gate, ...], now: int) -> Item:
    for gate in gates:
        gate.enter(now, item.seq)
    item.gates = gates
    del item.run.items[item.seq]
    return item
