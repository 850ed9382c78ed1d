"""The backlog: what waits goes in order, gates hold up no more than they must, nobody is left."""

from __future__ import annotations

import attrs
import pytest

from dwf_sim.engine.backlog import Backlog
from dwf_sim.flow.concurrency import SlotGate, Slots
from dwf_sim.flow.gcra import Gcra, Rate
from dwf_sim.flow.throttle import RateGate
from dwf_sim.model.flow_control import Throttle
from dwf_sim.model.gate import Gate
from dwf_sim.model.run import EDGE, START, Item, Run
from tests.engine.bench import MINUTE, SECOND, function


def slots(key: str, limit: int, *, stops: bool = False) -> SlotGate:
    """Make a gate of its own."""
    gate = SlotGate(key, "concurrency", Slots(), limit, str(limit))
    gate.stops = stops
    return gate


def one_in(seconds: int) -> RateGate:
    """Make a gate that one start may pass at a time."""
    settings = Throttle(limit=1, period=seconds * SECOND, burst=0)
    return RateGate("starts", "throttle", Gcra(Rate(1, seconds * SECOND, 0)), settings, {})


@attrs.define
class Bay:
    """A backlog and the items put into it; an item is known by its score, a run has one item."""

    backlog: Backlog = attrs.field(factory=Backlog)
    now: int = 0
    items: dict[int, Item] = attrs.field(factory=dict)

    def add(self, *scores: int, gates: tuple[Gate, ...] = (), name: str = "f") -> None:
        """Let items come due whose runs need these gates."""
        for score in scores:
            run = Run(f"run-{score}", "", function(name), (), 0, gates=gates, start_gates=gates)
            run.lane = run.start_lane = "\n".join(gate.key for gate in gates)
            self.put(Item(score, run, START, 0, score=score))

    def put(self, item: Item) -> None:
        """Let an item come due."""
        self.items[item.score] = item
        item.run.items[item.seq] = item
        self.backlog.add(item)

    def take(self) -> list[int]:
        """Take all that may go."""
        taken = []
        while (item := self.backlog.take(self.now)) is not None:
            taken.append(item.score)
        return taken

    def leave(self, score: int) -> None:
        """Let an item be done with."""
        self.backlog.leave(self.now, self.items[score].gates)

    def drop(self, *scores: int) -> None:
        """Take items out that wait."""
        for score in scores:
            self.items[score].run.items.clear()

    def open_gates(self) -> None:
        """Let time pass until gates open that were said to."""
        for key, at in list(self.backlog.openings):
            self.backlog.openings.remove((key, at))
            self.now = max(self.now, at)


@pytest.mark.rule("B135")
def test_items_go_by_score_and_not_as_they_came() -> None:
    bay = Bay()

    bay.add(3, 1, 2)

    assert bay.take() == [1, 2, 3]


@pytest.mark.rule("B139")
def test_of_equal_scores_the_one_made_first_goes_first() -> None:
    bay = Bay()
    bay.add(1, 2, 3)
    for item in bay.items.values():
        item.score = 7
    for item in reversed(bay.items.values()):
        bay.backlog.add(item)

    taken = [bay.backlog.take(0) for _ in range(3)]

    assert [item.seq for item in taken if item is not None] == [1, 2, 3]


@pytest.mark.rule("B141")
def test_of_several_functions_the_one_with_the_oldest_goes_first() -> None:
    bay = Bay()

    bay.add(2, 4, name="f")
    bay.add(1, 3, name="g")

    assert bay.take() == [1, 2, 3, 4]


@pytest.mark.rule("B89")
def test_a_gate_that_stops_holds_up_all_that_is_behind() -> None:
    bay = Bay()
    bay.backlog.set_stops("app-f", (slots("function", 1, stops=True),))
    bay.add(1, 2, 3)

    first = bay.take()
    bay.leave(1)

    assert (first, bay.take()) == ([1], [2])


@pytest.mark.rule("B89")
def test_a_gate_of_a_key_holds_up_those_of_the_key_only() -> None:
    bay = Bay()
    a, b = slots("a", 1), slots("b", 1)
    bay.add(1, 2, gates=(a,))
    bay.add(3, 4, gates=(b,))

    first = bay.take()
    bay.leave(3)

    assert (first, bay.take()) == ([1, 3], [4])


@pytest.mark.rule("B84")
def test_an_item_that_one_gate_holds_up_takes_nothing_at_the_others() -> None:
    bay = Bay()
    a, b = slots("a", 1), slots("b", 1)
    bay.add(1, gates=(a,))
    bay.add(2, gates=(b, a))
    bay.add(3, gates=(b,))

    taken = bay.take()

    assert taken == [1, 3]


def test_who_leaves_a_shared_gate_lets_the_oldest_of_all_functions_through() -> None:
    bay = Bay()
    shared = slots("shared", 1)
    bay.add(1, 4, name="f", gates=(shared,))
    bay.add(3, name="g", gates=(shared,))
    bay.add(2, name="h", gates=(shared,))

    orders = [bay.take()]
    for score in (1, 2, 3):
        bay.leave(score)
        orders.append(bay.take())

    assert orders == [[1], [2], [3], [4]]


def test_two_gates_may_share_slots_under_limits_of_their_own() -> None:
    bay = Bay()
    small, large = slots("shared", 1), slots("shared", 2)
    large.slots = small.slots
    bay.add(1, 2, name="f", gates=(small,))
    bay.add(3, 4, name="g", gates=(large,))

    assert bay.take() == [1, 3]


@pytest.mark.rule("B73")
def test_a_gate_that_opens_by_itself_says_when() -> None:
    bay = Bay()
    bay.add(1, 2, 3, gates=(one_in(10),))

    taken = [bay.take()]
    for _ in range(2):
        bay.open_gates()
        taken.append(bay.take())

    assert taken == [[1], [2], [3]]
    assert bay.now == 20 * SECOND
    assert bay.backlog.openings == []


def test_an_opening_is_announced_once_however_many_wait_for_it() -> None:
    bay = Bay()
    gate = one_in(10)
    for lane in "abc":
        bay.add(*range(ord(lane), ord(lane) + 1), gates=(slots(lane, 1), gate))

    bay.take()

    assert bay.backlog.openings == [("starts", 10 * SECOND)]


def test_a_gate_is_waited_for_as_long_as_somebody_is_left_there() -> None:
    bay = Bay()
    bay.add(1, 2, gates=(one_in(10),))
    bay.take()

    before = bay.backlog.is_waited_for("starts")
    bay.drop(2)

    assert (before, bay.backlog.is_waited_for("starts")) == (True, False)
    assert not bay.backlog.is_waited_for("another")


def test_an_opening_that_was_forgotten_is_announced_again() -> None:
    bay = Bay()
    gate = one_in(10)
    bay.add(1, 2, gates=(gate,))
    bay.take()
    bay.drop(2)
    bay.backlog.openings.clear()

    bay.add(3, gates=(gate,))
    bay.take()

    assert bay.backlog.openings == [("starts", 10 * SECOND)]


def test_an_item_is_not_left_behind_those_that_were_dropped_before_their_gate_opened() -> None:
    bay = Bay()
    gate = one_in(10)
    bay.add(1, 2, gates=(gate,))
    bay.take()
    bay.drop(2)
    assert not bay.backlog.is_waited_for("starts")

    bay.now = 20 * SECOND
    bay.add(3, gates=(gate,))

    assert bay.take() == [3]


@pytest.mark.rule("B76")
def test_an_item_that_may_pass_a_gate_again_does_not_wait_for_others() -> None:
    bay = Bay()
    gate = one_in(10)
    bay.add(1, 2, 3, gates=(gate,))
    bay.take()

    bay.leave(1)
    bay.put(attrs.evolve(bay.items[1], score=4))

    assert bay.take() == [4]


def test_an_item_that_may_pass_again_no_more_waits_like_any_other() -> None:
    bay = Bay()
    gate = one_in(600)
    bay.add(1, 2, gates=(gate,))
    bay.take()
    bay.leave(1)

    bay.now = 6 * MINUTE
    bay.put(attrs.evolve(bay.items[1], score=3))
    first = bay.take()
    bay.open_gates()

    assert (first, bay.take()) == ([], [2])


@pytest.mark.rule("B73")
def test_who_comes_as_a_gate_opens_is_behind_those_who_wait_there() -> None:
    bay = Bay()
    gate = one_in(10)
    bay.add(1, 2, gates=(gate,))
    bay.take()

    bay.now = 10 * SECOND
    bay.add(3, gates=(slots("a", 1), gate))

    assert bay.take() == [2]


def test_of_gates_that_open_together_the_oldest_item_goes_first() -> None:
    bay = Bay()
    bay.backlog.set_stops("app-f", (slots("function", 2, stops=True),))
    first, second = one_in(10), one_in(10)
    second.key = "more starts"
    bay.add(1, 4, gates=(first,))
    bay.add(2, 3, gates=(second,))
    bay.take()

    bay.leave(2)
    parked = bay.take()
    bay.open_gates()

    assert (parked, bay.take()) == ([], [3])


@pytest.mark.rule("B134", "A226")
def test_a_paused_function_gives_nothing_and_all_of_it_later() -> None:
    bay = Bay()
    bay.add(1, 2)
    bay.add(3, name="g")
    bay.backlog.pause("app-f")

    paused = bay.take()
    bay.backlog.resume("app-f")

    assert (paused, bay.take()) == ([3], [1, 2])
    assert not bay.backlog.is_paused("app-f")


def test_the_next_one_goes_when_the_one_whose_turn_it_was_is_dropped() -> None:
    bay = Bay()
    a, b = slots("a", 1), slots("b", 1)
    bay.add(1, gates=(a,))
    bay.add(2, gates=(a, b))
    bay.add(3, gates=(a,))
    bay.take()

    bay.backlog.pause("app-f")
    bay.leave(1)
    bay.drop(2)
    bay.backlog.resume("app-f")

    assert bay.take() == [3]


def test_whoever_is_behind_one_that_was_dropped_does_not_go_in_its_place() -> None:
    bay = Bay()
    a, b = slots("a", 1), slots("b", 1)
    bay.add(1, gates=(a,))
    bay.add(2, 4, gates=(a, b))
    bay.add(3, gates=(a,))
    bay.take()

    bay.backlog.pause("app-f")
    bay.leave(1)
    bay.drop(2)
    bay.backlog.resume("app-f")

    assert bay.take() == [3]


def test_an_older_one_that_comes_late_goes_before_the_one_whose_turn_it_was() -> None:
    bay = Bay()
    a, b = slots("a", 1), slots("b", 1)
    bay.add(1, gates=(a,))
    bay.add(3, gates=(a, b))
    bay.add(4, gates=(a,))
    bay.take()

    bay.backlog.pause("app-f")
    bay.leave(1)
    bay.add(2, gates=(a,))
    bay.backlog.resume("app-f")

    assert bay.take() == [2]


def test_a_function_that_is_stopped_goes_on_when_its_limit_is_raised() -> None:
    bay = Bay()
    bay.backlog.set_stops("app-f", (slots("function", 1, stops=True),))
    bay.add(1, 2)
    bay.take()

    bay.backlog.set_stops("app-f", (slots("function", 2, stops=True),))

    assert bay.take() == [2]


@pytest.mark.parametrize(
    ("gates", "policy", "reason"),
    [
        ((slots("a", 0),), "concurrency", "0 of 0 are in flight (a)"),
        ((), "order", "older ones wait"),
    ],
)
def test_it_says_why_an_item_waits(gates: tuple[Gate, ...], policy: str, reason: str) -> None:
    bay = Bay()

    bay.add(1, gates=gates)

    assert bay.backlog.why_waits(bay.now, bay.items[1]) == (policy, reason)


def test_a_throttled_item_and_a_paused_function_say_so_too() -> None:
    bay = Bay()
    bay.add(1, 2, gates=(one_in(10),))
    bay.take()

    throttled = bay.backlog.why_waits(bay.now, bay.items[2])
    bay.backlog.pause("app-f")

    wait = "the next start is at 1970-01-01T00:00:10.000Z"
    assert throttled == ("throttle", f"1 in 10s with a burst of 0 (starts); {wait}")
    assert bay.backlog.why_waits(bay.now, bay.items[2]) == ("pause", "the function is paused")


def test_a_step_passes_only_the_gates_that_are_not_for_starts() -> None:
    bay = Bay()
    bay.add(1, 2, gates=(one_in(10),))
    bay.take()
    run = bay.items[2].run
    run.gates, run.lane = (), ""

    bay.put(Item(3, run, EDGE, 0, score=3))

    assert bay.take() == [3]
